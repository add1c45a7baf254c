import { pipeline } from 'node:stream/promises';
import { asHeaderBytes, attributeHeaders, CONTENT_HEADERS, headerValue } from './attributes.ts';
import { type Asked, authorizeObject, headerOf, type S3Call } from './call.ts';
import type { Bucket, ObjectVersion } from './catalog.ts';
import { checkReadConditions } from './conditions.ts';
import { mayListBucket, requireBucket, type S3Context } from './context.ts';
import { invalidArgument, noSuchKey, S3Error } from './errors.ts';
import { checksumHeaders, httpDate, quoted, versionIdHeader, writeHead } from './reply.ts';

type StoredVersion = ObjectVersion & { readonly body: string };

/** Bytes of one reply; `end` is inclusive. */
interface Selection {
  readonly start: number;
  readonly end: number;
  readonly partial: boolean;
  readonly partsCount?: number;
}

/** How a read is answered, before anything is written. */
interface ReadReply {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly version: StoredVersion;
  readonly selection: Selection;
}

export async function getObject(context: S3Context, call: S3Call): Promise<void> {
  const { status, headers, version, selection } = readReply(context, call);
  if (version.size === 0) {
    writeHead(call, status, headers);
    call.exchange.response.end();
    return;
  }
  // Opened before the head is written: a body that is missing is then still answered as an error.
  const body = context.bodies.read(version.body, { start: selection.start, end: selection.end });
  writeHead(call, status, headers);
  await pipeline(body, call.exchange.response);
}

export function headObject(context: S3Context, call: S3Call): void {
  const { status, headers } = readReply(context, call);
  writeHead(call, status, headers);
  call.exchange.response.end();
}

/** Finds and authorizes the version, and checks the conditions. */
function readReply(context: S3Context, call: S3Call): ReadReply {
  const bucket = requireBucket(context, call.bucket);
  const version = readableVersion(context, call, bucket, call.exchange.query.get('versionId'));
  const overrides = overridesOf(call);
  checkReadConditions(call, version);
  const selection = selectionOf(call, version);
  const headers = { ...describeVersion(call, bucket, version, selection), ...overrides };
  return { status: selection.partial ? 206 : 200, headers, version, selection };
}

/**
 * The version that a caller may read. Who may not list the bucket does not learn whether a key exists.
 * @throws AccessDenied @throws S3Error NoSuchKey, NoSuchVersion, AccessDenied or MethodNotAllowed
 */
export function readableVersion(
  context: S3Context,
  call: Asked,
  bucket: Bucket,
  versionId: string | null,
): StoredVersion {
  authorizeObject(context.iam, call, versionId === null ? 's3:GetObject' : 's3:GetObjectVersion', {
    's3:VersionId': versionId ?? undefined,
  });
  const { catalog } = context;
  const found =
    versionId === null ? catalog.latest(bucket.name, call.key) : catalog.version(bucket.name, call.key, versionId);
  if (found?.body !== undefined) return { ...found, body: found.body };
  if (!mayListBucket(context, call)) {
    throw new S3Error(
      'AccessDenied',
      `${call.key} cannot be read. A caller that may s3:ListBucket would learn here whether it exists.`,
    );
  }
  throw notReadable(call.key, versionId, found);
}

function notReadable(key: string, versionId: string | null, marker: ObjectVersion | undefined): S3Error {
  const headers = marker && { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.versionId };
  if (versionId === null) return noSuchKey(key, headers);
  if (marker) {
    return new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      details: { Method: 'GET', ResourceType: 'DeleteMarker' },
      headers: { ...headers, allow: 'DELETE', 'last-modified': httpDate(marker.modifiedAt) },
    });
  }
  return new S3Error('NoSuchVersion', 'The specified version does not exist.', {
    details: { Key: key, VersionId: versionId },
  });
}

function describeVersion(call: S3Call, bucket: Bucket, version: StoredVersion, selection: Selection) {
  const { attributes, size } = version;
  const wantsChecksums = headerOf(call, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  const wholeObject = !selection.partial || (selection.start === 0 && selection.end === size - 1);
  return {
    ...attributeHeaders(attributes),
    ...(wantsChecksums && wholeObject ? checksumHeaders(attributes.checksums, attributes.checksumType) : {}),
    'accept-ranges': 'bytes',
    'content-length': selection.end - selection.start + 1,
    'content-range': selection.partial ? `bytes ${selection.start}-${selection.end}/${size}` : undefined,
    etag: quoted(version.etag),
    'last-modified': httpDate(version.modifiedAt),
    'x-amz-version-id': versionIdHeader(bucket, version),
    'x-amz-mp-parts-count': selection.partsCount,
  };
}

/**
 * What a signed request wants the content headers to be.
 * @throws S3Error InvalidRequest for an anonymous caller: anybody could dress a public object as a page of this host
 */
function overridesOf({ exchange: { query, caller } }: S3Call): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const name of CONTENT_HEADERS) {
    const value = query.get(`response-${name}`);
    if (value !== null) overrides[name] = asHeaderBytes(headerValue(`response-${name}`, value));
  }
  if (caller.kind === 'anonymous' && Object.keys(overrides).length > 0) {
    throw new S3Error('InvalidRequest', 'Request specific response headers cannot be used for anonymous GET requests.');
  }
  return overrides;
}

function selectionOf(call: S3Call, { size, attributes }: StoredVersion): Selection {
  const range = headerOf(call, 'range');
  const partNumber = call.exchange.query.get('partNumber');
  if (partNumber !== null) {
    if (range !== undefined)
      throw new S3Error('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter');
    return partSelection(partNumber, attributes.partSizes, size);
  }
  return rangeSelection(range, size);
}

/** An object that was not uploaded in parts is its own part 1. */
function partSelection(text: string, partSizes: readonly number[] | undefined, size: number): Selection {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw invalidArgument('partNumber', text, 'Part number must be an integer between 1 and 10000, inclusive');
  }
  const sizes = partSizes ?? [size];
  const length = sizes[number - 1];
  if (length === undefined) throw new S3Error('InvalidPartNumber', 'The requested partnumber is not satisfiable');
  const start = sizes.slice(0, number - 1).reduce((sum, part) => sum + part, 0);
  return { start, end: start + length - 1, partial: size > 0, partsCount: partSizes?.length };
}

/**
 * A single range of RFC 9110, section 14.1.2. Anything else, several ranges included, is ignored, as S3 does.
 * @throws S3Error InvalidRange when it lies behind the end
 */
export function rangeSelection(header: string | undefined, size: number): Selection {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (header === undefined || first === undefined || last === undefined || first + last === '') return whole(size);
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return whole(size);
  if (start >= size || (first === '' && Number(last) === 0)) throw invalidRange(header, size);
  return { start, end, partial: true };
}

const whole = (size: number): Selection => ({ start: 0, end: size - 1, partial: false });

const invalidRange = (range: string, size: number) =>
  new S3Error('InvalidRange', 'The requested range is not satisfiable', {
    details: { RangeRequested: range, ActualObjectSize: String(size) },
    headers: { 'content-range': `bytes */${size}` },
  });
