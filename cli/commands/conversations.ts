import { z } from 'zod';
import type { Client } from '../client.ts';
import { type Call, defineCommand } from '../command.ts';
import { conversationMarkdown } from '../conversation-markdown.ts';
import { table } from '../output.ts';
import { UsageError } from '../parse-arguments.ts';
import { conversationShape, type Turn, turnShape } from '../shapes.ts';

type ConversationsCall = Call<Record<never, never>>;

export const conversations = defineCommand({
  summary: 'list, show, rename, delete and export conversations',
  help: `Usage: groundwork conversations [list]
       groundwork conversations show <conversation>
       groundwork conversations rename <conversation> <title>
       groundwork conversations delete <conversation>...
       groundwork conversations export [conversation]...

Lists your conversations, last used first; shows one with its turns, oldest first; export writes those named, or all, as
Markdown, or with --json one conversation a line.
`,
  options: {},
  async run(call) {
    const [action = 'list', ...names] = call.positionals;
    const run = actions[action];
    if (!run) throw new UsageError(`There is no action "${action}".`);
    await run(call, await call.client(), names);
    return 0;
  },
});

const actions: Readonly<
  Record<string, (call: ConversationsCall, client: Client, names: readonly string[]) => Promise<void>>
> = {
  async list({ output }, client) {
    const found = await Array.fromAsync(all(client));
    for (const conversation of found) output.result(conversation);
    const rows = found.map(({ conversationId, updatedAt, turnCount, title }) => [
      ...[conversationId, updatedAt.slice(0, 16).replace('T', ' '), `${turnCount} turns`, title],
    ]);
    for (const line of table(rows)) output.line(line);
    if (found.length === 0) output.line('No conversations.');
  },

  async show({ output }, client, names) {
    const conversation = await read(client, one(names, 'show'));
    output.result(conversation, conversationMarkdown(conversation));
  },

  async rename({ output }, client, [name = '', ...words]) {
    const title = words.join(' ').trim();
    if (!title) throw new UsageError('Say which, and the title: groundwork conversations rename <id> <title>.');
    const request = { method: 'PATCH', path: pathOf(name), body: { title } } as const;
    const renamed = await client.get(conversationShape, request);
    output.result(renamed, `${renamed.conversationId} is called "${renamed.title}" now.`);
  },

  async delete({ output }, client, names) {
    if (names.length === 0) throw new UsageError('Say which: groundwork conversations delete <id>.');
    for (const conversationId of names) {
      await client.call({ method: 'DELETE', path: pathOf(conversationId) });
      output.result({ conversationId, deleted: true }, `${conversationId} is deleted.`);
    }
  },

  async export({ output }, client, names) {
    const ids = names.length > 0 ? names : (await Array.fromAsync(all(client))).map(found => found.conversationId);
    for (const id of ids) {
      const conversation = await read(client, id);
      output.result(conversation, conversationMarkdown(conversation));
    }
  },
};

const all = (client: Client) => client.list('conversations', conversationShape, { path: 'conversations' });
const pathOf = (conversationId: string) => `conversations/${encodeURIComponent(conversationId)}`;

function one(names: readonly string[], action: string): string {
  const [name] = names;
  if (name === undefined || names.length > 1)
    throw new UsageError(`Say which one: groundwork conversations ${action} <id>.`);
  return name;
}

/** With the turns of all its pages. */
async function read(client: Client, conversationId: string) {
  const path = pathOf(conversationId);
  const turns: Turn[] = [];
  const page = z.looseObject({ ...conversationShape.shape, turns: z.array(turnShape), cursor: z.string().optional() });
  const { cursor: first, ...conversation } = await client.get(page, { path, query: { limit: '100' } });
  turns.push(...conversation.turns);
  for (let cursor = first; cursor; ) {
    const next = await client.get(page, { path, query: { limit: '100', cursor } });
    turns.push(...next.turns);
    cursor = next.cursor;
  }
  return { ...conversation, turns };
}
