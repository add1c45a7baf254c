import { AppFailure } from '../errors.ts';

/** Kept back from the time left, so that the reply itself still gets out. Milliseconds. */
const MARGIN_MS = 2_000;

export interface Deadline {
  /** Aborts with an `AppFailure` service-unavailable as its reason. */
  readonly signal: AbortSignal;
  /** Must be called when the request is done: a frozen timer would fire into the next request. */
  clear(): void;
}

/**
 * Ends the work on a request in time to say so, instead of being cut off by the function's timeout.
 * @param remainingMs what is left of the function's timeout
 * @param service who is blamed when the time is up
 */
export function startDeadline(remainingMs: number, service: string): Deadline {
  const controller = new AbortController();
  const lateMs = Math.max(remainingMs - MARGIN_MS, remainingMs / 2);
  const reason = new AppFailure({ kind: 'service-unavailable', service, retryAfterSeconds: 5 });
  const timer = setTimeout(() => controller.abort(reason), lateMs);
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}

/** Waits for `work`, but no longer than until `signal` aborts; for calls that take no signal of their own. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
