import { setTimeout as sleepFor } from 'node:timers/promises';
import { AppFailure } from './errors.ts';
import { throttleOf } from './throttling.ts';

export interface AdaptiveConcurrencyOptions {
  /** Calls at a time when nothing is throttled. */
  readonly max: number;
  /** What is called, as in `The embedding model`. */
  readonly service: string;
  /** Milliseconds since any fixed time; never goes back. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** From 0 to 1. */
  readonly random?: () => number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Runs calls of one service side by side, as many as it bears: a throttle halves their number and pauses all of them,
 * each success raises it a little, by one in a round of calls. One instance is shared by everything that a process asks
 * of the service, so that all of it slows down together.
 * @see Chiu, Jain, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance", 1989
 */
export class AdaptiveConcurrency {
  readonly #max: number;
  readonly #service: string;
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<unknown>;
  readonly #random: () => number;
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #active = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #loweredAt = Number.NEGATIVE_INFINITY;
  #throttledRounds = 0;
  #lastThrottle: unknown;

  constructor(options: AdaptiveConcurrencyOptions) {
    const { max, service, now = () => performance.now(), sleep = sleepFor, random = Math.random } = options;
    this.#max = max;
    this.#service = service;
    this.#limit = max;
    this.#now = now;
    this.#sleep = sleep;
    this.#random = random;
  }

  /** Calls that may run at a time now. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  /**
   * Runs `call` when its turn comes, and again after each throttle.
   * @param forMs how long from now it may take until the last try begins
   * @throws what `call` throws, a throttle when the pause lasts longer than that, and AppFailure service-unavailable when
   * its turn did not come in time
   */
  async run<Result>(call: () => Promise<Result>, forMs: number): Promise<Result> {
    const giveUpAt = this.#now() + forMs;
    for (;;) {
      await this.#pauseEnds(giveUpAt);
      if (this.#active >= this.limit) {
        await new Promise<void>(resolve => this.#waiting.push(resolve));
        continue; // a pause may have begun meanwhile
      }
      if (this.#now() > giveUpAt) throw this.#late();
      const startedAt = this.#now();
      this.#active += 1;
      try {
        const result = await call();
        this.#raise();
        return result;
      } catch (error) {
        const throttle = throttleOf(error);
        if (!throttle) throw error;
        this.#lower(startedAt, throttle.retryAfterSeconds * 1_000);
        this.#lastThrottle = error;
      } finally {
        this.#active -= 1;
        this.#wake();
      }
    }
  }

  /** @throws the last throttle when the pause lasts too long */
  async #pauseEnds(giveUpAt: number): Promise<void> {
    for (let waitMs = this.#pauseMs(); waitMs > 0; waitMs = this.#pauseMs()) {
      if (this.#now() + waitMs > giveUpAt) {
        this.#wake(); // whoever waited behind this call takes its turn
        throw this.#lastThrottle;
      }
      await this.#sleep(waitMs);
    }
  }

  #late(): AppFailure {
    this.#wake(); // as above
    return new AppFailure({ kind: 'service-unavailable', service: this.#service, retryAfterSeconds: 1 });
  }

  #pauseMs(): number {
    return Math.ceil(this.#pausedUntil - this.#now());
  }

  #raise(): void {
    this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit);
    this.#throttledRounds = 0;
  }

  /** A call that began before the number was lowered last tells nothing new about it. */
  #lower(startedAt: number, askedMs: number): void {
    const now = this.#now();
    if (startedAt > this.#loweredAt) {
      this.#limit = Math.max(1, this.#limit / 2);
      this.#loweredAt = now;
      this.#throttledRounds += 1;
    }
    const backoffMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#throttledRounds - 1));
    const pauseMs = Math.max(askedMs, backoffMs * (0.5 + this.#random() / 2));
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pauseMs);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0, Math.max(0, this.limit - this.#active))) resolve();
  }
}
