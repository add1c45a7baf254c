import type { CorsRule, Exchange } from '../contracts.ts';
import { S3Error } from './errors.ts';

const VARY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method';

type Headers = Readonly<Record<string, string>>;

/** Headers that let a page of another origin read the reply; none when no rule of the bucket does. */
export function corsHeaders(rules: readonly CorsRule[], { headers, method }: Exchange): Headers {
  const { origin } = headers;
  if (origin === undefined) return {};
  const rule = rules.find(candidate => allowsOrigin(candidate, origin) && candidate.allowedMethods.includes(method));
  return rule ? describeRule(rule, origin) : {};
}

/** The reply to a preflight. @throws S3Error AccessForbidden, as S3 words it */
export function preflightHeaders(rules: readonly CorsRule[] | undefined, { headers }: Exchange): Headers {
  const { origin } = headers;
  const method = headers['access-control-request-method'];
  if (origin === undefined)
    throw new S3Error('InvalidRequest', 'Insufficient information. Origin request header needed.');
  if (method === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'Insufficient information. Access-Control-Request-Method request header needed.',
    );
  }
  const names = (headers['access-control-request-headers'] ?? '')
    .split(',')
    .map(name => name.trim().toLowerCase())
    .filter(name => name !== '');
  const rule = rules?.find(
    candidate =>
      allowsOrigin(candidate, origin) &&
      candidate.allowedMethods.includes(method) &&
      names.every(name => candidate.allowedHeaders.some(pattern => matches(pattern.toLowerCase(), name))),
  );
  if (!rule) {
    throw new S3Error(
      'AccessForbidden',
      "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
      { details: { Method: method, ResourceType: 'OBJECT' } },
    );
  }
  return {
    ...describeRule(rule, origin),
    ...(names.length > 0 ? { 'access-control-allow-headers': names.join(', ') } : {}),
  };
}

const allowsOrigin = ({ allowedOrigins }: CorsRule, origin: string) =>
  allowedOrigins.some(pattern => matches(pattern, origin));

/** A pattern holds at most one `*`. */
function matches(pattern: string, value: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === value;
  const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return value.length >= start.length + end.length && value.startsWith(start) && value.endsWith(end);
}

function describeRule(
  { allowedOrigins, allowedMethods, exposedHeaders, maxAgeSeconds }: CorsRule,
  origin: string,
): Headers {
  const anyone = allowedOrigins.includes('*');
  return {
    'access-control-allow-origin': anyone ? '*' : origin,
    ...(anyone ? {} : { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': allowedMethods.join(', '),
    ...(exposedHeaders.length > 0 ? { 'access-control-expose-headers': exposedHeaders.join(', ') } : {}),
    ...(maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(maxAgeSeconds) }),
    vary: VARY,
  };
}
