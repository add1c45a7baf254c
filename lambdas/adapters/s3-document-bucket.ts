import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { DocumentBucket } from '../ports.ts';
import { linkHeaders } from './link-headers.ts';

/**
 * The ingest bucket in S3. Its client's role needs s3:ListBucket too: without it S3 answers 403 for an absent object,
 * which cannot be told from a forbidden one.
 */
export function s3DocumentBucket(client: S3Client, bucketName: string): DocumentBucket {
  const object = (key: string, s3VersionId?: string) => ({ Bucket: bucketName, Key: key, VersionId: s3VersionId });
  const put = (key: string, content: string, contentType: string) => ({
    ...object(key),
    Body: content,
    ContentType: contentType,
  });

  return {
    async list(prefix, { limit, cursor }) {
      // Going on after a key, rather than with S3's own token, which holds only for a while.
      const page = { Bucket: bucketName, Prefix: prefix, MaxKeys: limit, StartAfter: cursor };
      const { Contents = [], IsTruncated } = await client.send(new ListObjectsV2Command(page));
      const objects = Contents.map(({ Key = '', ETag = '', Size = 0 }) => ({ key: Key, eTag: bare(ETag), size: Size }));
      const last = objects.at(-1);
      return { objects, ...(IsTruncated && last && { cursor: last.key }) };
    },

    async head(key, s3VersionId) {
      const response = await unlessAbsent(client.send(new HeadObjectCommand(object(key, s3VersionId))));
      if (!response) return undefined;
      const { ETag = '', ContentLength = 0, VersionId } = response;
      return { eTag: bare(ETag), size: ContentLength, ...(VersionId !== undefined && { s3VersionId: VersionId }) };
    },

    async read(key, s3VersionId) {
      const response = await unlessAbsent(client.send(new GetObjectCommand(object(key, s3VersionId))));
      return response?.Body?.transformToByteArray();
    },

    async versions(key, limit) {
      const page = { Bucket: bucketName, Prefix: key, MaxKeys: limit };
      const { Versions = [] } = await client.send(new ListObjectVersionsCommand(page));
      // A longer key has the same beginning.
      return Versions.filter(({ Key }) => Key === key).flatMap(({ VersionId }) => VersionId ?? []);
    },

    async open(key, s3VersionId) {
      const response = await unlessAbsent(client.send(new GetObjectCommand(object(key, s3VersionId))));
      if (!response) return undefined;
      const { Body, ContentLength } = response;
      if (!(Body instanceof Readable) || ContentLength === undefined) {
        throw new Error(`S3 sent no body for ${key}, or not its length`);
      }
      return { size: ContentLength, pieces: Body };
    },

    presignGet(key, s3VersionId, expiresSeconds) {
      const shown = linkHeaders(key);
      const command = new GetObjectCommand({
        ...object(key, s3VersionId),
        ResponseContentType: shown['response-content-type'],
        ResponseContentDisposition: shown['response-content-disposition'],
      });
      return getSignedUrl(client, command, { expiresIn: expiresSeconds });
    },

    async presignPost(key, { maxBytes, expiresSeconds }) {
      const { url, fields } = await createPresignedPost(client, {
        Bucket: bucketName,
        Key: key,
        Conditions: [['content-length-range', 0, maxBytes]],
        Expires: expiresSeconds,
      });
      return { url, fields };
    },

    async copy({ key, s3VersionId }, targetKey, targetETag) {
      const version = s3VersionId === undefined ? '' : `?versionId=${encodeURIComponent(s3VersionId)}`;
      const CopySource = `${bucketName}/${encodeURIComponent(key).replaceAll('%2F', '/')}${version}`;
      const copying = client.send(new CopyObjectCommand({ ...object(targetKey), CopySource, ...onto(targetETag) }));
      const copied = await unlessChanged(unlessAbsent(copying));
      if (copied === 'changed') return 'changed';
      if (!copied) return 'absent';
      return { ...(copied.VersionId !== undefined && { s3VersionId: copied.VersionId }) };
    },

    async write(key, content, contentType) {
      const { ETag = '' } = await client.send(new PutObjectCommand(put(key, content, contentType)));
      return { eTag: bare(ETag) };
    },

    async writeOnto(targetETag, key, content, contentType) {
      const command = new PutObjectCommand({ ...put(key, content, contentType), ...onto(targetETag) });
      // An object that is to be there, but is not, is answered 404.
      const written = await unlessChanged(unlessAbsent(client.send(command)));
      return written === undefined || written === 'changed' ? 'changed' : { eTag: bare(written.ETag ?? '') };
    },

    async removeIf(key, eTag) {
      const removed = await unlessChanged(
        unlessAbsent(client.send(new DeleteObjectCommand({ ...object(key), IfMatch: `"${eTag}"` }))),
      );
      return removed !== undefined && removed !== 'changed';
    },

    async remove(key) {
      await client.send(new DeleteObjectCommand(object(key)));
    },
  };
}

/** The condition that the target has this eTag, or, without one, that there is none. */
const onto = (targetETag: string | undefined) =>
  targetETag === undefined ? { IfNoneMatch: '*' } : { IfMatch: `"${targetETag}"` };

/** ETags are quoted in HTTP and bare in S3 events. */
const bare = (eTag: string): string => eTag.replaceAll('"', '');

/** 404: no such key or version. 405: that version is a delete marker. */
async function unlessAbsent<Response>(request: Promise<Response>): Promise<Response | undefined> {
  try {
    return await request;
  } catch (error) {
    const status = httpStatusOf(error);
    if (status === 404 || status === 405) return undefined;
    throw error;
  }
}

/** 412: the condition does not hold. 409: somebody else is writing the object at this moment. */
async function unlessChanged<Response>(request: Promise<Response>): Promise<Response | 'changed'> {
  try {
    return await request;
  } catch (error) {
    const status = httpStatusOf(error);
    if (status === 412 || status === 409) return 'changed';
    throw error;
  }
}

function httpStatusOf(error: unknown): number | undefined {
  if (!(error instanceof Error && '$metadata' in error)) return undefined;
  const { $metadata } = error;
  if (typeof $metadata !== 'object' || $metadata === null || !('httpStatusCode' in $metadata)) return undefined;
  return typeof $metadata.httpStatusCode === 'number' ? $metadata.httpStatusCode : undefined;
}
