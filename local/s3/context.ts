import type { Iam, Log } from '../contracts.ts';
import { AccessDenied } from '../contracts.ts';
import type { BodyStore } from './bodies.ts';
import { type Asked, authorizeBucket, type S3Call } from './call.ts';
import type { Bucket, Catalog } from './catalog.ts';
import { noSuchBucket } from './errors.ts';
import type { UploadCatalog } from './multipart-catalog.ts';
import type { EventOutbox } from './notifications.ts';

/** What every operation works with. */
export interface S3Context {
  readonly catalog: Catalog;
  readonly uploads: UploadCatalog;
  readonly bodies: BodyStore;
  readonly events: EventOutbox;
  readonly iam: Iam;
  readonly region: string;
  readonly log: Log;
  /** The cloud's address, e.g. `http://127.0.0.1:4566`. */
  url(): string;
}

/** One S3 operation: answers on the call's exchange, or throws S3Error or AccessDenied. */
export type Operation = (context: S3Context, call: S3Call) => Promise<void> | void;

/** @throws S3Error NoSuchBucket */
export function requireBucket({ catalog }: S3Context, name: string): Bucket {
  const bucket = catalog.bucket(name);
  if (!bucket) throw noSuchBucket(name);
  return bucket;
}

/** Whether the caller may list the bucket, and so may learn that a key does not exist. */
export function mayListBucket({ iam }: S3Context, call: Omit<Asked, 'key'>): boolean {
  try {
    authorizeBucket(iam, call, 's3:ListBucket');
    return true;
  } catch (error) {
    if (error instanceof AccessDenied) return false;
    throw error;
  }
}
