import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const context = { functionName: 'intake', awsRequestId: 'request' } as Context; // what the logger reads of it

const eventOf = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    ...{ messageId: `message-${index}`, receiptHandle: 'receipt', body, md5OfBody: '', messageAttributes: {} },
    ...{ eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue', awsRegion: 'us-east-1' },
    attributes: {
      ...{ ApproximateReceiveCount: '1', SentTimestamp: '0', SenderId: 'sender' },
      ApproximateFirstReceiveTimestamp: '0',
    },
  })),
});

describe('a handler of queue messages', () => {
  // The logger reads its level when it is made.
  beforeAll(() => {
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  it('has only those messages tried again that failed', async () => {
    const { sqsHandler } = await import('../../lambdas/ingest/sqs-handler.ts');
    const worked: string[] = [];
    const handler = sqsHandler(async body => {
      worked.push(body);
      if (body === 'bad') throw new Error('bad message');
    });
    const done = () => undefined; // a remnant of callback handlers, which the type asks for
    expect(await handler(eventOf('good', 'bad', 'fine'), context, done)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }],
    });
    expect(worked.toSorted()).toEqual(['bad', 'fine', 'good']);
    expect(await handler(eventOf('bad'), context, done)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
    expect(await handler(eventOf('good'), context, done)).toEqual({ batchItemFailures: [] });
  });
});
