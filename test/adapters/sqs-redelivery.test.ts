import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveryOf, sqsRedelivery } from '../../lambdas/adapters/sqs-redelivery.ts';
import { type LocalServices, startLocalServices } from '../support/local-services.ts';

describe('redelivery by SQS', () => {
  let services: LocalServices;
  let url: string;
  let queueCount = 0;
  beforeAll(async () => {
    services = await startLocalServices();
  });
  afterAll(() => services.close());

  const makeQueue = async () => {
    queueCount += 1;
    const name = `queue-${queueCount}`;
    const times = { visibilityTimeoutSeconds: 600, delaySeconds: 0, retentionSeconds: 900, receiveWaitSeconds: 0 };
    services.sqs.putQueue({ name, ...times });
    url = services.sqs.queueUrl(name);
    await services.clients.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'work' }));
    return `arn:aws:sqs:us-east-1:000000000000:${name}`;
  };
  /** What a function would be given; undefined when nothing is visible. */
  const receive = async (eventSourceARN: string, WaitTimeSeconds = 0): Promise<SQSRecord | undefined> => {
    const { Messages = [] } = await services.clients.sqs.send(
      new ReceiveMessageCommand({
        ...{ QueueUrl: url, WaitTimeSeconds, MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] },
      }),
    );
    const message = Messages[0];
    if (!message) return undefined;
    const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
      name,
      { dataType: value.DataType, stringValue: value.StringValue },
    ]);
    return {
      body: message.Body,
      receiptHandle: message.ReceiptHandle,
      attributes: message.Attributes,
      messageAttributes: Object.fromEntries(attributes),
      eventSourceARN,
    } as SQSRecord; // what redelivery reads of it
  };
  const taken = async (arn: string, waitSeconds?: number) => {
    const record = await receive(arn, waitSeconds);
    if (!record) throw new Error('Nothing is visible');
    return { record, delivery: deliveryOf(record) };
  };

  it('brings a message back after the delay, with its receives counted', async () => {
    const arn = await makeQueue();
    const { record, delivery } = await taken(arn);
    expect(delivery).toMatchObject({ receiveCount: 1, resendCount: 0 });
    const redeliver = sqsRedelivery(services.clients.queues);
    await redeliver(record, delivery, { by: 'return', delaySeconds: 900 });
    expect(await receive(arn)).toBeUndefined();
    await redeliver(record, delivery, { by: 'return', delaySeconds: 1 });
    const again = await taken(arn, 20);
    expect(again.delivery).toEqual({ ...delivery, receiveCount: 2 });
  });

  it('sends a copy whose receives count anew, and that remembers when it all began', async () => {
    const arn = await makeQueue();
    const { record, delivery } = await taken(arn);
    const redeliver = sqsRedelivery(services.clients.queues);
    await redeliver(record, delivery, { by: 'resend', delaySeconds: 0 });
    const copy = await taken(arn);
    expect(copy.record.body).toBe('work');
    expect(copy.delivery).toEqual({ receiveCount: 1, resendCount: 1, firstSentAt: delivery.firstSentAt });
    await redeliver(copy.record, copy.delivery, { by: 'resend', delaySeconds: 1 });
    expect(await receive(arn)).toBeUndefined();
    const second = await taken(arn, 20);
    expect(second.delivery).toEqual({ receiveCount: 1, resendCount: 2, firstSentAt: delivery.firstSentAt });
  });

  it('says so when the queue refuses', async () => {
    const arn = await makeQueue();
    const { record, delivery } = await taken(arn);
    const elsewhere = { ...record, eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:no-such-queue' };
    const redeliver = sqsRedelivery(services.clients.queues);
    await expect(redeliver(elsewhere, delivery, { by: 'return', delaySeconds: 1 })).rejects.toThrow();
  });
});
