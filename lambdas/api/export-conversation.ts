import type * as z from 'zod';
import type { Conversation, Reader, Turn } from '../conversation.ts';
import { AppFailure } from '../errors.ts';
import { FileBody } from '../http/response.ts';
import type { ConversationStore } from '../ports.ts';
import { conversationMarkdown } from './conversation-markdown.ts';
import { requireConversationId, turnView } from './conversations.ts';
import type { exportQuery } from './schemas.ts';

/** A function's reply has 6 MB at most, in which quotes and control characters of the text cost one more each. */
const MOST_BYTES = 4_000_000;
const TURNS_A_PAGE = 100;

/**
 * A whole conversation as a file: every branch as JSON, or the newest path as Markdown to read on.
 * @throws AppFailure conversation-not-found, export-too-large
 */
export async function exportConversation(
  store: ConversationStore,
  reader: Reader,
  conversationId: string,
  { format }: z.infer<typeof exportQuery>,
): Promise<FileBody> {
  requireConversationId(conversationId);
  const exportedAt = new Date().toISOString();
  const { conversation, turns, newestPath } = await readAll(store, reader, conversationId);
  const name = `conversation-${conversationId}`;
  if (format === 'markdown') {
    const path = newestPath.flatMap(turnId => turns.find(turn => turn.turnId === turnId) ?? []);
    return fileOf(`${name}.md`, 'text/markdown; charset=utf-8', conversationMarkdown(conversation, path, exportedAt));
  }
  const whole = { ...conversation, turns: turns.map(turnView), newestPath, exportedAt };
  return fileOf(`${name}.json`, 'application/json', JSON.stringify(whole, undefined, 2));
}

function fileOf(name: string, type: string, text: string): FileBody {
  if (Buffer.byteLength(text) > MOST_BYTES) throw new AppFailure({ kind: 'export-too-large', limitBytes: MOST_BYTES });
  return new FileBody(name, type, text);
}

async function readAll(
  store: ConversationStore,
  reader: Reader,
  conversationId: string,
): Promise<{ conversation: Conversation; turns: Turn[]; newestPath: string[] }> {
  const { newestPath = [], ...first } = await store.get(conversationId, reader, { limit: TURNS_A_PAGE });
  const turns = [...first.turns];
  let { cursor } = first;
  while (cursor) {
    const page = await store.get(conversationId, reader, { limit: TURNS_A_PAGE, cursor });
    turns.push(...page.turns);
    cursor = page.cursor;
  }
  return { conversation: first.conversation, turns, newestPath };
}
