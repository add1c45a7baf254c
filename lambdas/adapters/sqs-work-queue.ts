import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkQueue } from '../ports.ts';
import type { SqsClient } from './sqs-client.ts';

/** Messages per SendMessageBatch call, SQS's limit. Ingestion messages are far too small to meet its limit in bytes. */
const BATCH_SIZE = 10;
const ATTEMPTS = 4;

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
}

/** A standard SQS queue; messages are sent as JSON. `delaySeconds` (0 to 900) keeps them from view for as long. */
export function sqsWorkQueue<Message>(
  client: SqsClient,
  queueUrl: string,
  { delaySeconds }: { readonly delaySeconds?: number } = {},
): WorkQueue<Message> {
  return {
    async send(messages, options) {
      const delay = options?.delaySeconds ?? delaySeconds;
      for (let from = 0; from < messages.length; from += BATCH_SIZE) {
        const entries = messages.slice(from, from + BATCH_SIZE).map((message, position) => ({
          Id: String(position),
          MessageBody: JSON.stringify(message),
          ...(delay !== undefined && { DelaySeconds: delay }),
        }));
        await sendBatch(client, queueUrl, entries);
      }
    },
  };
}

/** SQS may take some entries of a batch and refuse others; the client does not repeat those by itself. */
async function sendBatch(client: SqsClient, queueUrl: string, entries: readonly Entry[]): Promise<void> {
  let pending = entries;
  for (let attempt = 0; ; attempt += 1) {
    const { Failed = [] } = await client.sendMessageBatch({ QueueUrl: queueUrl, Entries: [...pending] });
    if (Failed.length === 0) return;
    const first = Failed[0];
    if (attempt + 1 >= ATTEMPTS || Failed.some(({ SenderFault }) => SenderFault)) {
      throw new Error(`SQS refused ${Failed.length} messages: ${first?.Code} ${first?.Message ?? ''}`);
    }
    const failedIds = new Set(Failed.map(({ Id }) => Id));
    pending = pending.filter(({ Id }) => failedIds.has(Id));
    await sleep(Math.random() * 100 * 2 ** attempt);
  }
}
