import { authorizeBucket, queryInteger, type S3Call } from './call.ts';
import { after, from, type ObjectVersion, type Position } from './catalog.ts';
import { CHECKSUM_ALGORITHMS } from './checksums.ts';
import { requireBucket, type S3Context } from './context.ts';
import { invalidArgument, notImplemented } from './errors.ts';
import { isoDate, ownerElement, quoted, replyXml } from './reply.ts';
import { element, optionalElement, type XmlElement } from './xml.ts';

const MAX_PAGE = 1000;
/** Greater than every other character, so that keys under a common prefix can be skipped at once. */
const LAST_CHARACTER = '\u{10ffff}';

interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
}

/** Where a page begins: at a position, perhaps inside a common prefix that the page before has named. */
interface PageStart {
  readonly position: Position;
  readonly rolledUp?: string;
}

interface ListPage {
  readonly versions: ObjectVersion[];
  readonly commonPrefixes: string[];
  /** The last entry of a page that others follow: a version, or a common prefix. */
  readonly last?: ObjectVersion | string;
}

/**
 * One page of a listing: keys in byte order, keys that share a prefix up to the delimiter named once.
 * @param read versions from a position on, at most so many
 */
function listPage(
  read: (position: Position, limit: number) => ObjectVersion[],
  query: ListQuery,
  start: PageStart,
): ListPage {
  const versions: ObjectVersion[] = [];
  const commonPrefixes: string[] = [];
  let last: ObjectVersion | string | undefined;
  if (query.maxKeys === 0) return { versions, commonPrefixes };
  for (const entry of listEntries(read, query, start)) {
    if (versions.length + commonPrefixes.length === query.maxKeys) return { versions, commonPrefixes, last };
    if (typeof entry === 'string') commonPrefixes.push(entry);
    else versions.push(entry);
    last = entry;
  }
  return { versions, commonPrefixes };
}

/** Versions and common prefixes as they follow each other, read in batches. */
function* listEntries(
  read: (position: Position, limit: number) => ObjectVersion[],
  { prefix, delimiter, maxKeys }: ListQuery,
  start: PageStart,
): Generator<ObjectVersion | string> {
  const limit = maxKeys + 1; // one more tells whether another page follows
  let { position, rolledUp } = start;
  if (Buffer.compare(Buffer.from(position.key), Buffer.from(prefix)) < 0) position = from(prefix);
  for (;;) {
    const batch = read(position, limit);
    for (const version of batch) {
      if (!version.key.startsWith(prefix)) return;
      if (rolledUp !== undefined && version.key.startsWith(rolledUp)) continue;
      rolledUp = commonPrefixOf(version.key, prefix, delimiter);
      yield rolledUp ?? version;
    }
    const end = batch.at(-1);
    if (!end || batch.length < limit) return;
    position = positionBehind(end, rolledUp);
  }
}

/** Behind a version; behind all that its common prefix stands for, if it has one. */
function positionBehind({ key, seq }: ObjectVersion, rolledUp: string | undefined): Position {
  const skipsAhead = rolledUp !== undefined && key.startsWith(rolledUp) && key < rolledUp + LAST_CHARACTER;
  return skipsAhead ? from(rolledUp + LAST_CHARACTER) : { key, beforeSeq: seq };
}

function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** A page that goes on behind an entry: a key, or a common prefix. */
function startAfter(marker: string, { prefix, delimiter }: ListQuery): PageStart {
  const isCommonPrefix = marker.startsWith(prefix) && commonPrefixOf(marker, prefix, delimiter) === marker;
  return isCommonPrefix ? { position: after(marker), rolledUp: marker } : { position: after(marker) };
}

export function listObjects(context: S3Context, call: S3Call): void {
  if (call.exchange.query.get('list-type') === '2') listObjectsV2(context, call);
  else listObjectsV1(context, call);
}

function listObjectsV2(context: S3Context, call: S3Call): void {
  const { query } = call.exchange;
  const list = openListing(context, call, 's3:ListBucket');
  const token = query.get('continuation-token');
  const startAfterKey = query.get('start-after') ?? '';
  const start = startAfter(token === null ? startAfterKey : parseToken(token), list);
  const { versions, commonPrefixes, last } = listPage(objectsOf(context, call), list, start);
  const encode = encoderOf(call);
  const withOwner = query.get('fetch-owner') === 'true';
  const result = element('ListBucketResult', [
    element('Name', call.bucket),
    element('Prefix', encode(list.prefix)),
    optionalElement('Delimiter', list.delimiter === '' ? undefined : encode(list.delimiter)),
    optionalElement('StartAfter', startAfterKey === '' ? undefined : encode(startAfterKey)),
    optionalElement('EncodingType', query.get('encoding-type') ?? undefined),
    optionalElement('ContinuationToken', token ?? undefined),
    optionalElement('NextContinuationToken', last === undefined ? undefined : makeToken(last)),
    element('KeyCount', versions.length + commonPrefixes.length),
    element('MaxKeys', list.maxKeys),
    element('IsTruncated', last !== undefined),
    ...versions.map(version => objectElement(version, encode, withOwner)),
    ...prefixElements(commonPrefixes, encode),
  ]);
  replyXml(call, result);
}

function listObjectsV1(context: S3Context, call: S3Call): void {
  const { query } = call.exchange;
  const list = openListing(context, call, 's3:ListBucket');
  const marker = query.get('marker') ?? '';
  const { versions, commonPrefixes, last } = listPage(objectsOf(context, call), list, startAfter(marker, list));
  const encode = encoderOf(call);
  const nextMarker = last !== undefined && list.delimiter !== '' ? entryName(last) : undefined;
  const result = element('ListBucketResult', [
    element('Name', call.bucket),
    element('Prefix', encode(list.prefix)),
    element('Marker', encode(marker)),
    optionalElement('NextMarker', nextMarker === undefined ? undefined : encode(nextMarker)),
    optionalElement('Delimiter', list.delimiter === '' ? undefined : encode(list.delimiter)),
    optionalElement('EncodingType', query.get('encoding-type') ?? undefined),
    element('MaxKeys', list.maxKeys),
    element('IsTruncated', last !== undefined),
    ...versions.map(version => objectElement(version, encode, true)),
    ...prefixElements(commonPrefixes, encode),
  ]);
  replyXml(call, result);
}

export function listObjectVersions(context: S3Context, call: S3Call): void {
  const { query } = call.exchange;
  const list = openListing(context, call, 's3:ListBucketVersions');
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker') ?? '';
  const start = versionsStart(context, call, list, keyMarker, versionMarker);
  const read = (position: Position, limit: number) => context.catalog.page(call.bucket, position, limit, 'versions');
  const { versions, commonPrefixes, last } = listPage(read, list, start);
  const encode = encoderOf(call);
  const result = element('ListVersionsResult', [
    element('Name', call.bucket),
    element('Prefix', encode(list.prefix)),
    element('KeyMarker', encode(keyMarker)),
    element('VersionIdMarker', versionMarker),
    optionalElement('NextKeyMarker', last === undefined ? undefined : encode(entryName(last))),
    optionalElement('NextVersionIdMarker', typeof last === 'object' ? last.versionId : undefined),
    optionalElement('Delimiter', list.delimiter === '' ? undefined : encode(list.delimiter)),
    optionalElement('EncodingType', query.get('encoding-type') ?? undefined),
    element('MaxKeys', list.maxKeys),
    element('IsTruncated', last !== undefined),
    ...versions.map(version => versionElement(version, encode)),
    ...prefixElements(commonPrefixes, encode),
  ]);
  replyXml(call, result);
}

function versionsStart(
  context: S3Context,
  call: S3Call,
  list: ListQuery,
  keyMarker: string,
  versionMarker: string,
): PageStart {
  if (versionMarker === '') return startAfter(keyMarker, list);
  if (keyMarker === '') {
    throw invalidArgument(
      'version-id-marker',
      versionMarker,
      'A version-id marker cannot be specified without a key marker.',
    );
  }
  const version = context.catalog.version(call.bucket, keyMarker, versionMarker);
  if (!version) throw invalidArgument('version-id-marker', versionMarker, 'Invalid version id specified');
  return { position: { key: keyMarker, beforeSeq: version.seq } };
}

/** Checks bucket and caller, and reads what all listings have in common. */
function openListing(context: S3Context, call: S3Call, action: string): ListQuery {
  const { query } = call.exchange;
  requireBucket(context, call.bucket);
  authorizeBucket(context.iam, call, action, {
    's3:prefix': query.get('prefix') ?? undefined,
    's3:delimiter': query.get('delimiter') ?? undefined,
    's3:max-keys': query.get('max-keys') ?? undefined,
  });
  const encoding = query.get('encoding-type');
  if (encoding !== null && encoding !== 'url') {
    throw invalidArgument('encoding-type', encoding, 'Invalid Encoding Method specified in Request');
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: queryInteger(call, 'max-keys', MAX_PAGE, MAX_PAGE),
  };
}

const objectsOf =
  ({ catalog }: S3Context, { bucket }: S3Call) =>
  (position: Position, limit: number) =>
    catalog.page(bucket, position, limit, 'objects');

/** Spaces become `%20`, not `+`: both ways of decoding that clients use read it alike. */
const encoderOf = ({ exchange }: S3Call) =>
  exchange.query.get('encoding-type') === 'url'
    ? (text: string) => encodeURIComponent(text).replaceAll('%2F', '/')
    : (text: string) => text;

const entryName = (entry: ObjectVersion | string) => (typeof entry === 'string' ? entry : entry.key);

const makeToken = (last: ObjectVersion | string) => Buffer.from(entryName(last)).toString('base64url');

function parseToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString('utf8');
  if (makeToken(key) === token) return key;
  throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect');
}

function objectElement(version: ObjectVersion, encode: (text: string) => string, withOwner: boolean): XmlElement {
  const { checksums, checksumType } = version.attributes;
  const algorithms = CHECKSUM_ALGORITHMS.filter(algorithm => checksums[algorithm] !== undefined);
  return element('Contents', [
    element('Key', encode(version.key)),
    element('LastModified', isoDate(version.modifiedAt)),
    element('ETag', quoted(version.etag)),
    ...algorithms.map(algorithm => element('ChecksumAlgorithm', algorithm)),
    optionalElement('ChecksumType', algorithms.length > 0 ? checksumType : undefined),
    element('Size', version.size),
    withOwner ? ownerElement() : undefined,
    element('StorageClass', 'STANDARD'),
  ]);
}

function versionElement(version: ObjectVersion, encode: (text: string) => string): XmlElement {
  const common = [
    element('Key', encode(version.key)),
    element('VersionId', version.versionId),
    element('IsLatest', version.latest),
    element('LastModified', isoDate(version.modifiedAt)),
    ownerElement(),
  ];
  if (version.deleteMarker) return element('DeleteMarker', common);
  return element('Version', [
    ...common,
    element('ETag', quoted(version.etag)),
    element('Size', version.size),
    element('StorageClass', 'STANDARD'),
  ]);
}

const prefixElements = (prefixes: readonly string[], encode: (text: string) => string) =>
  prefixes.map(prefix => element('CommonPrefixes', [element('Prefix', encode(prefix))]));

export function listMultipartUploads(context: S3Context, call: S3Call): void {
  const { query } = call.exchange;
  requireBucket(context, call.bucket);
  authorizeBucket(context.iam, call, 's3:ListBucketMultipartUploads');
  if (query.get('delimiter')) throw notImplemented('a delimiter in ListMultipartUploads');
  const prefix = query.get('prefix') ?? '';
  const marker = { key: query.get('key-marker') ?? '', uploadId: query.get('upload-id-marker') ?? '' };
  const maxUploads = queryInteger(call, 'max-uploads', MAX_PAGE, MAX_PAGE);
  const found = context.uploads.page(call.bucket, marker, prefix, maxUploads + 1);
  const uploads = found.slice(0, maxUploads);
  const truncated = found.length > uploads.length;
  const encode = encoderOf(call);
  const result = element('ListMultipartUploadsResult', [
    element('Bucket', call.bucket),
    element('KeyMarker', encode(marker.key)),
    element('UploadIdMarker', marker.uploadId),
    optionalElement('NextKeyMarker', truncated ? encode(uploads.at(-1)?.key ?? '') : undefined),
    optionalElement('NextUploadIdMarker', truncated ? uploads.at(-1)?.uploadId : undefined),
    optionalElement('EncodingType', query.get('encoding-type') ?? undefined),
    element('Prefix', encode(prefix)),
    element('MaxUploads', maxUploads),
    element('IsTruncated', truncated),
    ...uploads.map(({ key, uploadId, initiatedAt, options }) =>
      element('Upload', [
        element('Key', encode(key)),
        element('UploadId', uploadId),
        ownerElement('Initiator'),
        ownerElement(),
        element('StorageClass', 'STANDARD'),
        element('Initiated', isoDate(initiatedAt)),
        optionalElement('ChecksumAlgorithm', options.checksumAlgorithm),
      ]),
    ),
  ]);
  replyXml(call, result);
}
