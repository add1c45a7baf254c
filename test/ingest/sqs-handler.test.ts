import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Redeliver } from '../../lambdas/adapters/sqs-redelivery.ts';
import { AppFailure } from '../../lambdas/errors.ts';

const context = {
  functionName: 'intake',
  awsRequestId: 'request',
  getRemainingTimeInMillis: () => 1_234,
} as Context; // what the handler and its logger read of it
const done = () => undefined; // a remnant of callback handlers, which the type asks for

const eventOf = (bodies: readonly string[], receiveCount = 1): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    ...{ messageId: `message-${index}`, receiptHandle: `receipt-${index}`, body, md5OfBody: '', messageAttributes: {} },
    ...{ eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue', awsRegion: 'us-east-1' },
    attributes: {
      ...{ ApproximateReceiveCount: String(receiveCount), SentTimestamp: String(Date.now()), SenderId: 'sender' },
      ApproximateFirstReceiveTimestamp: '0',
    },
  })),
});

describe('a handler of queue messages', () => {
  // The logger reads its level when it is made.
  beforeAll(() => {
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });
  let redelivered: { body: string; by: string; delaySeconds: number }[];
  beforeEach(() => {
    redelivered = [];
  });
  const redeliver: Redeliver = async ({ body }, _, redelivery) => {
    redelivered.push({ body, ...redelivery });
  };
  const make = async (
    work: (body: string, context: { remainingMs(): number }) => Promise<void>,
    options: { givesUp?: boolean; redeliver?: Redeliver } = {},
  ) => {
    const { sqsHandler } = await import('../../lambdas/ingest/sqs-handler.ts');
    const handler = sqsHandler(work, { redeliver, ...options });
    return (bodies: readonly string[], receiveCount?: number) => handler(eventOf(bodies, receiveCount), context, done);
  };
  const throttled = async () => {
    throw new AppFailure({ kind: 'service-unavailable', service: 'The model', retryAfterSeconds: 30 });
  };
  const first = { batchItemFailures: [{ itemIdentifier: 'message-0' }] };

  it('has only those messages tried again that failed', async () => {
    const worked: string[] = [];
    const handle = await make(async body => {
      worked.push(body);
      if (body === 'bad') throw new Error('bad message');
    });
    expect(await handle(['good', 'bad', 'fine'])).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
    expect(worked.toSorted()).toEqual(['bad', 'fine', 'good']);
    expect(await handle(['bad'])).toEqual(first);
    expect(await handle(['good'])).toEqual({ batchItemFailures: [] });
  });

  it('tells the work how much time is left', async () => {
    let remaining = 0;
    const handle = await make(async (_, { remainingMs }) => {
      remaining = remainingMs();
    });
    await handle(['message']);
    expect(remaining).toBe(1_234);
  });

  it('has a failed message come back soon instead of after the visibility timeout', async () => {
    const handle = await make(() => Promise.reject(new Error('bug')));
    await handle(['message']);
    expect(redelivered).toMatchObject([{ body: 'message', by: 'return' }]);
    expect(redelivered[0]?.delaySeconds).toBeLessThanOrEqual(2);
  });

  it('returns a throttled message when the service asked for it', async () => {
    const handle = await make(throttled);
    expect(await handle(['message'])).toEqual(first);
    expect(redelivered).toEqual([{ body: 'message', by: 'return', delaySeconds: 30 }]);
  });

  it('is done with a throttled message that it sent anew before its queue would give it up', async () => {
    const handle = await make(throttled);
    expect(await handle(['message'], 3)).toEqual({ batchItemFailures: [] });
    expect(redelivered).toEqual([{ body: 'message', by: 'resend', delaySeconds: 30 }]);
  });

  it('sends nothing anew to a queue that never gives up', async () => {
    const handle = await make(throttled, { givesUp: false });
    expect(await handle(['message'], 50)).toEqual(first);
    expect(redelivered).toMatchObject([{ by: 'return' }]);
  });

  it('loses no message that could neither be returned nor sent anew', async () => {
    const handle = await make(throttled, { redeliver: () => Promise.reject(new Error('SQS is down')) });
    expect(await handle(['message'], 1)).toEqual(first);
    expect(await handle(['message'], 3)).toEqual(first);
  });
});
