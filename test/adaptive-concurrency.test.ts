import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdaptiveConcurrency } from '../lambdas/adaptive-concurrency.ts';
import { AppFailure } from '../lambdas/errors.ts';

const throttle = (retryAfterSeconds = 0) =>
  new AppFailure(
    { kind: 'service-unavailable', service: 'The model', retryAfterSeconds: 5 },
    {
      cause: Object.assign(new Error('slow down'), {
        name: 'ThrottlingException',
        $response: { headers: { 'retry-after': String(retryAfterSeconds) } },
      }),
    },
  );

/** A clock whose time passes only while everything waits; `sleep` wakes in order. */
class Clock {
  time = 0;
  readonly #sleepers: { readonly at: number; wake(): void }[] = [];

  readonly now = () => this.time;
  readonly sleep = (ms: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sleepers.push({ at: this.time + ms, wake: resolve });
    return promise;
  };

  /** Lets time pass until `work` is done. */
  async until<Result>(work: Promise<Result>): Promise<Result> {
    let done = false;
    work.then(
      () => {
        done = true;
      },
      () => {
        done = true;
      },
    );
    while (!done) {
      await new Promise(resolve => setImmediate(resolve));
      this.#sleepers.sort((a, b) => a.at - b.at);
      const next = this.#sleepers.shift();
      if (!next) continue;
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
    return work;
  }
}

describe('adaptive concurrency', () => {
  const make = (max: number) => {
    const clock = new Clock();
    const pace = new AdaptiveConcurrency({
      max,
      service: 'The embedding model',
      now: clock.now,
      sleep: clock.sleep,
      random: () => 1,
    });
    const seen = { active: 0, most: 0, calls: 0 };
    /** Takes 100 ms; `fate` decides by the number of the call, from 1. */
    const call = (fate: (count: number) => Error | undefined) => async () => {
      seen.calls += 1;
      seen.active += 1;
      seen.most = Math.max(seen.most, seen.active);
      const error = fate(seen.calls);
      await clock.sleep(100);
      seen.active -= 1;
      if (error) throw error;
      return seen.calls;
    };
    const all = (count: number, fate: (count: number) => Error | undefined, forMs = 60_000) =>
      clock.until(Promise.allSettled(Array.from({ length: count }, () => pace.run(call(fate), forMs))));
    return { clock, pace, seen, all };
  };
  const never = () => undefined;

  it('runs as many calls at a time as it may, and no more', async () => {
    const { clock, seen, all } = make(8);
    await all(32, never);
    expect(seen).toMatchObject({ most: 8, calls: 32 });
    expect(clock.time).toBe(400);
  });

  it('halves them once for all calls that were throttled together, and repeats those', async () => {
    const { pace, seen, all } = make(8);
    const results = await all(8, count => (count <= 8 ? throttle() : undefined));
    expect(results.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(seen.calls).toBe(16);
    expect(pace.limit).toBe(5); // half of eight, and a round of successes later one more
  });

  it('comes down to one call at a time, and back to all of them', async () => {
    const { pace, all } = make(8);
    await all(8, count => (count <= 24 ? throttle() : undefined));
    expect(pace.limit).toBeLessThan(4);
    await all(200, never);
    expect(pace.limit).toBe(8);
  });

  it('lets everyone wait as long as the service asked', async () => {
    const { clock, all } = make(4);
    const startedAt: number[] = [];
    await all(12, count => {
      startedAt.push(clock.time);
      return count === 1 ? throttle(7) : undefined;
    });
    expect(startedAt.filter(time => time > 0).every(time => time >= 7_100)).toBe(true);
    expect(startedAt).toHaveLength(13);
  });

  it('gives the throttle back when the wait would be too long, also to those that never had their turn', async () => {
    const { clock, seen, all } = make(2);
    const results = await all(20, () => throttle(3_600), 10_000);
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'rejected'));
    expect(seen.calls).toBe(2);
    expect(clock.time).toBe(100);
  });

  it('gives up what does not come to its turn in time, though nothing is throttled', async () => {
    const { seen, all } = make(2);
    const results = await all(10, never, 250);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
    expect(results.at(-1)).toMatchObject({ reason: { error: { kind: 'service-unavailable' } } });
    expect(seen.calls).toBe(6);
  });

  it('passes other errors on at once, and slows nothing down', async () => {
    const { pace, seen, all } = make(2);
    const results = await all(4, count => (count === 2 ? new Error('bug') : undefined));
    expect(results.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { message: 'bug' } }]);
    expect(seen.calls).toBe(4);
    expect(pace.limit).toBe(2);
  });

  it('ends every call, whichever are throttled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.constantFrom('ok', 'ok', 'throttle', 'bug'), { maxLength: 80 }),
        async (max, count, fates) => {
          const { seen, all } = make(max);
          const fate = (call: number) =>
            fates[call - 1] === 'throttle' ? throttle() : fates[call - 1] === 'bug' ? new Error('bug') : undefined;
          const results = await all(count, fate);
          expect(seen.most).toBeLessThanOrEqual(max);
          expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(
            fates.slice(0, seen.calls).filter(kind => kind === 'bug').length,
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});
