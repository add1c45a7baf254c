import { AccessDenied } from '../contracts.ts';
import { authorizeObject, headerOf, type S3Call } from './call.ts';
import type { Bucket, NewVersion, ObjectVersion } from './catalog.ts';
import { checkWriteCondition } from './conditions.ts';
import { requireBucket, type S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { receiveText } from './payload.ts';
import { replyEmpty, replyXml } from './reply.ts';
import { childrenOf, childText, element, malformedXml, optionalElement, parseXml, requiredChildText } from './xml.ts';

const MAX_KEYS_OF_ONE_CALL = 1000;
const MD5_OF_NOTHING = 'd41d8cd98f00b204e9800998ecf8427e';

interface Deletion {
  readonly key: string;
  readonly versionId?: string;
  /** Delete only an object with this ETag. */
  readonly etag?: string;
}

interface Deleted {
  /** The delete marker that was made, or removed. */
  readonly deleteMarker: boolean;
  /** Of the marker that was made, or of the version that was removed. */
  readonly versionId?: string;
}

export function deleteObject(context: S3Context, call: S3Call): void {
  const versionId = call.exchange.query.get('versionId') ?? undefined;
  const deleted = authorizedDelete(context, call, { key: call.key, versionId, etag: headerOf(call, 'if-match') });
  context.events.drain(call.bucket);
  replyEmpty(call, 204, {
    'x-amz-delete-marker': deleted.deleteMarker ? 'true' : undefined,
    'x-amz-version-id': deleted.versionId,
  });
}

/** Each key succeeds or fails for itself. */
export async function deleteObjects(context: S3Context, call: S3Call): Promise<void> {
  requireBucket(context, call.bucket);
  requireIntegrity(call);
  const { deletions, quiet } = parseDeletions(await receiveText(call));
  const results = deletions.map(deletion => {
    try {
      return deletedElement(deletion, authorizedDelete(context, call, deletion), quiet);
    } catch (error) {
      return errorElement(deletion, error);
    }
  });
  context.events.drain(call.bucket);
  replyXml(call, element('DeleteResult', results));
}

/** A list of keys that was cut or changed on the way must not be obeyed. */
function requireIntegrity(call: S3Call): void {
  const names = ['content-md5', 'x-amz-sdk-checksum-algorithm', 'x-amz-trailer'];
  const checksums = Object.keys(call.exchange.headers).some(name => name.startsWith('x-amz-checksum-'));
  if (checksums || names.some(name => headerOf(call, name) !== undefined)) return;
  throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5 or x-amz-checksum-…');
}

function parseDeletions(text: string): { deletions: Deletion[]; quiet: boolean } {
  const root = parseXml(text, 'Delete');
  const deletions = childrenOf(root, 'Object').map(node => ({
    key: requiredChildText(node, 'Key'),
    versionId: childText(node, 'VersionId'),
    etag: childText(node, 'ETag'),
  }));
  if (deletions.length === 0 || deletions.length > MAX_KEYS_OF_ONE_CALL) {
    throw malformedXml(`Delete must have 1 to ${MAX_KEYS_OF_ONE_CALL} objects.`);
  }
  return { deletions, quiet: childText(root, 'Quiet') === 'true' };
}

function deletedElement({ key, versionId }: Deletion, deleted: Deleted, quiet: boolean) {
  if (quiet) return undefined;
  return element('Deleted', [
    element('Key', key),
    optionalElement('VersionId', versionId),
    optionalElement('DeleteMarker', deleted.deleteMarker || undefined),
    optionalElement('DeleteMarkerVersionId', deleted.deleteMarker ? deleted.versionId : undefined),
  ]);
}

function errorElement({ key, versionId }: Deletion, error: unknown) {
  if (!(error instanceof S3Error || error instanceof AccessDenied)) throw error;
  return element('Error', [
    element('Key', key),
    optionalElement('VersionId', versionId),
    element('Code', error instanceof S3Error ? error.code : 'AccessDenied'),
    element('Message', error.message),
  ]);
}

function authorizedDelete(context: S3Context, call: S3Call, deletion: Deletion): Deleted {
  const { catalog, iam, bodies } = context;
  const { key, versionId } = deletion;
  requireBucket(context, call.bucket);
  authorizeObject(iam, { ...call, key }, versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion', {
    's3:VersionId': versionId,
  });
  const { deleted, released } = catalog.transaction(() => {
    const bucket = requireBucket(context, call.bucket);
    if (versionId !== undefined) return deleteVersion(context, call, bucket, key, versionId);
    return deleteCurrent(context, call, bucket, deletion);
  });
  bodies.remove(released);
  return deleted;
}

interface Outcome {
  readonly deleted: Deleted;
  /** Bodies that nothing names any more. */
  readonly released: string[];
}

function deleteVersion(context: S3Context, call: S3Call, bucket: Bucket, key: string, versionId: string): Outcome {
  const version = context.catalog.version(bucket.name, key, versionId);
  if (!version) return { deleted: { deleteMarker: false, versionId }, released: [] };
  const released = removeAndAnnounce(context, call, bucket, version);
  return { deleted: { deleteMarker: version.deleteMarker, versionId }, released };
}

function deleteCurrent(context: S3Context, call: S3Call, bucket: Bucket, { key, etag }: Deletion): Outcome {
  const current = context.catalog.latest(bucket.name, key);
  checkWriteCondition({ absent: false, etag }, key, current);
  if (bucket.versioning === 'Unversioned') {
    const released = current ? removeAndAnnounce(context, call, bucket, current) : [];
    return { deleted: { deleteMarker: false }, released };
  }
  const { version, released } = context.catalog.addVersion(bucket, deleteMarker(bucket, key));
  context.events.record(bucket, 'ObjectRemoved:DeleteMarkerCreated', version, call);
  return { deleted: { deleteMarker: true, versionId: version.versionId }, released };
}

function removeAndAnnounce(context: S3Context, call: S3Call, bucket: Bucket, version: ObjectVersion): string[] {
  const released = context.catalog.removeVersion(version);
  context.events.record(bucket, 'ObjectRemoved:Delete', version, call);
  return released;
}

const deleteMarker = (bucket: Bucket, key: string): NewVersion => ({
  bucket: bucket.name,
  key,
  deleteMarker: true,
  body: undefined,
  size: 0,
  etag: MD5_OF_NOTHING,
  attributes: { headers: {}, metadata: {}, tags: [], checksums: {}, checksumType: 'FULL_OBJECT' },
});
