import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../lambdas/errors.ts';
import { redeliveryOf, THROTTLED_AT_MOST_MS } from '../../lambdas/ingest/redelivery.ts';

const throttled = (retryAfterSeconds = 0) =>
  new AppFailure({ kind: 'service-unavailable', service: 'The model', retryAfterSeconds });
const delivery = (receiveCount: number, resendCount = 0) => ({ receiveCount, resendCount, firstSentAt: 0 });
const delays = (error: unknown, random: number, counts: readonly number[]) =>
  counts.map(count => redeliveryOf(error, delivery(count), 0, random).delaySeconds);

describe('a message that failed', () => {
  it('comes back soon, then later', () => {
    expect(delays(new Error('bug'), 1, [1, 2, 3, 4])).toEqual([2, 12, 72, 120]);
    expect(delays(new Error('bug'), 0, [1, 2, 3])).toEqual([1, 6, 36]);
  });

  it('uses up a receive each time', () => {
    for (const count of [1, 2, 3, 4]) expect(redeliveryOf(new Error('bug'), delivery(count)).by).toBe('return');
  });

  it('that was throttled comes back with a growing delay', () => {
    expect(delays(throttled(), 1, [1, 2, 3])).toEqual([2, 4, 8]);
    const later = [1, 2, 3, 9].map(resends => redeliveryOf(throttled(), delivery(1, resends), 0, 1).delaySeconds);
    expect(later).toEqual([16, 128, 300, 300]);
  });

  it('that was throttled is never given up: it is sent anew in time, until it is very old', () => {
    const by = (receiveCount: number, ageMs: number) => redeliveryOf(throttled(), delivery(receiveCount), ageMs).by;
    expect([1, 2, 3, 4].map(count => by(count, 0))).toEqual(['return', 'return', 'resend', 'resend']);
    expect(by(3, THROTTLED_AT_MOST_MS - 1)).toBe('resend');
    expect(by(3, THROTTLED_AT_MOST_MS)).toBe('return');
  });

  it('waits as long as the service asked, within what a queue can', () => {
    expect(delays(throttled(60), 1, [1])).toEqual([60]);
    expect(delays(throttled(86_400), 1, [1])).toEqual([900]);
  });

  it('always waits a second at least and a quarter of an hour at most', () => {
    const error = fc.constantFrom(new Error('bug'), throttled(), throttled(0.2), throttled(5_000));
    const count = fc.nat(10_000);
    fc.assert(
      fc.property(
        error,
        count,
        count,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (thrown, receives, resends, random) => {
          const { delaySeconds } = redeliveryOf(thrown, delivery(receives + 1, resends), 0, random);
          expect(Number.isInteger(delaySeconds)).toBe(true);
          expect(delaySeconds).toBeGreaterThanOrEqual(1);
          expect(delaySeconds).toBeLessThanOrEqual(900);
        },
      ),
    );
  });
});
