import { asUtf8, contentAttributes, headerSource, tagsOfHeader } from './attributes.ts';
import { authorizeObject, decodeUri, headerOf, type S3Call } from './call.ts';
import type { ObjectVersion, Tag } from './catalog.ts';
import { CHECKSUM_ALGORITHMS, parseAlgorithm } from './checksums.ts';
import { checkCopySourceConditions, writeConditionOf } from './conditions.ts';
import { requireBucket, type S3Context } from './context.ts';
import { invalidArgument, S3Error } from './errors.ts';
import { storeBody } from './payload.ts';
import { readableVersion } from './read-object.ts';
import { checksumElements, isoDate, quoted, replyXml, versionIdHeader } from './reply.ts';
import { authorizePut, commitObject } from './write-object.ts';
import { element } from './xml.ts';

export type CopySource = ObjectVersion & { readonly body: string };

export async function copyObject(context: S3Context, call: S3Call): Promise<void> {
  const bucket = requireBucket(context, call.bucket);
  const source = copySource(context, call);
  const replaceContent = directive(call, 'x-amz-metadata-directive') === 'REPLACE';
  const tags = copiedTags(context, call, source);
  authorizePut(context, call, tags);
  requireChange(call, source, replaceContent);
  const content = replaceContent ? contentAttributes(headerSource(call)) : source.attributes;
  const condition = writeConditionOf(call);

  // The bytes are copied, not shared: a multipart source gets a plain ETag, and each version owns its body.
  const stored = await storeBody(
    context.bodies,
    { source: context.bodies.read(source.body) },
    { checksums: {} },
    wanted(call, source),
  );
  const version = commitObject(context, call, {
    stored,
    attributes: {
      headers: content.headers,
      metadata: content.metadata,
      tags,
      checksums: stored.checksums,
      checksumType: 'FULL_OBJECT',
    },
    event: 'ObjectCreated:Copy',
    condition,
  });
  const result = element('CopyObjectResult', [
    element('LastModified', isoDate(version.modifiedAt)),
    element('ETag', quoted(version.etag)),
    ...checksumElements(stored.checksums),
  ]);
  replyXml(call, result, {
    'x-amz-version-id': versionIdHeader(bucket, version),
    ...sourceVersionHeader(context, source),
  });
}

export function sourceVersionHeader({ catalog }: S3Context, source: CopySource) {
  const bucket = catalog.bucket(source.bucket);
  return { 'x-amz-copy-source-version-id': bucket && versionIdHeader(bucket, source) };
}

/** The version named by `x-amz-copy-source`, authorized and its conditions checked. */
export function copySource(context: S3Context, call: S3Call): CopySource {
  const header = asUtf8(headerOf(call, 'x-amz-copy-source') ?? '');
  const { bucket, key, versionId } = parseCopySource(header);
  const source = readableVersion(
    context,
    { exchange: call.exchange, bucket, key },
    requireBucket(context, bucket),
    versionId,
  );
  checkCopySourceConditions(call, source);
  return source;
}

/** `/bucket/key?versionId=…` or without the first slash; the key percent-encoded. */
function parseCopySource(header: string): { bucket: string; key: string; versionId: string | null } {
  const [, path = '', versionId = null] = /^\/?(.*?)(?:\?versionId=([^&]*))?$/s.exec(header) ?? [];
  const slash = decodeUri(path).indexOf('/');
  if (slash < 1)
    throw invalidArgument(
      'x-amz-copy-source',
      header,
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  const decoded = decodeUri(path);
  return {
    bucket: decoded.slice(0, slash),
    key: decoded.slice(slash + 1),
    versionId: versionId && decodeUri(versionId),
  };
}

function directive(call: S3Call, name: string): 'COPY' | 'REPLACE' {
  const value = headerOf(call, name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw invalidArgument(name, value, `Unknown ${name}: use COPY or REPLACE.`);
}

/** Tags go with a copy unless they are replaced; to read and to write them are permissions of their own. */
function copiedTags({ iam }: S3Context, call: S3Call, source: CopySource): readonly Tag[] {
  if (directive(call, 'x-amz-tagging-directive') === 'REPLACE') return tagsOfHeader(headerOf(call, 'x-amz-tagging'));
  const { tags } = source.attributes;
  if (tags.length > 0) authorizeObject(iam, { ...call, bucket: source.bucket, key: source.key }, 's3:GetObjectTagging');
  return tags;
}

function requireChange(call: S3Call, source: CopySource, replaceContent: boolean): void {
  const same = source.bucket === call.bucket && source.key === call.key && source.latest;
  if (!same || replaceContent) return;
  throw new S3Error(
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

/** The algorithm asked for, else those that the source has. */
function wanted(call: S3Call, source: CopySource) {
  const asked = parseAlgorithm(headerOf(call, 'x-amz-checksum-algorithm'));
  if (asked) return [asked];
  return CHECKSUM_ALGORITHMS.filter(algorithm => source.attributes.checksums[algorithm] !== undefined);
}
