import { z } from 'zod';
import type { Client } from '../client.ts';
import { type Call, defineCommand } from '../command.ts';
import { table } from '../output.ts';
import { UsageError } from '../parse-arguments.ts';
import { conversationShape } from '../shapes.ts';

/** Whole, with its turns: programs read on. */
const exportShape = z.looseObject({ turns: z.array(z.unknown()) });

type ConversationsCall = Call<Record<never, never>>;

export const conversations = defineCommand({
  summary: 'list, show, rename, delete and export conversations',
  help: `Usage: groundwork conversations [list]
       groundwork conversations show <conversation>
       groundwork conversations rename <conversation> <title>
       groundwork conversations delete <conversation>...
       groundwork conversations export [conversation]...

Lists your conversations, last used first; shows one as Markdown, its newest turns and those before them; export does so
for those named, or for all. With --json: one conversation a line, with all its turns.
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

  async show(call, client, names) {
    await write(call, client, one(names, 'show'));
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

  async export(call, client, names) {
    const ids = names.length > 0 ? names : (await Array.fromAsync(all(client))).map(found => found.conversationId);
    for (const id of ids) await write(call, client, id);
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

/** As the API exports it. */
async function write({ output }: ConversationsCall, client: Client, conversationId: string): Promise<void> {
  const path = `${pathOf(conversationId)}/export`;
  if (output.json) output.result(await client.get(exportShape, { path, query: { format: 'json' } }));
  else output.write(await client.text({ path, query: { format: 'markdown' } }));
}
