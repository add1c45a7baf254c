import { setTimeout as delay } from 'node:timers/promises';
import type { InvocationResult, Log } from '../contracts.ts';

export interface AsyncInvocationsOptions {
  readonly log: Log;
  /** The wait before each retry. */
  readonly retryDelaysMs: readonly number[];
  invoke(functionName: string, payload: string): Promise<InvocationResult>;
}

/** Invocations that nobody waits for: retried when they fail, then given up. They are not kept over a restart. */
export class AsyncInvocations {
  readonly #options: AsyncInvocationsOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  constructor(options: AsyncInvocationsOptions) {
    this.#options = options;
  }

  add(functionName: string, payload: string): void {
    const run = this.#run(functionName, payload).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Retries nothing more. What is at work must be ended by its process. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #run(functionName: string, payload: string): Promise<void> {
    const { signal } = this.#stop;
    for (const delayMs of [...this.#options.retryDelaysMs, undefined]) {
      const result = await this.#options.invoke(functionName, payload);
      if (result.ok) return;
      const outlook = delayMs === undefined || signal.aborted ? 'given up' : `again in ${delayMs / 1000} s`;
      this.#options.log.line(functionName, `an asynchronous invocation failed (${result.type}), ${outlook}`);
      if (delayMs === undefined) return;
      // The wait is cut short only by the stop, which ends the retries.
      await delay(delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }
}
