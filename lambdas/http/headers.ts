/** Which pages may read answers from a browser. Every reply takes it from here. */
const ALLOWED_ORIGIN = '*';

/** Headers of every reply, problems and streams included. */
export const commonHeaders = (requestId: string): Record<string, string> => ({
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
  'access-control-allow-origin': ALLOWED_ORIGIN,
  'access-control-expose-headers': 'allow, retry-after, x-request-id',
});
