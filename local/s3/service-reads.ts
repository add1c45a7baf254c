import { AccessDenied, type Caller, type StoredObject } from '../contracts.ts';
import { attributeHeaders } from './attributes.ts';
import { requireBucket, type S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { readableVersion } from './read-object.ts';

/**
 * Reads an object for another service, without a request of its own.
 * @returns undefined for an object that is not there, if the caller may know that
 * @throws AccessDenied @throws S3Error NoSuchBucket
 */
export function readForService(
  context: S3Context,
  caller: Caller,
  bucketName: string,
  key: string,
): StoredObject | undefined {
  const bucket = requireBucket(context, bucketName);
  try {
    const version = readableVersion(context, { exchange: { caller }, bucket: bucketName, key }, bucket, null);
    const { size, etag, modifiedAt, attributes, body } = version;
    const headers = attributeHeaders(attributes);
    return { headers, size, etag, modifiedAt, read: range => context.bodies.read(body, range) };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    if (error.code === 'AccessDenied') throw new AccessDenied(error.message);
    return undefined;
  }
}
