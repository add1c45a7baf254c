import type { ConditionContext, Exchange, Iam } from '../contracts.ts';
import { ACCOUNT_ID, PARTITION } from '../contracts.ts';
import { S3Error } from './errors.ts';

const MAX_KEY_BYTES = 1024;

/** One S3 request: an exchange whose bucket and key have been read from host and path. */
export interface S3Call {
  readonly exchange: Exchange;
  readonly requestId: string;
  /** Empty for calls on the service, such as ListBuckets. */
  readonly bucket: string;
  /** Empty for calls on the bucket. */
  readonly key: string;
}

/** What an authorization needs of a call. */
export type Asked = Pick<S3Call, 'bucket' | 'key'> & { readonly exchange: Pick<Exchange, 'caller'> };

export const bucketArn = (bucket: string) => `arn:${PARTITION}:s3:::${bucket}`;
const objectArn = (bucket: string, key: string) => `${bucketArn(bucket)}/${key}`;

/** @throws S3Error for an address that is not UTF-8, or a key that is too long */
export function addressOf(exchange: Pick<Exchange, 'headers' | 'path'>): { bucket: string; key: string } {
  const virtualHost = virtualHostBucket(exchange.headers.host);
  if (virtualHost !== undefined) return { bucket: virtualHost, key: parseKey(exchange.path.slice(1)) };
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?([\s\S]*)$/.exec(exchange.path) ?? [];
  return { bucket: decodeUri(bucket), key: parseKey(key) };
}

/** `my-bucket.localhost:4566` names the bucket; `s3.localhost` does not. */
function virtualHostBucket(host = ''): string | undefined {
  const name = /^(.+?)(?:\.s3)?\.localhost(?::\d+)?$/.exec(host)?.[1];
  return name === 's3' ? undefined : name;
}

const parseKey = (path: string) => requireShortKey(decodeUri(path));

/** @returns `key` @throws S3Error KeyTooLongError */
export function requireShortKey(key: string): string {
  const length = Buffer.byteLength(key);
  if (length <= MAX_KEY_BYTES) return key;
  throw new S3Error('KeyTooLongError', 'Your key is too long', {
    details: { Size: String(length), MaxSizeAllowed: String(MAX_KEY_BYTES) },
  });
}

export function decodeUri(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.", { details: { URI: encoded } });
  }
}

/**
 * A request header. Presigned URLs carry `x-amz-…` headers as query parameters instead, and S3 treats both alike.
 * @param name in lower case
 */
export function headerOf({ exchange }: Pick<S3Call, 'exchange'>, name: string): string | undefined {
  const value = exchange.headers[name];
  if (value !== undefined) return Array.isArray(value) ? value.join(',') : value;
  if (!name.startsWith('x-amz-')) return undefined;
  for (const [parameter, hoisted] of exchange.query) if (parameter.toLowerCase() === name) return hoisted;
  return undefined;
}

/** All `x-amz-meta-…` and the like, names in lower case. */
export function headersWithPrefix({ exchange }: Pick<S3Call, 'exchange'>, prefix: string): [string, string][] {
  const found = new Map<string, string>();
  for (const [parameter, value] of exchange.query) {
    const name = parameter.toLowerCase();
    if (name.startsWith(prefix)) found.set(name, value);
  }
  for (const [name, value] of Object.entries(exchange.headers)) {
    if (name.startsWith(prefix) && value !== undefined) found.set(name, Array.isArray(value) ? value.join(',') : value);
  }
  return [...found];
}

/** @throws AccessDenied */
export function authorizeObject(
  iam: Iam,
  { exchange, bucket, key }: Asked,
  action: string,
  context?: ConditionContext,
): void {
  iam.authorize(exchange.caller, action, objectArn(bucket, key), context);
}

/** @throws AccessDenied */
export function authorizeBucket(
  iam: Iam,
  { exchange, bucket }: Omit<Asked, 'key'>,
  action: string,
  context?: ConditionContext,
): void {
  iam.authorize(exchange.caller, action, bucketArn(bucket), context);
}

/** The guard against writing to a stranger's bucket of the same name. */
export function requireExpectedOwner(call: S3Call): void {
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    const owner = headerOf(call, name);
    if (owner === undefined || owner === ACCOUNT_ID) continue;
    throw new S3Error('AccessDenied', `The bucket belongs to account ${ACCOUNT_ID}, not to ${owner} as ${name} says.`);
  }
}

/** @returns the query's whole number, or `whenAbsent` @throws S3Error InvalidArgument */
export function queryInteger({ exchange }: S3Call, name: string, whenAbsent: number, max: number): number {
  const text = exchange.query.get(name);
  if (text === null || text === '') return whenAbsent;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return Math.min(value, max);
  throw new S3Error('InvalidArgument', `Provided ${name} not an integer or within integer range`, {
    details: { ArgumentName: name, ArgumentValue: text },
  });
}
