import { AppFailure } from './errors.ts';

/** What AWS services call a caller that is too fast, or themselves when they cannot keep up. */
const throttleNames = new Set([
  'ModelNotReadyException',
  'ModelTimeoutException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'ServiceQuotaExceededException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
]);
/** The connection broke or never came about. */
const connectionLost = /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ERR_HTTP2_.*)$/;
/** Causes and parts of an error that are looked at. */
const MAX_DEPTH = 6;

export interface Throttle {
  /** What the service asked for; 0 when it named no time. */
  readonly retryAfterSeconds: number;
}

/**
 * Whether a service was overloaded or out of reach: time alone mends that, and nothing is wrong with the work itself.
 * Looks at the error, its causes and, for an AggregateError, its parts.
 */
export const throttleOf = (error: unknown): Throttle | undefined => find(error, MAX_DEPTH);

function find(error: unknown, depth: number): Throttle | undefined {
  if (!(error instanceof Error) || depth === 0) return undefined;
  if (error instanceof AppFailure && error.error.kind === 'service-unavailable') {
    // Its own time is a hint for clients; what the service itself said counts more, also that it said nothing.
    return find(error.cause, depth - 1) ?? { retryAfterSeconds: error.error.retryAfterSeconds };
  }
  if (isThrottle(error)) return { retryAfterSeconds: retryAfterOf(error) };
  const parts = [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  for (const part of parts) {
    const found = find(part, depth - 1);
    if (found) return found;
  }
  return undefined;
}

function isThrottle(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const status = statusOf(error);
  return throttleNames.has(error.name) || connectionLost.test(code) || status === 429 || status >= 500;
}

/** The HTTP status that the AWS SDK keeps in `$metadata`. @returns 0 when there is none */
function statusOf(error: Error): number {
  const metadata: unknown = Reflect.get(error, '$metadata');
  const status: unknown = isObject(metadata) ? metadata.httpStatusCode : undefined;
  return typeof status === 'number' ? status : 0;
}

/** Seconds of the reply's `retry-after`, which the AWS SDK keeps in `$response`. @returns 0 when it named none */
function retryAfterOf(error: unknown): number {
  const response: unknown = error instanceof Error ? Reflect.get(error, '$response') : undefined;
  const headers: unknown = isObject(response) ? response.headers : undefined;
  const seconds = Number(isObject(headers) ? headers['retry-after'] : 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
