import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqsWorkQueue } from '../../lambdas/adapters/sqs-work-queue.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';
import { type LocalServices, startLocalServices } from '../support/local-services.ts';
import { type TestQueue, workQueueContract } from './work-queue.ts';

type Messages = Awaited<ReturnType<TestQueue['take']>>;

describe('in memory', () => {
  workQueueContract(async () => {
    const queue = inMemoryWorkQueue<Messages[number]>();
    return { queue, take: async count => queue.messages.splice(0, count) };
  });
});

describe('SQS', () => {
  let services: LocalServices;
  let queueCount = 0;
  beforeAll(async () => {
    services = await startLocalServices();
  });
  afterAll(() => services.close());

  const makeQueueUrl = () => {
    queueCount += 1;
    const name = `queue-${queueCount}`;
    const times = { visibilityTimeoutSeconds: 60, delaySeconds: 0, retentionSeconds: 600, receiveWaitSeconds: 0 };
    services.sqs.putQueue({ name, ...times });
    return services.sqs.queueUrl(name);
  };

  async function take(QueueUrl: string, count: number): Promise<Messages> {
    const taken: Messages = [];
    while (taken.length < count) {
      const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 });
      const { Messages = [] } = await services.clients.sqs.send(receive);
      if (Messages.length === 0) return taken;
      taken.push(...Messages.map(({ Body = '' }) => JSON.parse(Body)));
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await services.clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
    return taken;
  }

  workQueueContract(async () => {
    const url = makeQueueUrl();
    return { queue: sqsWorkQueue(services.clients.queues, url), take: count => take(url, count) };
  });

  it('keeps delayed messages from view', async () => {
    const url = makeQueueUrl();
    const delayed = sqsWorkQueue<{ name: string }>(services.clients.queues, url, { delaySeconds: 900 });
    const prompt = sqsWorkQueue<{ name: string }>(services.clients.queues, url);
    await delayed.send([{ name: 'delayed' }]);
    await prompt.send([{ name: 'prompt' }]);
    expect(await take(url, 2)).toEqual([{ name: 'prompt' }]);
  });

  it('says so when the queue refuses', async () => {
    const queue = sqsWorkQueue(services.clients.queues, `${services.url}/000000000000/no-such-queue`);
    await expect(queue.send([{}])).rejects.toThrow();
  });
});
