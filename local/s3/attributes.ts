import { headerOf, headersWithPrefix, type S3Call } from './call.ts';
import type { ObjectAttributes, Tag } from './catalog.ts';
import { invalidArgument, notImplemented, S3Error } from './errors.ts';
import { childrenOf, childText, element, malformedXml, parseXml, requiredChildText, type XmlElement } from './xml.ts';

const METADATA_PREFIX = 'x-amz-meta-';
const MAX_METADATA_BYTES = 2048;
const MAX_TAGS = 10;
const MAX_TAG_KEY = 128;
const MAX_TAG_VALUE = 256;

export const CONTENT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
] as const;
const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';

/** What a client says of an object beside its bytes, from headers or from the fields of a form. */
export interface AttributeSource {
  /** @param name in lower case */
  read(name: string): string | undefined;
  readonly metadata: readonly (readonly [name: string, value: string])[];
}

export const headerSource = (call: S3Call): AttributeSource => ({
  read: name => headerOf(call, name),
  metadata: headersWithPrefix(call, METADATA_PREFIX).map(([name, value]) => [name, asUtf8(value)]),
});

export type ContentAttributes = Pick<ObjectAttributes, 'headers' | 'metadata'>;

/** @throws S3Error for what S3 refuses, and NotImplemented for what changes behaviour and is not emulated */
export function contentAttributes(source: AttributeSource): ContentAttributes {
  refuseUnsupported(source);
  const headers: Record<string, string> = {};
  for (const name of CONTENT_HEADERS) {
    const value = name === 'content-encoding' ? contentEncoding(source.read(name)) : source.read(name);
    if (value) headers[name] = headerValue(name, value);
  }
  const metadata: Record<string, string> = {};
  for (const [name, value] of source.metadata) metadata[metadataName(name)] = value;
  requireSmallMetadata(metadata);
  return { headers, metadata };
}

/** @throws S3Error InvalidArgument for a line break and the like */
export function headerValue(name: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what HTTP forbids
  if (!/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) return value;
  throw invalidArgument(name, value, 'The value holds control characters, which a header cannot carry.');
}

/** Text as node writes it into a header: each byte of its UTF-8 as one character. */
export const asHeaderBytes = (text: string) => Buffer.from(text).toString('latin1');

function metadataName(header: string): string {
  if (/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(header)) return header.slice(METADATA_PREFIX.length);
  throw invalidArgument('metadata', header, 'The name of user metadata must be a valid HTTP header name.');
}

/** `aws-chunked` is of the transfer, not of the object. */
const contentEncoding = (value: string | undefined) =>
  value
    ?.split(',')
    .map(coding => coding.trim())
    .filter(coding => coding !== 'aws-chunked')
    .join(',');

function requireSmallMetadata(metadata: Readonly<Record<string, string>>): void {
  const size = Object.entries(metadata).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (size <= MAX_METADATA_BYTES) return;
  throw new S3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
    details: { Size: String(size), MaxSizeAllowed: String(MAX_METADATA_BYTES) },
  });
}

function refuseUnsupported({ read }: AttributeSource): void {
  const encryption = read('x-amz-server-side-encryption');
  if (encryption !== undefined && encryption !== 'AES256') throw notImplemented(`encryption by ${encryption}`);
  const storageClass = read('x-amz-storage-class');
  if (storageClass !== undefined && storageClass !== 'STANDARD') throw notImplemented(`storage class ${storageClass}`);
  const acl = read('x-amz-acl') ?? read('acl');
  if (acl !== undefined && acl !== 'private' && acl !== 'bucket-owner-full-control') {
    throw new S3Error('AccessControlListNotSupported', 'The bucket does not allow ACLs');
  }
  for (const name of [
    'x-amz-server-side-encryption-customer-algorithm',
    'x-amz-website-redirect-location',
    'x-amz-object-lock-mode',
    'x-amz-object-lock-legal-hold',
    'x-amz-write-offset-bytes',
  ]) {
    if (read(name) !== undefined) throw notImplemented(name);
  }
}

/** Node reads each byte of a header as one character; clients send UTF-8. What is not UTF-8 stays as it is. */
export function asUtf8(value: string): string {
  if (/[^\0-\u00ff]/.test(value)) return value; // from the query of a presigned URL
  const text = Buffer.from(value, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? value : text;
}

/** What leaves ASCII is sent in the form of RFC 2047, as S3 does. */
const metadataValue = (value: string) =>
  /^[\x20-\x7e\t]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;

export function attributeHeaders({ headers, metadata, tags }: ObjectAttributes): Record<string, string> {
  const all: Record<string, string> = { 'content-type': DEFAULT_CONTENT_TYPE, ...headers };
  for (const [name, value] of Object.entries(metadata)) all[METADATA_PREFIX + name] = metadataValue(value);
  if (tags.length > 0) all['x-amz-tagging-count'] = String(tags.length);
  return all;
}

/** Tags of the header `x-amz-tagging`, e.g. `team=legal&year=2026`. */
export function tagsOfHeader(header: string | undefined): Tag[] {
  if (header === undefined) return [];
  return requireValidTags([...new URLSearchParams(header)].map(([key, value]) => ({ key, value })));
}

/** @param text a `Tagging` document */
export function parseTagging(text: string): Tag[] {
  const set = childrenOf(parseXml(text, 'Tagging'), 'TagSet')[0];
  if (!set) throw malformedXml('Tagging has no TagSet.');
  return requireValidTags(
    childrenOf(set, 'Tag').map(tag => ({ key: requiredChildText(tag, 'Key'), value: childText(tag, 'Value') ?? '' })),
  );
}

function requireValidTags(tags: Tag[]): Tag[] {
  if (tags.length > MAX_TAGS) throw new S3Error('InvalidTag', `Object tags cannot be greater than ${MAX_TAGS}`);
  if (new Set(tags.map(({ key }) => key)).size < tags.length) {
    throw new S3Error('InvalidTag', 'Cannot provide multiple Tags with the same key');
  }
  for (const { key, value } of tags) {
    if (key === '' || key.length > MAX_TAG_KEY)
      throw new S3Error('InvalidTag', 'The TagKey you have provided is invalid');
    if (value.length > MAX_TAG_VALUE) throw new S3Error('InvalidTag', 'The TagValue you have provided is invalid');
  }
  return tags;
}

export const taggingElement = (tags: readonly Tag[]): XmlElement =>
  element('Tagging', [
    element(
      'TagSet',
      tags.map(({ key, value }) => element('Tag', [element('Key', key), element('Value', value)])),
    ),
  ]);
