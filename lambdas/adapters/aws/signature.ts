import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** For whom a signature is good. */
export interface SigningScope {
  /** As it stands in the credential scope: `dynamodb`, `bedrock`, `s3` … */
  readonly service: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
}

/** A request as it goes over the wire. */
export interface SignableRequest {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Names in lower case; `host` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

const sha256 = (content: string | Uint8Array): string => hash('sha256', content);
const hmac = (key: string | Buffer | KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/**
 * Signs a request by its headers.
 * @returns the headers to send: those given, and what signing adds
 * @see "Create a signed AWS API request", AWS Identity and Access Management User Guide
 */
export function signHeaders(request: SignableRequest, scope: SigningScope, now: Date): Record<string, string> {
  const time = timeOf(now);
  const bodyHash = sha256(request.body);
  const headers = {
    ...request.headers,
    'x-amz-date': time,
    ...(scope.credentials.sessionToken && { 'x-amz-security-token': scope.credentials.sessionToken }),
    // S3 wants to be told; for the others it is a header less.
    ...(scope.service === 's3' && { 'x-amz-content-sha256': bodyHash }),
  };
  const names = Object.keys(headers).sort().join(';');
  const signature = signatureOf({ ...request, headers }, { scope, time, names, bodyHash });
  const credential = `Credential=${scope.credentials.accessKeyId}/${credentialScope(scope, time)}`;
  return { ...headers, authorization: `${ALGORITHM} ${credential}, SignedHeaders=${names}, Signature=${signature}` };
}

/**
 * Signs a GET request of S3 by its query, so that whoever has the link may send it until it expires.
 * @returns the query's parameters: those given, and what signing adds
 */
export function signQuery(
  { path, query = {}, host }: { path: string; query?: Readonly<Record<string, string>>; host: string },
  scope: SigningScope,
  { now, expiresSeconds }: { now: Date; expiresSeconds: number },
): Record<string, string> {
  const time = timeOf(now);
  const { accessKeyId, sessionToken } = scope.credentials;
  const signed = {
    ...query,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${accessKeyId}/${credentialScope(scope, time)}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(expiresSeconds),
    ...(sessionToken && { 'X-Amz-Security-Token': sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  };
  const request = { method: 'GET', path, query: signed, headers: { host }, body: '' };
  const signature = signatureOf(request, { scope, time, names: 'host', bodyHash: 'UNSIGNED-PAYLOAD' });
  return { ...signed, 'X-Amz-Signature': signature };
}

/** Percent-encoded as AWS compares it: everything but letters, digits and `-_.~`. */
export const encodeUri = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** `name=value&…` in the order of the encoded names, as it is signed and sent. */
export const encodeQuery = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => [encodeUri(name), encodeUri(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(pair => pair.join('='))
    .join('&');

/** `20260131T235959Z` */
const timeOf = (now: Date): string => now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');

const credentialScope = ({ region, service }: SigningScope, time: string): string =>
  `${time.slice(0, 8)}/${region}/${service}/aws4_request`;

interface Signing {
  readonly scope: SigningScope;
  readonly time: string;
  /** The signed headers' names, sorted, joined by `;`. */
  readonly names: string;
  readonly bodyHash: string;
}

function signatureOf(request: SignableRequest, { scope, time, names, bodyHash }: Signing): string {
  const { method, path, query = {}, headers } = request;
  const lines = names.split(';').map(name => `${name}:${(headers[name] ?? '').trim().replaceAll(/\s+/g, ' ')}\n`);
  // S3 signs the path as it is sent; all others encode it once more.
  const canonicalPath = scope.service === 's3' ? path : path.split('/').map(encodeUri).join('/');
  const canonical = [method, canonicalPath, encodeQuery(query), lines.join(''), names, bodyHash].join('\n');
  const toSign = [ALGORITHM, time, credentialScope(scope, time), sha256(canonical)].join('\n');
  return hmac(signingKey(scope, time.slice(0, 8)), toSign).toString('hex');
}

const keys = new Map<string, KeyObject>();
/** More than any function has services. */
const MOST_KEYS = 50;

/** Good for a day, and the same for every request of it: as a key object, since Node looks at bytes anew at each use. */
function signingKey({ credentials, region, service }: SigningScope, day: string): KeyObject {
  const name = [credentials.secretAccessKey, day, region, service].join(' ');
  const known = keys.get(name);
  if (known) return known;
  const secret = Buffer.from(`AWS4${credentials.secretAccessKey}`);
  const key = createSecretKey([day, region, service, 'aws4_request'].reduce<Buffer>(hmac, secret));
  if (keys.size >= MOST_KEYS) keys.clear();
  keys.set(name, key);
  return key;
}
