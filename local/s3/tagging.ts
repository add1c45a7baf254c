import { parseTagging, taggingElement } from './attributes.ts';
import { authorizeObject, type S3Call } from './call.ts';
import type { ObjectVersion, Tag } from './catalog.ts';
import { requireBucket, type S3Context } from './context.ts';
import { noSuchKey, S3Error } from './errors.ts';
import { receiveText } from './payload.ts';
import { replyEmpty, replyXml, versionIdHeader } from './reply.ts';

export function getObjectTagging(context: S3Context, call: S3Call): void {
  const version = taggedVersion(context, call, 'Get');
  replyXml(call, taggingElement(version.attributes.tags), versionHeaders(context, call, version));
}

export async function putObjectTagging(context: S3Context, call: S3Call): Promise<void> {
  taggedVersion(context, call, 'Put'); // a refusal does not wait for the document
  const tags = parseTagging(await receiveText(call));
  const version = writeTags(context, call, 'Put', tags);
  replyEmpty(call, 200, versionHeaders(context, call, version));
}

export function deleteObjectTagging(context: S3Context, call: S3Call): void {
  const version = writeTags(context, call, 'Delete', []);
  replyEmpty(call, 204, versionHeaders(context, call, version));
}

function writeTags(context: S3Context, call: S3Call, verb: 'Put' | 'Delete', tags: readonly Tag[]): ObjectVersion {
  const version = taggedVersion(context, call, verb);
  context.catalog.setAttributes(version, { ...version.attributes, tags });
  return version;
}

function taggedVersion(context: S3Context, call: S3Call, verb: 'Get' | 'Put' | 'Delete'): ObjectVersion {
  const bucket = requireBucket(context, call.bucket);
  const versionId = call.exchange.query.get('versionId');
  authorizeObject(context.iam, call, `s3:${verb}Object${versionId === null ? '' : 'Version'}Tagging`, {
    's3:VersionId': versionId ?? undefined,
  });
  const version =
    versionId === null
      ? context.catalog.latest(bucket.name, call.key)
      : context.catalog.version(bucket.name, call.key, versionId);
  if (!version) throw noSuchKey(call.key);
  if (version.deleteMarker) {
    throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      headers: { 'x-amz-delete-marker': 'true' },
    });
  }
  return version;
}

function versionHeaders(context: S3Context, call: S3Call, version: ObjectVersion) {
  return { 'x-amz-version-id': versionIdHeader(requireBucket(context, call.bucket), version) };
}
