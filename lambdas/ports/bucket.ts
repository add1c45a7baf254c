/** An object's bytes as they arrive. */
export interface ObjectBody {
  /** Bytes in all. */
  readonly size: number;
  /** To be read once. @throws Error when the connection is lost midway */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** An object as a listing of the bucket shows it. */
export interface ListedObject {
  readonly key: string;
  readonly eTag: string;
  /** Bytes. */
  readonly size: number;
}

/** The ingest bucket. */
export interface DocumentBucket {
  /** The objects whose keys start with `prefix`, in the order of their keys (UTF-8), in pages of at most `limit`. */
  list(
    prefix: string,
    options: { limit: number; cursor?: string },
  ): Promise<{ objects: ListedObject[]; cursor?: string }>;
  /** @returns undefined when there is no such object (or it was deleted) */
  head(key: string, s3VersionId?: string): Promise<{ eTag: string; size: number; s3VersionId?: string } | undefined>;
  /** @returns undefined when there is no such object or version */
  read(key: string, s3VersionId?: string): Promise<Uint8Array | undefined>;
  /** The stored versions of an object, newest first, delete markers left out; at most about `limit` of the newest. */
  versions(key: string, limit: number): Promise<string[]>;
  /** As `read`, piece by piece. What is not read to its end must be left by ending the iteration. */
  open(key: string, s3VersionId?: string): Promise<ObjectBody | undefined>;
  /** A link that opens this version for `expiresSeconds`: shown when that does no more than show it, else saved. */
  presignGet(key: string, s3VersionId: string | undefined, expiresSeconds: number): Promise<string>;
  /** A form that uploads one object of at most `maxBytes` to `key`. */
  presignPost(
    key: string,
    options: { maxBytes: number; expiresSeconds: number },
  ): Promise<{ url: string; fields: Record<string, string> }>;
  /**
   * Copies one version within the bucket, onto an object that has this eTag now, or, without one, onto none.
   * @returns `absent` when there is nothing to copy, `changed` when the target is another one
   */
  copy(
    source: { readonly key: string; readonly s3VersionId?: string | undefined },
    targetKey: string,
    targetETag: string | undefined,
  ): Promise<{ s3VersionId?: string } | 'absent' | 'changed'>;
  write(key: string, content: string, contentType: string): Promise<{ eTag: string }>;
  /** As `write`, onto an object that has this eTag now, or, without one, onto none. @returns `changed` for another one */
  writeOnto(
    targetETag: string | undefined,
    key: string,
    content: string,
    contentType: string,
  ): Promise<{ eTag: string } | 'changed'>;
  /** Deletes the object as `remove` does if it has this eTag now. @returns whether it did */
  removeIf(key: string, eTag: string): Promise<boolean>;
  /** Deletes the object, in a versioned bucket by a delete marker; one that is not there is fine. */
  remove(key: string): Promise<void>;
}

/** A line of text on a picture of a page. */
export interface RecognizedLine {
  /** From 1. */
  readonly page: number;
  readonly text: string;
  /** Distance from the top of the page to the line, and the line's height: shares of the page's height, 0 to 1. */
  readonly top: number;
  readonly height: number;
}

/** Reads the letters on pictures of pages, in the background. */
export interface TextRecognition {
  /**
   * Begins with a file of the bucket; the same attempt twice is one. A message of `documentId` and `version` tells the end.
   * @throws UnreadableDocument ocr-failed when it will not read the file
   * @throws AppFailure service-unavailable when it reads too many at a time
   */
  start(
    file: { readonly key: string; readonly s3VersionId?: string },
    job: { readonly documentId: string; readonly version: number; readonly attempt: number },
  ): Promise<void>;
}

export interface RecognizedLines {
  /** The lines of a job that is done, in reading order, some at a time. @throws Error when it is not, or is forgotten */
  lines(jobId: string): AsyncIterable<readonly RecognizedLine[]>;
}
