import type {
  Chunk,
  ChunkRef,
  DocumentError,
  DocumentHead,
  DocumentMetadata,
  DocumentStatus,
  DocumentVersion,
  FiledObject,
  FoundObject,
  StoredChunk,
  Upload,
} from '../document.ts';

export type Registration =
  /** `repeated`: this very event was registered before; its work may still have to be sent on. */
  | { readonly outcome: 'registered' | 'repeated'; readonly version: number; readonly status: DocumentStatus }
  /**
   * `stale`: a newer event of this key was handled already. `unordered`: the head was brought in line with the bucket
   * itself, which may be newer than this event; only the bucket knows.
   */
  | { readonly outcome: 'stale' }
  | { readonly outcome: 'unordered' };

export type Deletion =
  /** Versions 1 to `newestVersion` are to be removed. */
  | { readonly outcome: 'deleted' | 'repeated'; readonly newestVersion: number }
  | { readonly outcome: 'stale' | 'unknown' | 'unordered' };

/** How a registration was come by. */
export interface RegistrationOrigin {
  /** The bucket shows just this now, so that it may not be refused as `unordered`. @default false */
  readonly asPresent?: boolean;
  /**
   * Who may see a document that is new, or new again after its deletion, until its sidecar is recorded.
   * @default everyone, or as it was
   */
  readonly groups?: readonly string[];
}

/** Chooses documents; all that is given must hold. */
export interface HeadFilter {
  readonly status?: DocumentStatus;
  /** What the key starts with. */
  readonly prefix?: string;
  /** The key's extension, in lower case and without the dot. */
  readonly format?: string;
  /** ISO 8601, exclusive. */
  readonly updatedAfter?: string;
  /** ISO 8601, exclusive. */
  readonly updatedBefore?: string;
}

/** What was found where a document's sidecar would be. */
export interface SidecarReading {
  /** The S3 version of the sidecar, or `none`. */
  readonly version: string;
  /** Groups and attributes; of a sidecar that cannot be read, nobody and none. */
  readonly metadata: DocumentMetadata;
  readonly error?: DocumentError;
}

export interface HeadListOptions extends HeadFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Which of them to list: the others count for nothing, neither in a page's length nor in whether there is a next one. */
  readonly only?: (head: DocumentHead) => boolean;
}

/** The registry of documents. Every write is one conditional write of one item. */
export interface DocumentStore {
  getHead(documentId: string): Promise<DocumentHead | undefined>;
  getVersion(documentId: string, version: number): Promise<DocumentVersion | undefined>;
  /** All uploads of a document, newest first. */
  listVersions(documentId: string): Promise<DocumentVersion[]>;
  /**
   * Documents that are not deleted, last updated first. When few of very many are wanted, a page may hold fewer than
   * `limit`, even none, and still be followed by others; otherwise a cursor says that there is at least one more.
   * @throws AppFailure invalid-request for a foreign cursor
   */
  listHeads(tenant: string, options: HeadListOptions): Promise<{ heads: DocumentHead[]; cursor?: string }>;
  /** Heads of all tenants, of deleted documents too, in no certain order; each page reads about `limit` records. */
  scanHeads(options: { limit: number; cursor?: string }): Promise<{ heads: DocumentHead[]; cursor?: string }>;
  /** Documents whose newest upload a job has processed, by state; `since` is when the job began (ISO 8601). */
  countOfJob(jobId: string, since: string): Promise<{ pending: number; processing: number; failed: number }>;
  /** Those of them that are PENDING or PROCESSING, at most `limit`: the ones that changed longest ago. */
  outstandingOfJob(jobId: string, since: string, limit: number): Promise<DocumentHead[]>;
  /**
   * Makes `upload` the newest version (PENDING), unless an event with its sequencer or a later one was handled. An object
   * version that is the newest already is `repeated`: only the sequencer moves on.
   */
  registerUpload(upload: Upload, origin?: RegistrationOrigin): Promise<Registration>;
  /**
   * Sets groups and attributes to what the sidecar says. While it is in error the document is COMPLETED at no time, but
   * FAILED with that error; once it is mended, a document whose newest version is live is COMPLETED again.
   * @param head as it was before the sidecar was read
   * @returns the head afterwards; undefined when it has changed in the meantime: read it and the sidecar again
   */
  recordSidecar(head: DocumentHead, reading: SidecarReading): Promise<DocumentHead | undefined>;
  /** Notes that the vectors carry groups and attributes as they were at this revision, if that is the newest. */
  recordMetadataSpread(documentId: string, metadataRevision: number): Promise<void>;
  /** Ends the document: from here on no version is live. An unknown one is remembered, so that its late upload is stale. */
  registerDeletion(
    deletion: { tenant: string; key: string; sequencer: string },
    origin?: RegistrationOrigin,
  ): Promise<Deletion>;
  /**
   * Makes what the bucket shows the newest version (PENDING), also when it is so already: to be processed anew. A listing
   * bears no sequencer, so the head keeps the one it has and is marked `unordered`; and nothing is written unless the head
   * is still as `seen`, which must have been read before the bucket was. So no newer event is ever overwritten.
   * A document that is new, or new again, is open to nobody until its sidecar is recorded.
   * @param options.after the new version's number is higher; for a document whose records were lost
   * @returns the version; undefined when the head has changed since it was read
   */
  registerFound(
    object: FoundObject,
    seen: DocumentHead | undefined,
    options?: { jobId?: string; after?: number },
  ): Promise<number | undefined>;
  /** Ends a document whose object is gone, under the same condition. @returns false when the head has changed */
  registerGone(seen: DocumentHead): Promise<boolean>;
  /** PENDING or PROCESSING → PROCESSING, one more attempt. @returns undefined when the version is not the newest, or done */
  startProcessing(documentId: string, version: number): Promise<DocumentVersion | undefined>;
  /** What processing found: how much there is to embed. */
  recordPlan(
    documentId: string,
    version: number,
    plan: { contentHash: string; title: string; chunkCount: number; batchCount: number },
  ): Promise<void>;
  /**
   * Adds `batch` to those embedded, and how many of its embeddings were taken over; the same batch twice counts once.
   * @returns the version afterwards
   */
  recordEmbedded(
    documentId: string,
    version: number,
    batch: number,
    embeddingModel: string,
    embeddingsReused?: number,
  ): Promise<DocumentVersion>;
  /**
   * Makes the version the live one and COMPLETED (FAILED if the sidecar is in error), in one conditional update of the
   * head; repeating it changes nothing.
   * @returns false when the version is no longer the newest, or FAILED, or the document was deleted
   */
  switchLive(version: DocumentVersion): Promise<boolean>;
  /**
   * Ends the version FAILED, and the head too if it is the newest; an older live version stays live. From then on it goes
   * live only if it is reopened first.
   * @returns false when nothing was changed, since it has completed meanwhile
   */
  fail(documentId: string, version: number, error: DocumentError): Promise<boolean>;
  /** Keeps the error of an attempt that will be repeated, for the dead-letter handler to report. */
  noteAttemptError(documentId: string, version: number, error: DocumentError): Promise<void>;
  /** FAILED → PENDING, for one more try. @returns false when the version was not FAILED, is not the newest, or is live */
  reopen(documentId: string, version: number, jobId?: string): Promise<boolean>;
  /** Notes where an upload of the drop box lies now; for the newest one of a document that is not deleted. */
  recordFiled(documentId: string, as: 'processed' | 'failed', object: FiledObject): Promise<void>;
  /** Marks a superseded or deleted version's chunks and vectors as gone. */
  recordRemoved(documentId: string, version: number): Promise<void>;
}

export interface ChunkStore {
  /** Writing the same chunks again changes nothing. */
  put(documentId: string, version: number, chunks: readonly Chunk[]): Promise<void>;
  /** Chunks `from` (inclusive) to `to` (exclusive), in order. */
  range(documentId: string, version: number, from: number, to: number): Promise<StoredChunk[]>;
  /** Removes the chunks of a version from number `index` on. */
  removeFrom(documentId: string, version: number, index: number): Promise<void>;
  removeVersion(documentId: string, version: number): Promise<void>;
  /** How many chunks of a version are stored. */
  count(documentId: string, version: number): Promise<number>;
  /** The highest version of which chunks are stored; 0 when there are none. */
  newestVersion(documentId: string): Promise<number>;
  /** Goes through all chunks of all documents, in no certain order; each page reads about `limit`. */
  scan(options: { limit: number; cursor?: string }): Promise<{ refs: ChunkRef[]; cursor?: string }>;
}

/** What the answering side reads: hits' chunks together with the heads that say whether they count. */
export interface PassageStore {
  /**
   * One batch read. Refs that are gone are left out; `heads` holds a head for each document that has one, and
   * `s3VersionIds` the object version that its live version was read from, where there is one and a ref points at it.
   */
  readChunksAndHeads(refs: readonly ChunkRef[]): Promise<{
    chunks: StoredChunk[];
    heads: ReadonlyMap<string, DocumentHead>;
    s3VersionIds: ReadonlyMap<string, string>;
  }>;
}
