import { randomUUID } from 'node:crypto';
import { ACCOUNT_ID, type Faults, PARTITION, type QueueSpec } from '../contracts.ts';
import { invalidParameter, queueDoesNotExist, SqsError } from './errors.ts';
import { LongPolls, type PollRequest } from './long-polls.ts';
import type { MessageAttributes } from './message-attributes.ts';
import type { MessageStore, QueueRecord, Receipt, StoredMessage } from './message-store.ts';

const MAX_VISIBILITY_SECONDS = 43_200;

export interface ReceivedMessage extends StoredMessage {
  readonly receiptHandle: string;
}
export interface OutgoingMessage {
  readonly body: string;
  readonly messageAttributes: MessageAttributes;
  readonly senderId: string;
  readonly traceHeader?: string | undefined;
  /** @default the queue's own delay */
  readonly delaySeconds?: number | undefined;
}

/** What queues do, whoever asks and over whatever wire. Queues are named by their names. */
export class Queues {
  readonly #store: MessageStore;
  readonly #region: string;
  readonly #faults: Pick<Faults, 'ofDelivery'>;
  readonly #polls: LongPolls<ReceivedMessage>;

  constructor(store: MessageStore, region: string, faults: Pick<Faults, 'ofDelivery'>) {
    this.#store = store;
    this.#region = region;
    this.#faults = faults;
    this.#polls = new LongPolls({
      take: (queue, max, visibilitySeconds) => this.#take(queue, max, visibilitySeconds),
      nextVisibleInMs: queue => {
        const at = store.nextVisibleAt(queue);
        // One that became visible just now, after the last look, is not to be missed.
        return at === undefined ? undefined : Math.max(0, at - Date.now());
      },
    });
  }

  arn(name: string): string {
    return `arn:${PARTITION}:sqs:${this.#region}:${ACCOUNT_ID}:${name}`;
  }

  put(spec: QueueSpec): void {
    if (spec.name.endsWith('.fifo')) {
      throw new SqsError('UnsupportedOperation', `${spec.name}: FIFO queues are not emulated, only standard queues.`);
    }
    this.#store.putQueue(spec, Date.now());
    this.#polls.wake(spec.name);
  }

  remove(name: string): void {
    this.#store.deleteQueue(name);
    this.#polls.wake(name);
  }

  names(): string[] {
    return this.#store.queueNames();
  }

  /** @throws SqsError `QueueDoesNotExist` */
  record(name: string): QueueRecord {
    const record = this.#store.queue(name);
    if (!record) throw queueDoesNotExist();
    return record;
  }

  counts(name: string) {
    const { spec } = this.record(name);
    const now = Date.now();
    this.#store.expire(name, now - spec.retentionSeconds * 1000);
    return this.#store.counts(name, now);
  }

  purge(name: string): void {
    this.record(name);
    this.#store.purge(name);
  }

  /** All or none are stored. @returns the message ids, in the order of `messages` */
  send(name: string, messages: readonly OutgoingMessage[]): string[] {
    const { spec } = this.record(name);
    const now = Date.now();
    const ids = this.#store.inOneTransaction(() =>
      messages.map(message => {
        const messageId = randomUUID();
        const delaySeconds = message.delaySeconds ?? spec.delaySeconds;
        for (const lateMs of this.#faults.ofDelivery(name)) {
          this.#store.insert(name, { ...message, messageId }, now, now + delaySeconds * 1000 + Math.round(lateMs));
        }
        return messageId;
      }),
    );
    this.#polls.wake(name);
    return ids;
  }

  /** The queues whose messages come to this one when they are given up. */
  sourcesOf(name: string): string[] {
    const deadLetterArn = this.arn(name);
    return this.names().filter(other => this.record(other).spec.redrive?.deadLetterArn === deadLetterArn);
  }

  /**
   * Moves what is visible as if it were sent anew.
   * @param destination absent: each message goes to the queue that gave it up; one that none gave up stays
   * @returns how many were moved
   */
  moveAll(name: string, destination: string | undefined): number {
    const moved = this.sourcesOf(name).map(source => {
      const givenUpBy = destination === undefined ? this.arn(source) : undefined;
      const count = this.#store.moveVisible(name, destination ?? source, givenUpBy, Date.now());
      this.#polls.wake(destination ?? source);
      return count;
    });
    return moved.reduce((sum, count) => sum + count, 0);
  }

  async receive(name: string, request: PollRequest): Promise<ReceivedMessage[]> {
    return this.#polls.receive(name, request);
  }

  /** Deleting what is gone already, or with a receipt that is not the newest, does nothing, as on AWS. */
  delete(name: string, receiptHandle: string): void {
    this.record(name);
    this.#store.remove(name, readReceipt(name, receiptHandle));
  }

  /** @param seconds from now; 0 makes the message visible at once */
  changeVisibility(name: string, receiptHandle: string, seconds: number): void {
    this.record(name);
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_VISIBILITY_SECONDS) {
      throw invalidParameter(
        `VisibilityTimeout must be an integer from 0 to ${MAX_VISIBILITY_SECONDS}, not ${seconds}.`,
      );
    }
    const receipt = readReceipt(name, receiptHandle);
    const now = Date.now();
    if (!this.#store.isKnown(name, receipt)) {
      const reason = 'Message does not exist or is not available for visibility timeout change.';
      throw invalidParameter(`Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: ${reason}`);
    }
    if (!this.#store.isInFlight(name, receipt, now)) {
      throw new SqsError('MessageNotInflight', 'The message is not in flight: its visibility timeout is over.');
    }
    this.#store.setVisibleAt(name, receipt, now + seconds * 1000);
    this.#polls.wake(name);
  }

  hasten(name: string, receiptHandle: string, milliseconds: number): void {
    this.#store.setVisibleBy(name, readReceipt(name, receiptHandle), Date.now() + milliseconds);
    this.#polls.wake(name);
  }

  returnAbandoned(name: string): void {
    this.#store.returnAbandoned(name, Date.now());
    this.#polls.wake(name);
  }

  #take(name: string, max: number, visibilitySeconds: number | undefined): ReceivedMessage[] {
    const { spec } = this.record(name);
    const now = Date.now();
    this.#store.expire(name, now - spec.retentionSeconds * 1000);
    this.#redrive(spec, now);
    const hiddenUntil = now + (visibilitySeconds ?? spec.visibilityTimeoutSeconds) * 1000;
    const messages = this.#store.take(name, max, now, hiddenUntil);
    return messages.map(message => ({ ...message, receiptHandle: writeReceipt(name, message) }));
  }

  /** A message that would be received once too often goes to the dead-letter queue instead, as on AWS. */
  #redrive({ name, redrive }: QueueSpec, now: number): void {
    if (!redrive) return;
    const deadLetterQueue = queueOfArn(redrive.deadLetterArn);
    if (!this.#store.queue(deadLetterQueue)) return;
    const moved = this.#store.moveExhausted(name, this.arn(name), deadLetterQueue, redrive.maxReceiveCount, now);
    if (moved > 0) this.#polls.wake(deadLetterQueue);
  }
}

export const queueOfArn = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

/** Opaque to clients; the queue's name is in it so that a handle of another queue is refused. */
const writeReceipt = (queue: string, { id, receipt }: Receipt): string =>
  Buffer.from(JSON.stringify([queue, id, receipt])).toString('base64');

function readReceipt(queue: string, handle: string): Receipt {
  const [name, id, receipt] = parseHandle(handle);
  if (name !== queue || typeof id !== 'number' || typeof receipt !== 'string') {
    throw new SqsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);
  }
  return { id, receipt };
}

function parseHandle(handle: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(handle, 'base64').toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return []; // not a handle of ours; the caller refuses it
  }
}
