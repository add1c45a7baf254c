import { AppFailure } from '../errors.ts';

/** What the edges need of a logger. */
export interface FailureLog {
  warn(message: string, details: { requestId: string; error: unknown }): void;
  error(message: string, details: { requestId: string; error: unknown }): void;
}

/** Logs, once, what the caller cannot mend; a faulty request is the caller's own matter and already described to it. */
export function logFailure(log: FailureLog, error: unknown, requestId: string): void {
  if (!(error instanceof AppFailure)) {
    log.error('The request failed for a reason that is not expected.', { requestId, error });
    return;
  }
  if (error.error.kind !== 'service-unavailable') return;
  log.warn(`${error.error.service} is unavailable.`, { requestId, error: error.cause ?? error });
}
