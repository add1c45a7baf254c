import { throttleOf } from '../throttling.ts';

/** How often a message was received, and since when. */
export interface Delivery {
  /** Receives of this message, from 1; its queue gives it up after some. */
  readonly receiveCount: number;
  /** How often a throttled message was sent anew, with its count of receives back at 1. */
  readonly resendCount: number;
  /** When the work was first asked for, in milliseconds since 1970. */
  readonly firstSentAt: number;
}

/** How a message that failed comes back. `resend`: as a new message, so that this receive does not count. */
export interface Redelivery {
  readonly by: 'return' | 'resend';
  readonly delaySeconds: number;
}

/** From this receive on a throttled message is sent anew; its queue must give up later than that. */
export const RESEND_FROM_RECEIVE = 3;
/** A message that was throttled for this long is given up like any other: longer than a daily quota lasts. */
export const THROTTLED_AT_MOST_MS = 26 * 60 * 60 * 1_000;

const THROTTLE_SECONDS = { first: 2, factor: 2, most: 300 };
/** With six receives: about 2, 12, 72 and twice 120 seconds, which outlasts a short outage. */
const FAILURE_SECONDS = { first: 2, factor: 6, most: 120 };
/** The longest that SQS delays a message. */
const MAX_DELAY_SECONDS = 900;

/**
 * When and how a message comes back that could not be handled. A throttle is nobody's fault: it is waited out with a
 * growing delay, at least as long as the service asked for, and uses up no receive. Anything else is tried again soon.
 * @param random from 0 to 1: each delay is half of the backoff and a random share of the other half
 */
export function redeliveryOf(error: unknown, delivery: Delivery, now = Date.now(), random = Math.random()): Redelivery {
  const { receiveCount, resendCount, firstSentAt } = delivery;
  const throttle = throttleOf(error);
  const tries = receiveCount + resendCount * RESEND_FROM_RECEIVE;
  const { first, factor, most } = throttle ? THROTTLE_SECONDS : FAILURE_SECONDS;
  const backoff = Math.min(most, first * factor ** Math.min(tries - 1, 20)) * (0.5 + random / 2);
  const delaySeconds = Math.min(MAX_DELAY_SECONDS, Math.ceil(Math.max(backoff, throttle?.retryAfterSeconds ?? 0)));
  const countsNot = throttle && receiveCount >= RESEND_FROM_RECEIVE && now - firstSentAt < THROTTLED_AT_MOST_MS;
  return { by: countsNot ? 'resend' : 'return', delaySeconds };
}
