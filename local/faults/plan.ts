import { z } from 'zod';

/** How often: 0 never, 1 each time. */
const rate = z.number().min(0).max(1);
/** A name in which `*` and `?` stand for other text. */
const pattern = z.string().min(1);
/** At most so often in all; without it there is no end. */
const times = z.int().min(1).optional();

/** Services whose calls can fail, by the names of their signatures, and Pinecone. */
export const FAULTY_SERVICES = ['bedrock', 'dynamodb', 'lambda', 'pinecone', 's3', 'secretsmanager', 'sqs'] as const;

const call = z.strictObject({
  /** @default every one of them */
  service: z.enum([...FAULTY_SERVICES, '*']).default('*'),
  /** As the SDK names it, e.g. `InvokeModel`; for Pinecone the end of the path, e.g. `upsert`. */
  operation: pattern.default('*'),
  /**
   * `throttle` and `error`: refused as the service would, before it sees the call. `disconnect`: the connection breaks
   * without an answer. `delay`: the call is served, but `delayMs` later.
   */
  fault: z.enum(['throttle', 'error', 'disconnect', 'delay']),
  delayMs: z.int().min(0).max(600_000).default(1_000),
  rate: rate.default(1),
  times,
});

const stream = z.strictObject({
  /** `break`: fails after `pieces` pieces of text. `slow`: waits `delayMs` before each piece. */
  fault: z.enum(['break', 'slow']),
  pieces: z.int().min(0).default(2),
  delayMs: z.int().min(0).max(600_000).default(1_000),
  rate: rate.default(1),
  times,
});

const functionFault = z.strictObject({
  /** Name of the function. */
  function: pattern.default('*'),
  /** `kill`: its process ends by SIGKILL at some moment of an invocation. `timeout`: it is ended as one that takes too long. */
  fault: z.enum(['kill', 'timeout']),
  rate: rate.default(1),
  times,
});

const deliveries = z.strictObject({
  /** Name of the queue. */
  queue: pattern.default('*'),
  /** Messages that never come, which SQS and S3 do not do, but an operator's mistake may. */
  lose: rate.default(0),
  /** Messages that come twice. */
  duplicate: rate.default(0),
  /** Messages that others may overtake. */
  reorder: rate.default(0),
  /** How much later a duplicate or an overtaken message comes, at most. */
  withinMs: z.int().min(0).max(900_000).default(1_000),
});

/** What is to go wrong. An empty plan: nothing. */
const faultPlan = z.strictObject({
  /** The same seed makes the same decisions, as far as the same things happen. @default a new one */
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  calls: z.array(call).default([]),
  /** Of Bedrock's ConverseStream. */
  streams: z.array(stream).default([]),
  functions: z.array(functionFault).default([]),
  /** The first whose queue fits counts. */
  deliveries: z.array(deliveries).default([]),
  /** Messages of a failed invocation come back after so long at most, instead of after their visibility timeout. */
  failedMessagesReturnMs: z.int().min(0).optional(),
});
export type FaultPlan = z.output<typeof faultPlan>;
export type FaultPlanInput = z.input<typeof faultPlan>;

/** A plan that says something it cannot; the message names each fault of it. */
export class FaultPlanError extends Error {
  override readonly name = 'FaultPlanError';
}

/** @throws FaultPlanError */
export function parseFaultPlan(value: unknown): FaultPlan {
  const parsed = faultPlan.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'plan'}: ${message}`);
  throw new FaultPlanError(`The faults cannot be read: ${issues.join('; ')}`);
}
