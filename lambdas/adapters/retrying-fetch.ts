import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryOptions {
  /** Milliseconds that all attempts and the waits between them may take together. */
  readonly retryForMs: number;
  /** Milliseconds that one attempt may take. @default 10 000 */
  readonly attemptTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/**
 * A `fetch` that repeats requests that were throttled (429), failed on the server (5xx) or never got an answer, with
 * exponential backoff and full jitter, or when the server says `retry-after`.
 * @see "Exponential Backoff And Jitter", AWS Architecture Blog, 2015
 */
export class RetryingFetch {
  /** True once a request was given up for want of time. */
  exhausted = false;
  /** What the service asked for when it was last throttled or failing; 0 when it named no time. */
  retryAfterSeconds = 0;
  readonly #options: Required<Omit<RetryOptions, 'signal'>> & Pick<RetryOptions, 'signal'>;
  readonly #deadline: number;

  constructor(options: RetryOptions) {
    this.#options = { attemptTimeoutMs: 10_000, ...options };
    this.#deadline = performance.now() + options.retryForMs;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const { signal } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      const result = await this.#attempt(input, init);
      if (result instanceof Response && result.status !== 429 && result.status < 500) return result;
      this.retryAfterSeconds = askedBy(result);
      const waitMs = waitBefore(attempt + 1, this.retryAfterSeconds);
      if (performance.now() + waitMs >= this.#deadline) {
        this.exhausted = true;
        if (result instanceof Response) return result;
        throw result;
      }
      if (result instanceof Response) await result.body?.cancel(); // frees the connection
      await sleep(waitMs, undefined, { signal });
    }
  };

  /** @returns the error when there was no answer @throws the signal's reason when the caller gave up */
  async #attempt(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): Promise<Response | Error> {
    const { signal, attemptTimeoutMs } = this.#options;
    signal?.throwIfAborted();
    const remainingMs = Math.max(1, this.#deadline - performance.now());
    const timeout = AbortSignal.timeout(Math.ceil(Math.min(attemptTimeoutMs, remainingMs)));
    try {
      return await fetch(input, { ...init, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    } catch (error) {
      signal?.throwIfAborted();
      return error instanceof Error ? error : new Error('The request failed', { cause: error });
    }
  }
}

/** Milliseconds to wait before an attempt, counted from 1: what was asked for, or a random part of what doubles. */
export function waitBefore(attempt: number, askedSeconds: number): number {
  return Math.max(askedSeconds * 1_000, Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt));
}

/** Seconds of the reply's `retry-after`; 0 without one. */
function askedBy(result: Response | Error): number {
  const seconds = result instanceof Response ? Number(result.headers.get('retry-after')) : 0;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}
