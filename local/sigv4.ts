/** AWS Signature Version 4 from the server's side. @see "Signature Version 4 signing process", AWS IAM User Guide */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_EXPIRES_SECONDS = 7 * 24 * 60 * 60;

/** Where a signature holds: `<date>/<region>/<service>/aws4_request`, with the key that made it. */
interface CredentialScope {
  readonly accessKeyId: string;
  /** `YYYYMMDD` */
  readonly date: string;
  readonly region: string;
  /** e.g. `s3`; Bedrock's runtime signs as `bedrock`. */
  readonly service: string;
}

/** What a request says of its own signature. */
export interface RequestSignature {
  readonly scope: CredentialScope;
  /** Lower case, in the order given. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  /** Seconds that a presigned URL lives; undefined for a signature in the header. */
  readonly expiresSeconds: number | undefined;
}

export interface SignedRequest {
  readonly method: string;
  /** Undecoded, without the query. */
  readonly path: string;
  /** Undecoded, without `?`. */
  readonly rawQuery: string;
  readonly headers: IncomingHttpHeaders;
}

/** A signature that cannot be read. */
export class MalformedSignature extends Error {
  override readonly name = 'MalformedSignature';
}

/**
 * Reads a signature from the `Authorization` header or a presigned URL's query.
 * @returns undefined when the request carries no Signature Version 4
 * @throws MalformedSignature
 */
export function parseSignature(headers: IncomingHttpHeaders, query: URLSearchParams): RequestSignature | undefined {
  const authorization = headers.authorization;
  if (authorization?.startsWith(`${ALGORITHM} `)) return parseAuthorization(authorization, headers);
  if (query.get('X-Amz-Algorithm') === ALGORITHM) return parsePresigned(query);
  return undefined;
}

function parseAuthorization(authorization: string, headers: IncomingHttpHeaders): RequestSignature {
  const fields = new Map<string, string>();
  for (const field of authorization.slice(ALGORITHM.length).split(',')) {
    const [name = '', ...value] = field.trim().split('=');
    fields.set(name, value.join('='));
  }
  const timestamp = headerValue(headers, 'x-amz-date') ?? basicDate(headerValue(headers, 'date'));
  return {
    scope: parseScope(required(fields.get('Credential'), 'Credential')),
    signedHeaders: required(fields.get('SignedHeaders'), 'SignedHeaders').toLowerCase().split(';'),
    signature: required(fields.get('Signature'), 'Signature'),
    timestamp: required(timestamp, 'X-Amz-Date'),
    sessionToken: headerValue(headers, 'x-amz-security-token'),
    expiresSeconds: undefined,
  };
}

function parsePresigned(query: URLSearchParams): RequestSignature {
  const parameter = (name: string) => required(query.get(name) ?? undefined, name);
  const expires = parameter('X-Amz-Expires');
  if (!/^\d{1,6}$/.test(expires) || Number(expires) > MAX_EXPIRES_SECONDS) {
    throw new MalformedSignature('X-Amz-Expires must be a number of seconds, at most a week.');
  }
  return {
    scope: parseScope(parameter('X-Amz-Credential')),
    signedHeaders: parameter('X-Amz-SignedHeaders').toLowerCase().split(';'),
    signature: parameter('X-Amz-Signature'),
    timestamp: parameter('X-Amz-Date'),
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    expiresSeconds: Number(expires),
  };
}

function required(value: string | undefined, name: string): string {
  if (!value) throw new MalformedSignature(`The signature lacks ${name}.`);
  return value;
}

/** Reads `<key>/<date>/<region>/<service>/aws4_request`. @throws MalformedSignature */
function parseScope(credential: string): CredentialScope {
  const parts = credential.split('/');
  // An access key id may itself hold slashes in theory, so the scope is counted from the end.
  const [date, region, service, terminator] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (!accessKeyId || !date || region === undefined || !service || terminator !== 'aws4_request') {
    throw new MalformedSignature('The credential must be <key>/<date>/<region>/<service>/aws4_request.');
  }
  return { accessKeyId, date, region, service };
}

/** @returns milliseconds since 1970, or undefined when it is no `YYYYMMDDTHHMMSSZ` */
export function parseTimestamp(timestamp: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** Keys of the functions' credentials, which sign every call that is made. */
const signingKeys = new Map<string, Buffer>();
const MOST_SIGNING_KEYS = 1_000;

/** The key of one day, region and service. Making it costs four times what a signature does, so that it is kept. */
function signingKey(secretAccessKey: string, { date, region, service }: Omit<CredentialScope, 'accessKeyId'>): Buffer {
  const steps = [date, region, service, 'aws4_request'];
  const name = JSON.stringify([secretAccessKey, ...steps]);
  const known = signingKeys.get(name);
  if (known) return known;
  const key = steps.reduce<Buffer>((previous, step) => hmac(previous, step), Buffer.from(`AWS4${secretAccessKey}`));
  if (signingKeys.size >= MOST_SIGNING_KEYS) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

/** Compares hexadecimal signatures in constant time. */
export function signaturesEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * The signature that `request` should carry, in lower-case hexadecimal.
 * @param payloadHash the hash line of the canonical request: a SHA-256, `UNSIGNED-PAYLOAD` or `STREAMING-…`
 */
export function expectedSignature(
  request: SignedRequest,
  signature: RequestSignature,
  secretAccessKey: string,
  payloadHash: string,
): string {
  const { date, region, service } = signature.scope;
  const canonical = [
    request.method,
    service === 's3' ? canonicalS3Path(request.path) : canonicalPath(request.path),
    canonicalQuery(request.rawQuery),
    ...signature.signedHeaders.map(name => `${name}:${canonicalHeader(request.headers, name)}`),
    '',
    signature.signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const stringToSign = [ALGORITHM, signature.timestamp, scope, sha256(canonical)].join('\n');
  return hmac(signingKey(secretAccessKey, signature.scope), stringToSign).toString('hex');
}

/** S3 signs the path encoded once, just as it names the object: `//` and `..` stay. */
function canonicalS3Path(path: string): string {
  return path.split('/').map(decodeOr).map(encode).join('/');
}

/** Every other service signs the path as sent, normalized and encoded a second time. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const end = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.map(encode).join('/')}${end}`;
}

function canonicalQuery(rawQuery: string): string {
  const pairs: [string, string][] = [];
  for (const parameter of rawQuery.split('&')) {
    if (parameter === '') continue;
    const [name = '', ...value] = parameter.split('=');
    pairs.push([encode(decodeParameter(name)), encode(decodeParameter(value.join('=')))]);
  }
  return pairs
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function canonicalHeader(headers: IncomingHttpHeaders, name: string): string {
  return (headerValue(headers, name) ?? '').trim().replace(/\s+/g, ' ');
}

/** HTTP/2 carries the host as `:authority`; clients sign it under either name. */
function headerValue(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined);
  return Array.isArray(value) ? value.join(',') : value;
}

/** An HTTP `Date` header in the basic form that signatures use. */
function basicDate(httpDate: string | undefined): string | undefined {
  const time = Date.parse(httpDate ?? '');
  if (Number.isNaN(time)) return httpDate;
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** RFC 3986: all but unreserved characters are percent-encoded, in upper case. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

const decodeParameter = (text: string) => decodeOr(text.replaceAll('+', ' '));

/** Text that is not valid percent-encoding stands for itself: its signature then fails, as it should. */
function decodeOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
