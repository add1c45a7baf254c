import * as z from 'zod';
import { type Conversation, FEEDBACK_REASONS, type Reader, type Turn } from '../conversation.ts';
import type { TurnLink } from '../conversation-tree.ts';

/**
 * The items of the Conversations table. A conversation is one partition (`conversationId`): `META` beside one
 * `TURN#<turnId>` a turn, which sort by time. All carry `owner`, so that a single read shows whose they are, and
 * `expiresAt` (epoch seconds). Only `META` carries `updatedAt`, the sort key of the index `owner-updatedAt`, so the index
 * holds exactly the conversations.
 */
export const META = 'META';
export const TURN_PREFIX = 'TURN#';

/** Encoded, so that no choice of tenant and user can read as another pair's. */
export const ownerOf = ({ tenant, userId }: Reader): string =>
  `${encodeURIComponent(tenant)}#${encodeURIComponent(userId)}`;

/** Code points of the question that title a conversation. */
const TITLE_LENGTH = 80;

export function titleOf(question: string): string {
  const points = [...question.replaceAll(/\s+/g, ' ').trim()];
  return points.length <= TITLE_LENGTH ? points.join('') : `${points.slice(0, TITLE_LENGTH - 1).join('')}…`;
}

const owned = { conversationId: z.string(), sk: z.string(), owner: z.string(), expiresAt: z.number() };
const metaItem = z.object({
  ...owned,
  title: z.string(),
  turnCount: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

const place = z.object({
  page: z.number().optional(),
  sheet: z.string().optional(),
  slide: z.number().optional(),
  section: z.string().optional(),
});
const citation = z.object({
  n: z.number(),
  documentId: z.string(),
  version: z.number(),
  chunkId: z.string(),
  title: z.string(),
  key: z.string(),
  place,
  quote: z.string(),
  start: z.number(),
  end: z.number(),
  score: z.number(),
  support: z.number(),
  supported: z.boolean(),
});
const nearDocument = z.object({ documentId: z.string(), title: z.string(), key: z.string() });
const feedback = z.object({
  rating: z.enum(['up', 'down']),
  reasons: z.array(z.enum([...FEEDBACK_REASONS.up, ...FEEDBACK_REASONS.down])),
  comment: z.string().exactOptional(),
  updatedAt: z.string(),
});
const turnItem = z.object({
  ...owned,
  turnId: z.string(),
  parentTurnId: z.string().exactOptional(),
  question: z.string(),
  answer: z.string(),
  refused: z.boolean(),
  citations: z.array(citation),
  groundedness: z.number().exactOptional(),
  nearest: z.array(nearDocument).exactOptional(),
  model: z.string().exactOptional(),
  usage: z.object({
    inputTokens: z.number(),
    outputTokens: z.number(),
    cacheReadTokens: z.number().exactOptional(),
    cacheWriteTokens: z.number().exactOptional(),
    rerankQueries: z.number().exactOptional(),
    costUsd: z.number(),
  }),
  intervention: z.object({ policies: z.array(z.string()) }).exactOptional(),
  latencyMs: z.number(),
  createdAt: z.string(),
  feedback: feedback.exactOptional(),
  summary: z.string().exactOptional(),
});

/** Whose an item is, and until when it counts. */
export interface Owned {
  readonly owner: string;
  readonly expiresAt: number;
}

/** DynamoDB removes expired items up to days late: until then they are passed over. */
export const isAliveFor = (reader: Reader, { owner, expiresAt }: Owned, now: Date): boolean =>
  owner === ownerOf(reader) && expiresAt * 1_000 > now.getTime();

/** @throws ZodError for an item that is no `META` */
export function parseMeta(item: unknown): Owned & { conversation: Conversation } {
  const { owner, expiresAt, sk: _, ...conversation } = metaItem.parse(item);
  return { owner, expiresAt, conversation };
}

/** @throws ZodError for an item that is no turn */
export function parseTurn(item: unknown): Owned & { turn: Turn } {
  const { owner, expiresAt, sk: _, ...turn } = turnItem.parse(item);
  return { owner, expiresAt, turn };
}

/** What of a turn's item `LINK_ATTRIBUTES` name. @throws ZodError for an item that is no turn */
export const parseLink = (item: unknown): Owned & TurnLink => linkItem.parse(item);
export const LINK_ATTRIBUTES = ['turnId', 'parentTurnId', 'owner', 'expiresAt'] as const;
const linkItem = turnItem.pick({ turnId: true, parentTurnId: true, owner: true, expiresAt: true });

export const toTurnItem = (turn: Turn, reader: Reader, expiresAt: number) => ({
  ...turn,
  sk: `${TURN_PREFIX}${turn.turnId}`,
  owner: ownerOf(reader),
  expiresAt,
});
