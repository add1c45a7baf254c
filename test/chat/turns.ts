import { monotonicFactory, ulid } from 'ulid';
import type { Reader, Turn } from '../../lambdas/conversation.ts';

const access = { role: 'reader', groups: [], readsOpenDocuments: true } as const;
export const ann: Reader = { ...access, tenant: 'default', userId: 'ann' };
export const bob: Reader = { ...access, tenant: 'default', userId: 'bob' };

/** Turns made within one millisecond sort in their order, as those of the story do. */
const nextTurnId = monotonicFactory();

/** A turn of a conversation of its own, unless `turn` says otherwise. */
export const turnOf = (turn: Partial<Turn> = {}): Turn => ({
  turnId: nextTurnId(),
  conversationId: ulid(),
  question: 'How many steps does the tower have?',
  answer: 'It has 212 steps [1].',
  refused: false,
  citations: [],
  usage: { inputTokens: 1, outputTokens: 1, costUsd: 0.001 },
  latencyMs: 5,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...turn,
});
