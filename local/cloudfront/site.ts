/** What a distribution answers to viewers, below `/_site/<domain label>/`. Nothing is cached. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AccessDenied, type Caller, type Exchange, type S3Server, type StoredObject } from '../contracts.ts';
import { s3Error } from '../wire.ts';
import { codingFor, compressor } from './compression.ts';
import { type DistributionSpec, type Distributions, distributionArn } from './distributions.ts';
import { applyPolicy } from './headers-policy.ts';
import { type ByteRange, isUnchanged, rangeOf } from './validators.ts';

export interface SiteOptions {
  readonly distributions: Distributions;
  readonly s3: Pick<S3Server, 'readObject'>;
}
/** An answer of the origin: an object, or why there is none. */
type Found = { readonly object: StoredObject; readonly status: number } | { readonly refused: 403 | 404 };
interface Visit {
  readonly exchange: Exchange;
  readonly distribution: DistributionSpec;
  readonly options: SiteOptions;
}

export async function serveSite(options: SiteOptions, exchange: Exchange): Promise<void> {
  const [, label = '', path] = /^\/_site\/([^/]*)(\/.*)?$/.exec(exchange.path) ?? [];
  const distribution = options.distributions.ofDomain(label);
  if (!distribution) return s3Error(exchange.response, 404, 'NoSuchDistribution', `No site is served at ${label}.`);
  // On AWS the site is a host of its own, whose path is never empty; relative addresses need the slash.
  if (path === undefined) return void exchange.response.writeHead(301, { location: `/_site/${label}/` }).end();
  await serve({ exchange, distribution, options }, path);
}

async function serve(visit: Visit, path: string): Promise<void> {
  const { exchange, distribution } = visit;
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') {
    const message = 'This distribution is not configured to allow the HTTP request method that was used.';
    return refuse(visit, 403, 'Forbidden', message);
  }
  const key = keyOf(distribution, path);
  if (key === undefined) return refuse(visit, 400, 'InvalidURI', `The path ${path} is not UTF-8.`);
  const found = withErrorPage(visit, read(visit, key));
  if ('object' in found) return send(visit, found);
  const [code, message] =
    found.refused === 404 ? ['NoSuchKey', `There is no ${key}.`] : ['AccessDenied', 'Access Denied'];
  refuse(visit, found.refused, code, message);
}

/** @returns undefined for a path that cannot be decoded */
function keyOf({ defaultRootObject, originPath }: DistributionSpec, path: string): string | undefined {
  try {
    return decodeURIComponent(`${originPath}${path === '/' ? `/${defaultRootObject}` : path}`).slice(1);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function read({ distribution: { id, bucket, signed }, options }: Visit, key: string): Found {
  const caller: Caller = signed
    ? { kind: 'service', principal: 'cloudfront.amazonaws.com', sourceArn: distributionArn(id) }
    : { kind: 'anonymous' };
  try {
    const object = options.s3.readObject(caller, bucket, key);
    return object ? { object, status: 200 } : { refused: 404 };
  } catch (error) {
    if (error instanceof AccessDenied) return { refused: 403 };
    throw error;
  }
}

function withErrorPage(visit: Visit, found: Found): Found {
  if (!('refused' in found)) return found;
  const rule = visit.distribution.errorResponses.find(({ errorCode }) => errorCode === found.refused);
  if (rule?.pagePath === undefined) return found;
  const page = read(visit, decodeURIComponent(rule.pagePath).slice(1));
  return 'object' in page ? { ...page, status: rule.responseCode ?? found.refused } : found;
}

async function send(visit: Visit, { object, status }: Extract<Found, { object: StoredObject }>): Promise<void> {
  const { headers } = visit.exchange;
  const coding = visit.distribution.compress ? codingFor(headers['accept-encoding'], object) : undefined;
  const described = {
    ...object.headers,
    'accept-ranges': 'bytes',
    etag: coding ? `W/"${object.etag}"` : `"${object.etag}"`,
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    ...(coding && { 'content-encoding': coding, vary: 'Accept-Encoding' }),
  };
  if (status === 200 && isUnchanged(headers, object)) return write(visit, 304, described);
  if (coding) return write(visit, status, described, object.read().pipe(compressor(coding)));
  const range = status === 200 ? rangeOf(headers, object) : undefined;
  if (range === 'unsatisfiable') {
    return refuse(visit, 416, 'InvalidRange', 'The requested range is not satisfiable', `bytes */${object.size}`);
  }
  return write(visit, range ? 206 : status, { ...described, ...lengthOf(object, range) }, bodyOf(object, range));
}

function lengthOf({ size }: StoredObject, range: ByteRange | undefined): Record<string, string> {
  if (!range) return { 'content-length': String(size) };
  const { start, end } = range;
  return { 'content-length': String(end - start + 1), 'content-range': `bytes ${start}-${end}/${size}` };
}

const bodyOf = (object: StoredObject, range: ByteRange | undefined): Readable =>
  object.size === 0 ? Readable.from([]) : object.read(range);

async function write(
  { exchange: { method, response }, distribution, options }: Visit,
  status: number,
  headers: Readonly<Record<string, string>>,
  body?: Readable,
): Promise<void> {
  const policy = options.distributions.headersPolicy(distribution.headersPolicyId ?? '');
  response.writeHead(status, { ...applyPolicy(policy, headers) });
  if (body && method === 'GET') return pipeline(body, response);
  body?.destroy();
  response.end();
}

function refuse(
  { exchange: { response }, distribution, options }: Visit,
  status: number,
  code: string,
  message: string,
  contentRange?: string,
): void {
  const policy = options.distributions.headersPolicy(distribution.headersPolicyId ?? '');
  const ofOrigin: Record<string, string> = contentRange === undefined ? {} : { 'content-range': contentRange };
  for (const [name, value] of Object.entries(applyPolicy(policy, ofOrigin))) response.setHeader(name, value);
  s3Error(response, status, code, message);
}
