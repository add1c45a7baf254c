import type { SQSRecord } from 'aws-lambda';
import type { Delivery, Redelivery } from '../ingest/redelivery.ts';
import type { SqsClient } from './sqs-client.ts';

/** Attributes of a message that was sent anew. */
const FIRST_SENT_AT = 'FirstSentAt';
const RESEND_COUNT = 'ResendCount';

/** What a message tells of its deliveries so far. */
export function deliveryOf({ attributes, messageAttributes }: SQSRecord): Delivery {
  const number = (name: string) => Number(messageAttributes[name]?.stringValue ?? Number.NaN);
  return {
    receiveCount: Number(attributes.ApproximateReceiveCount),
    resendCount: number(RESEND_COUNT) || 0,
    firstSentAt: number(FIRST_SENT_AT) || Number(attributes.SentTimestamp),
  };
}

export type Redeliver = (record: SQSRecord, delivery: Delivery, redelivery: Redelivery) => Promise<void>;

/**
 * Puts a message that a function received back on its queue. After `return` the message must be reported as failed,
 * after `resend` as done: the copy takes its place, and dying in between leaves two, which does no harm.
 */
export function sqsRedelivery(client: SqsClient): Redeliver {
  const urls = new Map<string, Promise<string>>();
  const urlOf = (queueArn: string): Promise<string> => {
    const known = urls.get(queueArn);
    if (known) return known;
    const asking = askUrl(client, queueArn);
    urls.set(queueArn, asking);
    asking.catch(() => urls.delete(queueArn)); // the caller gets the error; the next one asks again
    return asking;
  };

  return async (record, delivery, { by, delaySeconds }) => {
    const QueueUrl = await urlOf(record.eventSourceARN);
    if (by === 'return') {
      const { receiptHandle: ReceiptHandle } = record;
      await client.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: delaySeconds });
      return;
    }
    const number = (value: number) => ({ DataType: 'Number', StringValue: String(value) });
    await client.sendMessage({
      QueueUrl,
      MessageBody: record.body,
      DelaySeconds: delaySeconds,
      MessageAttributes: {
        [FIRST_SENT_AT]: number(delivery.firstSentAt),
        [RESEND_COUNT]: number(delivery.resendCount + 1),
      },
    });
  };
}

async function askUrl(client: SqsClient, queueArn: string): Promise<string> {
  const QueueName = queueArn.slice(queueArn.lastIndexOf(':') + 1);
  const { QueueUrl } = await client.getQueueUrl({ QueueName });
  if (!QueueUrl) throw new Error(`SQS knows no address of ${queueArn}`);
  return QueueUrl;
}
