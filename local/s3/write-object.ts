import { contentAttributes, headerSource, tagsOfHeader } from './attributes.ts';
import { authorizeObject, headerOf, type S3Call } from './call.ts';
import type { Bucket, ObjectVersion, Tag } from './catalog.ts';
import { checkWriteCondition, type WriteCondition, writeConditionOf } from './conditions.ts';
import { requireBucket, type S3Context } from './context.ts';
import type { ObjectEventName } from './notifications.ts';
import { receiveBody, requireAnnouncedChecksum, type StoredBody } from './payload.ts';
import { checksumHeaders, quoted, replyEmpty, versionIdHeader } from './reply.ts';

export async function putObject(context: S3Context, call: S3Call): Promise<void> {
  const bucket = requireBucket(context, call.bucket);
  const tags = tagsOfHeader(headerOf(call, 'x-amz-tagging'));
  authorizePut(context, call, tags);
  requireAnnouncedChecksum(call);
  const content = contentAttributes(headerSource(call));
  const condition = writeConditionOf(call);
  checkWriteCondition(condition, call.key, context.catalog.latest(bucket.name, call.key)); // before a long upload, too

  const stored = await receiveBody(call, context.bodies);
  const version = commitObject(context, call, {
    stored,
    attributes: { ...content, tags, checksums: stored.checksums, checksumType: 'FULL_OBJECT' },
    event: 'ObjectCreated:Put',
    condition,
  });
  replyEmpty(call, 200, {
    etag: quoted(version.etag),
    'x-amz-version-id': versionIdHeader(bucket, version),
    ...checksumHeaders(stored.checksums, 'FULL_OBJECT'),
  });
}

/** Writing tags along with an object is a permission of its own. @throws AccessDenied */
export function authorizePut(
  { iam }: S3Context,
  call: Pick<S3Call, 'exchange' | 'bucket' | 'key'>,
  tags: readonly Tag[],
): void {
  authorizeObject(iam, call, 's3:PutObject');
  if (tags.length > 0) authorizeObject(iam, call, 's3:PutObjectTagging');
}

/** A complete body that is to become an object. */
export interface NewObject {
  readonly stored: Pick<StoredBody, 'body' | 'size' | 'etag'>;
  readonly attributes: ObjectVersion['attributes'];
  readonly event: ObjectEventName;
  readonly condition: WriteCondition;
  /** More that belongs to the same transaction. @returns bodies that nothing names any more */
  readonly alongside?: () => string[];
}

/**
 * Makes a stored body the newest version of its key, and announces it: object and event are one transaction.
 * @throws S3Error when the bucket has gone or the condition does not hold; the body is then removed
 */
export function commitObject(context: S3Context, call: S3Call, object: NewObject): ObjectVersion {
  const { catalog, bodies, events } = context;
  const { stored, attributes, condition } = object;
  const commit = () => {
    const bucket = requireBucket(context, call.bucket); // read again: it may have changed during the upload
    checkWriteCondition(condition, call.key, catalog.latest(bucket.name, call.key));
    const alongside = object.alongside?.() ?? [];
    const added = catalog.addVersion(bucket, newVersion(bucket, call.key, stored, attributes));
    events.record(bucket, object.event, added.version, call);
    return { version: added.version, released: [...added.released, ...alongside] };
  };
  const { version, released } = orRemove(context, stored.body, () => catalog.transaction(commit));
  bodies.remove(released);
  events.drain(call.bucket);
  return version;
}

/** Does `work`, which records the body; when it fails, nothing names the body and it goes. */
export function orRemove<T>({ bodies }: Pick<S3Context, 'bodies'>, body: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    bodies.remove([body]);
    throw error;
  }
}

const newVersion = (
  bucket: Bucket,
  key: string,
  { body, size, etag }: NewObject['stored'],
  attributes: ObjectVersion['attributes'],
) => ({ bucket: bucket.name, key, deleteMarker: false, body, size, etag, attributes });
