import type { S3Call } from './call.ts';
import type { Bucket, ObjectVersion } from './catalog.ts';
import {
  CHECKSUM_ALGORITHMS,
  type Checksums,
  type ChecksumType,
  checksumElement,
  checksumHeader,
} from './checksums.ts';
import type { S3Error } from './errors.ts';
import { element, optionalElement, writeXml, type XmlElement } from './xml.ts';

type Headers = Readonly<Record<string, string | number | undefined>>;

/** Headers with the value `undefined` are left out. */
export function writeHead({ exchange: { response } }: S3Call, status: number, headers: Headers): void {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.writeHead(status);
}

export function replyEmpty(call: S3Call, status: number, headers: Headers = {}): void {
  const length = status === 204 || status === 304 ? {} : { 'content-length': 0 };
  writeHead(call, status, { ...length, ...headers });
  call.exchange.response.end();
}

export function replyXml(call: S3Call, root: XmlElement, headers: Headers = {}, status = 200): void {
  replyDocument(call, status, writeXml(root), headers);
}

function replyDocument(call: S3Call, status: number, xml: string, headers: Headers): void {
  const body = Buffer.from(xml);
  writeHead(call, status, { 'content-type': 'application/xml', 'content-length': body.length, ...headers });
  call.exchange.response.end(body);
}

/** A reply to HEAD and a 304 have no body; the status says all. */
export function replyError(call: S3Call, error: S3Error): void {
  if (call.exchange.method === 'HEAD' || error.status === 304) {
    replyEmpty(call, error.status, error.headers);
    return;
  }
  const details = Object.entries(error.details).map(([name, value]) => element(name, value));
  const resource = `/${[call.bucket, call.key].filter(part => part !== '').join('/')}`;
  const root = element('Error', [
    element('Code', error.code),
    element('Message', error.message),
    ...details,
    element('Resource', resource),
    element('RequestId', call.requestId),
    element('HostId', call.requestId),
  ]);
  replyDocument(call, error.status, writeXml(root, { namespace: false }), error.headers);
}

export const quoted = (etag: string) => `"${etag}"`;
export const httpDate = (milliseconds: number) => new Date(milliseconds).toUTCString();
export const isoDate = (milliseconds: number) => new Date(milliseconds).toISOString();

/** Named only where the bucket is, or once was, versioned. */
export const versionIdHeader = (bucket: Bucket, version: Pick<ObjectVersion, 'versionId'>) =>
  bucket.versioning === 'Unversioned' ? undefined : version.versionId;

export function checksumHeaders(checksums: Checksums, type: ChecksumType): Headers {
  const headers: Record<string, string> = {};
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = checksums[algorithm];
    if (value === undefined) continue;
    headers[checksumHeader(algorithm)] = value;
    headers['x-amz-checksum-type'] = type;
  }
  return headers;
}

export const checksumElements = (checksums: Checksums): (XmlElement | undefined)[] =>
  CHECKSUM_ALGORITHMS.map(algorithm => optionalElement(checksumElement(algorithm), checksums[algorithm]));

/** Everyone's objects belong to the one account. */
export const ownerElement = (name = 'Owner') =>
  element(name, [element('ID', 'local'), element('DisplayName', 'local')]);
