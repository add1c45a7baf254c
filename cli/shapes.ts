import { z } from 'zod';

/** What the commands read of the API's replies; all else passes through to `--json`. */

export const placeShape = z.object({
  page: z.number().optional(),
  sheet: z.string().optional(),
  slide: z.number().optional(),
  section: z.string().optional(),
});

export const documentShape = z.looseObject({
  documentId: z.string(),
  key: z.string(),
  title: z.string(),
  status: z.string(),
  version: z.number(),
  chunkCount: z.number(),
  size: z.number(),
  eTag: z.string().optional(),
  allowedGroups: z.array(z.string()).optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  updatedAt: z.string(),
});
export type Document = z.infer<typeof documentShape>;

export const uploadShape = z.object({
  key: z.string(),
  upload: z.object({ url: z.string(), fields: z.record(z.string(), z.string()) }),
  maxBytes: z.number(),
});

const citationShape = z.looseObject({
  n: z.number(),
  title: z.string(),
  key: z.string(),
  place: placeShape,
  quote: z.string(),
  supported: z.boolean(),
});
export type Citation = z.infer<typeof citationShape>;

export const answerShape = z.looseObject({
  conversationId: z.string(),
  turnId: z.string(),
  answer: z.string(),
  refused: z.boolean(),
  grounded: z.boolean(),
  citations: z.array(citationShape),
  nearest: z.array(z.looseObject({ title: z.string(), key: z.string() })).optional(),
  usage: z.looseObject({ inputTokens: z.number(), outputTokens: z.number(), costUsd: z.number() }),
  latencyMs: z.number(),
});
export type Answer = z.infer<typeof answerShape>;

export const searchShape = z.looseObject({
  matches: z.array(
    z.looseObject({ title: z.string(), key: z.string(), place: placeShape, text: z.string(), score: z.number() }),
  ),
});

export const conversationShape = z.looseObject({
  conversationId: z.string(),
  title: z.string(),
  turnCount: z.number(),
  updatedAt: z.string(),
});
export const jobShape = z.looseObject({
  jobId: z.string(),
  kind: z.string(),
  status: z.string(),
  startedAt: z.string(),
  listed: z.boolean(),
  total: z.number(),
  processed: z.number(),
  failed: z.number(),
  secondsLeft: z.number().optional(),
  error: z.string().optional(),
});
export type Job = z.infer<typeof jobShape>;

export const redriveShape = z.looseObject({
  queues: z.array(z.object({ queue: z.string(), messages: z.number() })),
  job: jobShape,
});

export const meShape = z.looseObject({
  userId: z.string(),
  name: z.string().optional(),
  tenant: z.string(),
  role: z.string(),
  groups: z.array(z.string()),
});

export const apiKeyShape = z.looseObject({
  keyId: z.string(),
  name: z.string(),
  role: z.string(),
  groups: z.array(z.string()),
  expiresAt: z.string(),
  revokedAt: z.string().optional(),
});
export type ApiKey = z.infer<typeof apiKeyShape>;
export const createdKeyShape = z.looseObject({ ...apiKeyShape.shape, key: z.string() });
