import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { InvocationResult, StreamedInvocation } from '../contracts.ts';

export interface InvocationOptions {
  readonly functionName: string;
  /** JSON */
  readonly payload: string;
  /** Nobody waits for the answer: those that somebody waits for go first. */
  readonly background: boolean;
}

/** One call of a function, from the wait for a process to the end of its reply. */
export class Invocation implements StreamedInvocation {
  readonly requestId = randomUUID();
  readonly traceId = newTraceId();
  readonly functionName: string;
  readonly payload: string;
  readonly background: boolean;
  /**
   * The reply as it arrives, read at the reader's pace; a buffered reply comes as it is. It simply ends when the
   * function fails midway: `result` tells. A reader that stops early has the function's response stream closed.
   */
  readonly body: AsyncIterable<Buffer>;
  /** Its payload is empty: the bytes are in `body`. */
  readonly result: Promise<InvocationResult>;
  readonly #opened = Promise.withResolvers<IncomingMessage | undefined>();
  readonly #result = Promise.withResolvers<InvocationResult>();
  #request: IncomingMessage | undefined;
  #settled = false;

  constructor({ functionName, payload, background }: InvocationOptions) {
    this.functionName = functionName;
    this.payload = payload;
    this.background = background;
    this.body = this.#readReply();
    this.result = this.#result.promise;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** The function begins its reply. A reply that nobody wants any more is closed. */
  open(request: IncomingMessage): void {
    if (this.#settled) {
      request.destroy();
      return;
    }
    this.#request = request;
    this.#opened.resolve(request);
  }

  /** The first result counts. */
  settle(result: InvocationResult): void {
    this.#settled = true;
    this.#result.resolve(result);
    this.#opened.resolve(undefined);
  }

  cancel(): void {
    if (this.#settled) return;
    this.settle({ ok: false, type: 'Runtime.ClientClosed', message: 'The client closed the response stream.' });
    this.#request?.destroy();
  }

  async *#readReply(): AsyncGenerator<Buffer> {
    const request = await this.#opened.promise;
    if (!request) return;
    let broken = false;
    try {
      // Node's own way of ending the iteration would leave the connection open.
      for await (const piece of request.iterator({ destroyOnReturn: false })) yield piece;
    } catch (error) {
      broken = true;
      // The function's process ended or the reply was cancelled: the invocation's result says which.
      if (request.complete) throw error;
    } finally {
      if (!broken && !request.readableEnded) this.cancel();
    }
  }
}

/** An X-Ray header that is not sampled, so that no tracing library sends anything. */
function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const root = `1-${seconds}-${randomBytes(12).toString('hex')}`;
  return `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}
