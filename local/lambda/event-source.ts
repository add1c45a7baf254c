import { setTimeout as delay } from 'node:timers/promises';
import type { Caller, EventSourceSpec, Faults, InvocationResult, Log, QueueMessage, SqsServer } from '../contracts.ts';
import { batchOutcome, sqsEvent } from './sqs-event.ts';

/** SQS gives out no more at a time. */
const MAX_RECEIVED = 10;
/** Bytes of bodies after which a batch takes no more: an event's limit is 6 MB. */
const MAX_BATCH_BYTES = 5 * 1024 * 1024;
const POLL_MS = 20_000;
/** After a receive that failed, e.g. because the role does not allow it any more. */
const BACKOFF_MS = 5_000;

export interface EventSourceHost {
  readonly sqs: SqsServer;
  readonly log: Log;
  readonly region: string;
  /** Who receives and deletes: the function's role. */
  readonly caller: Caller;
  /** Invocations side by side when the mapping does not say. */
  readonly maxConcurrency: number;
  readonly faults: Pick<Faults, 'failedMessagesReturnMs'>;
  invoke(functionName: string, payload: string): Promise<InvocationResult>;
}

/** Feeds one queue to one function. */
export class EventSource {
  readonly #spec: EventSourceSpec;
  readonly #host: EventSourceHost;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #polling: Promise<void>;

  constructor(spec: EventSourceSpec, host: EventSourceHost) {
    this.#spec = spec;
    this.#host = host;
    this.#polling = spec.enabled ? this.#poll() : Promise.resolve();
  }

  /** Takes no more messages; resolves when the invocations at work have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#polling;
    await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stop;
    const concurrency = Math.min(this.#spec.maxConcurrency ?? Number.POSITIVE_INFINITY, this.#host.maxConcurrency);
    while (!signal.aborted) {
      const messages = await this.#gather();
      if (messages.length === 0) continue;
      if (signal.aborted) {
        this.#release(messages);
        return;
      }
      const run = this.#process(messages).finally(() => this.#running.delete(run));
      this.#running.add(run);
      while (this.#running.size >= concurrency && !signal.aborted) await this.#oneOf(this.#running);
    }
  }

  /** Waits for one of them, or the stop. */
  async #oneOf(running: Iterable<Promise<void>>): Promise<void> {
    const { signal } = this.#stop;
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort);
    await Promise.race([...running, stopped]);
    signal.removeEventListener('abort', onAbort);
  }

  /** A batch: what is there, and within the batching window what comes, up to the batch size. */
  async #gather(): Promise<QueueMessage[]> {
    const { batchSize, maxBatchingWindowSeconds } = this.#spec;
    const batch = await this.#receive(Math.min(batchSize, MAX_RECEIVED), POLL_MS);
    const windowEnd = Date.now() + maxBatchingWindowSeconds * 1000;
    const hasRoom = () => batch.length < batchSize && sizeOf(batch) < MAX_BATCH_BYTES;
    while (batch.length > 0 && hasRoom() && !this.#stop.signal.aborted) {
      const waitMs = Math.max(0, windowEnd - Date.now());
      const more = await this.#receive(Math.min(batchSize - batch.length, MAX_RECEIVED), waitMs);
      if (more.length === 0) break;
      batch.push(...more);
    }
    return batch;
  }

  async #receive(max: number, waitMs: number): Promise<QueueMessage[]> {
    const { signal } = this.#stop;
    try {
      return await this.#host.sqs.receive(this.#host.caller, this.#spec.queueArn, max, waitMs, signal);
    } catch (error) {
      this.#say(`cannot receive from ${this.#spec.queueArn}: ${messageOf(error)}`);
      await delay(BACKOFF_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends by itself
      return [];
    }
  }

  async #process(messages: readonly QueueMessage[]): Promise<void> {
    const { functionName, queueArn, reportBatchItemFailures } = this.#spec;
    const event = sqsEvent(messages, queueArn, this.#host.region);
    const result = await this.#host.invoke(functionName, JSON.stringify(event));
    const { done, failure } = batchOutcome(messages, result, reportBatchItemFailures);
    if (this.#stop.signal.aborted && !result.ok) this.#release(messages);
    if (failure !== undefined) {
      this.#hasten(messages.filter(message => !done.includes(message)));
      this.#say(`${messages.length - done.length} of ${messages.length} messages will come back: ${failure}`);
    }
    try {
      if (done.length > 0) {
        const handles = done.map(message => message.receiptHandle);
        this.#host.sqs.delete(this.#host.caller, queueArn, handles);
      }
    } catch (error) {
      this.#say(`cannot delete ${done.length} messages of ${queueArn}: ${messageOf(error)}`);
    }
  }

  /** Messages that the stop has kept from being handled need not wait for their visibility timeout. */
  #release(messages: readonly QueueMessage[]): void {
    for (const { receiptHandle } of messages) {
      try {
        this.#host.sqs.changeVisibility(this.#host.caller, this.#spec.queueArn, receiptHandle, 0);
      } catch (error) {
        this.#say(`a message comes back only after its visibility timeout: ${messageOf(error)}`);
      }
    }
  }

  /** For tests of what goes wrong, which cannot wait for the visibility timeout. */
  #hasten(messages: readonly QueueMessage[]): void {
    const { sqs, faults } = this.#host;
    const returnMs = faults.failedMessagesReturnMs;
    if (returnMs === undefined) return;
    for (const { receiptHandle } of messages) sqs.hasten(this.#spec.queueArn, receiptHandle, returnMs);
  }

  #say(text: string): void {
    this.#host.log.line(this.#spec.functionName, text);
  }
}

const sizeOf = (messages: readonly QueueMessage[]) =>
  messages.reduce((sum, message) => sum + Buffer.byteLength(message.body), 0);

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
