import { z } from 'zod';
import type { Conversation, Reader, Turn } from '../../lambdas/conversation.ts';
import { newestOf, pathTo } from '../../lambdas/conversation-tree.ts';
import { decodeCursor, encodeCursor } from '../../lambdas/cursor.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import type { ConversationStore } from '../../lambdas/ports.ts';

interface Entry {
  readonly reader: Reader;
  conversation: Conversation;
  titledBy: 'question' | 'model' | 'reader';
  readonly turns: Turn[];
}

const position = z.strictObject({ from: z.number() });

/** Conversations in memory. They do not expire. */
export function inMemoryConversationStore(clock: () => Date = () => new Date()): ConversationStore & { all(): Turn[] } {
  const entries = new Map<string, Entry>();
  const owns = (reader: Reader, entry: Entry) =>
    entry.reader.tenant === reader.tenant && entry.reader.userId === reader.userId;
  const entryOf = (conversationId: string, reader: Reader): Entry => {
    const entry = entries.get(conversationId);
    if (!entry || !owns(reader, entry)) throw new AppFailure({ kind: 'conversation-not-found', conversationId });
    return entry;
  };
  const append = async (turn: Turn, reader: Reader) => {
    const entry = entryOf(turn.conversationId, reader);
    entry.turns.push(turn);
    entry.turns.sort((a, b) => (a.turnId < b.turnId ? -1 : 1));
    entry.conversation = {
      ...entry.conversation,
      turnCount: entry.turns.length,
      updatedAt: clock().toISOString(),
    };
  };

  return {
    append,
    async recentTurns(conversationId, reader, { limit, tip }) {
      const { turns } = entryOf(conversationId, reader);
      const path = pathTo(turns, tip ?? newestOf(turns)?.turnId);
      if (path.length === 0 && tip !== undefined) {
        throw new AppFailure({ kind: 'turn-not-found', conversationId, turnId: tip });
      }
      return path.slice(-limit);
    },
    async begin(turn, reader) {
      const { conversationId, question } = turn;
      const now = clock().toISOString();
      const fresh = { conversationId, title: question.slice(0, 80), turnCount: 0, createdAt: now, updatedAt: now };
      if (!entries.has(conversationId))
        entries.set(conversationId, { reader, conversation: fresh, titledBy: 'question', turns: [] });
      await append(turn, reader);
    },
    async list(reader, { limit, cursor }) {
      const { from } = cursor ? decodeCursor(position, cursor) : { from: 0 };
      const own = [...entries.values()].filter(entry => owns(reader, entry)).map(({ conversation }) => conversation);
      const sorted = own.toReversed().sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
      const to = from + limit;
      return { conversations: sorted.slice(from, to), ...(to < own.length && { cursor: encodeCursor({ from: to }) }) };
    },
    async get(conversationId, reader, { limit, cursor }) {
      const { conversation, turns } = entryOf(conversationId, reader);
      const { from } = cursor ? decodeCursor(position, cursor) : { from: 0 };
      const to = from + limit;
      const newestPath = pathTo(turns, newestOf(turns)?.turnId).map(({ turnId }) => turnId);
      return {
        conversation,
        turns: turns.slice(from, to),
        ...(cursor === undefined && { newestPath }),
        ...(to < turns.length && { cursor: encodeCursor({ from: to }) }),
      };
    },
    async rename(conversationId, reader, title) {
      const entry = entryOf(conversationId, reader);
      entry.conversation = { ...entry.conversation, title };
      entry.titledBy = 'reader';
      return entry.conversation;
    },
    async suggestTitle(conversationId, reader, title) {
      const entry = entries.get(conversationId);
      if (!entry || !owns(reader, entry) || entry.titledBy !== 'question') return false;
      entry.conversation = { ...entry.conversation, title };
      entry.titledBy = 'model';
      return true;
    },
    async setFeedback(conversationId, turnId, reader, feedback) {
      const { turns } = entryOf(conversationId, reader);
      const index = turns.findIndex(turn => turn.turnId === turnId);
      const found = turns[index];
      if (!found) throw new AppFailure({ kind: 'turn-not-found', conversationId, turnId });
      const { feedback: _, ...turn } = found;
      turns[index] = { ...turn, ...(feedback && { feedback }) };
    },
    async setSummary(conversationId, turnId, reader, summary) {
      const entry = entries.get(conversationId);
      const turns = entry && owns(reader, entry) ? entry.turns : [];
      const index = turns.findIndex(turn => turn.turnId === turnId);
      const found = turns[index];
      if (found) turns[index] = { ...found, summary };
      return found !== undefined;
    },
    async remove(conversationId, reader) {
      entryOf(conversationId, reader);
      entries.delete(conversationId);
    },
    all: () => [...entries.values()].flatMap(({ turns }) => turns),
  };
}
