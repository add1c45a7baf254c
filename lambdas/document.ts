import { createHash } from 'node:crypto';

/** Where in a document a chunk or a quote stands. A field is absent when the format has no such place. */
export interface Place {
  /** From 1. */
  readonly page?: number;
  readonly sheet?: string;
  /** From 1. */
  readonly slide?: number;
  /** The headings above, outermost first, joined by ` › `. */
  readonly section?: string;
}

export type DocumentStatus = 'PENDING' | 'PROCESSING' | 'COMPLETED' | 'FAILED' | 'DELETED';

/** Why an upload failed: a stable code for programs, a sentence for the content owner. */
export interface DocumentError {
  readonly code: string;
  readonly message: string;
}

/** Where an upload of the drop box lies since it was filed. */
export interface FiledObject {
  readonly version: number;
  readonly key: string;
  readonly s3VersionId?: string;
}

/** What a document's sidecar says of it. */
export interface DocumentMetadata {
  /** Groups that may read the document; absent means everyone of the tenant, an empty list nobody. */
  readonly groups?: readonly string[];
  readonly attributes?: Attributes;
}
export type AttributeValue = string | number | boolean | readonly string[];
/** By name; see `sidecar.ts` for what names and values may be. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** One object of the ingest bucket as an S3 event or a HEAD request describes it. */
export interface Upload {
  readonly tenant: string;
  readonly key: string;
  /** The S3 version of the object; absent in a bucket without versioning. */
  readonly s3VersionId?: string;
  readonly eTag: string;
  /** Bytes. */
  readonly size: number;
  /** Orders the events of one key; see `comparableSequencer`. */
  readonly sequencer: string;
}

/** An object as the bucket shows it now: nothing says where it stands among the events of its key. */
export type FoundObject = Omit<Upload, 'sequencer'>;

/** Version 0 of a document's records: what the document is now. */
export interface DocumentHead extends DocumentMetadata {
  readonly documentId: string;
  readonly tenant: string;
  readonly key: string;
  readonly title: string;
  /** State of the newest upload; an older version may still be live while it is not COMPLETED. */
  readonly status: DocumentStatus;
  /** The version that may be cited; absent until the first one completes, and after deletion. */
  readonly liveVersion?: number;
  readonly newestVersion: number;
  /** Sequencer of the newest event handled. */
  readonly sequencer: string;
  /** The head was last brought in line with the bucket itself, so it may be newer than its sequencer says. */
  readonly unordered?: boolean;
  /** The job that has the newest upload processed. */
  readonly jobId?: string;
  /** Which sidecar groups and attributes come from: its S3 version, or `none`; absent until it was looked for. */
  readonly sidecarVersion?: string;
  /** Why the sidecar could not be read: nobody may then read the document. */
  readonly sidecarError?: DocumentError;
  /** Counts the times that the sidecar was recorded: whoever records it next must have seen the last one. */
  readonly sidecarReadings?: number;
  /** Counts the changes of groups and attributes; the vectors follow them. */
  readonly metadataRevision?: number;
  /** Its vectors may not carry its groups and attributes yet. */
  readonly metadataPending?: boolean;
  /** The upload of the drop box that was filed last as processed, and the one as failed. */
  readonly processedObject?: FiledObject;
  readonly failedObject?: FiledObject;
  /** Attributes that it once had, which some of its vectors may still carry. */
  readonly retiredAttributes?: readonly string[];
  /** Bytes of the newest upload. */
  readonly size: number;
  /** Of the newest upload. */
  readonly eTag?: string;
  /** Chunks of the live version. */
  readonly chunkCount: number;
  readonly error?: DocumentError;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One upload of a document: versions count up from 1. */
export interface DocumentVersion {
  readonly documentId: string;
  readonly version: number;
  readonly tenant: string;
  readonly key: string;
  readonly s3VersionId?: string;
  readonly eTag: string;
  readonly size: number;
  readonly sequencer: string;
  readonly status: DocumentStatus;
  readonly title?: string;
  /** SHA-256 of the object's bytes, hex. */
  readonly contentHash?: string;
  readonly chunkCount?: number;
  /** How many embedding batches the chunks were cut into. */
  readonly batchCount?: number;
  /** Batches whose vectors are stored, in any order. */
  readonly embeddedBatches: readonly number[];
  /** Chunks whose embedding was taken over from an earlier version. */
  readonly embeddingsReused?: number;
  /** How often processing was started. */
  readonly attempts: number;
  readonly error?: DocumentError;
  readonly embeddingModel?: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
}

/** From `start` on, a chunk's text is of this section; '' is none. */
export interface SectionStart {
  readonly start: number;
  readonly section: string;
}

/** Where a part of the chunk stands: its place, with the section that the part is of. */
export function placeAt({ place: { section: ofChunk, ...place }, sections = [] }: Chunk, start: number): Place {
  const section = sections.findLast(one => one.start <= start)?.section ?? ofChunk;
  return { ...place, ...(section && { section }) };
}

/** A span of a document's text that is embedded as one. `text` is an exact slice of the cleaned document text. */
export interface Chunk {
  /** From 0, in reading order. */
  readonly index: number;
  readonly text: string;
  /** What a reader of the text alone would miss: a table's header repeated for its later rows. */
  readonly context?: string;
  /** Offset of `text` in the cleaned document text, in UTF-16 code units. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Estimated tokens of `text`. */
  readonly tokenCount: number;
  /** SHA-256 of `text`, hex. */
  readonly textHash: string;
  readonly place: Place;
  /** Where other sections than the place's begin, by offsets in `text`, in order; absent where all of it is of one. */
  readonly sections?: readonly SectionStart[];
  /** Signs that the text is to steer a model, as `lambdas/ingest/suspicious.ts` names them; absent for almost every chunk. */
  readonly suspicious?: readonly string[];
}

/** A chunk of one version of a document, as stored. */
export interface StoredChunk extends Chunk {
  readonly documentId: string;
  readonly version: number;
}

/** Points at a stored chunk. */
export interface ChunkRef {
  readonly documentId: string;
  readonly version: number;
  readonly index: number;
}

/** Where this upload lies if it was filed. */
export const filedObject = (head: DocumentHead, version: number): FiledObject | undefined =>
  [head.processedObject, head.failedObject].find(filed => filed?.version === version);

/** The same tenant and key are the same document for ever. */
export const documentIdOf = (tenant: string, key: string): string =>
  createHash('sha256').update(`${tenant}\0${key}`).digest('hex').slice(0, 32);

/** `documentId#version#index`, zero-padded so that ids sort in reading order and a version can be found by prefix. */
export const chunkIdOf = ({ documentId, version, index }: ChunkRef): string =>
  `${chunkIdPrefix(documentId, version)}${String(index).padStart(6, '0')}`;

export const chunkIdPrefix = (documentId: string, version: number): string =>
  `${documentId}#${String(version).padStart(6, '0')}#`;

/** @returns undefined when `id` was not made by `chunkIdOf` */
export function parseChunkId(id: string): ChunkRef | undefined {
  const match = /^([0-9a-f]{32})#(\d{6,})#(\d{6,})$/.exec(id);
  if (!match?.[1]) return undefined;
  return { documentId: match[1], version: Number(match[2]), index: Number(match[3]) };
}

/** S3 sequencers are hex numbers of differing length: padded to one length they compare as strings. */
export const comparableSequencer = (sequencer: string): string => sequencer.toUpperCase().padStart(40, '0');

/** A file's format as its name tells it: the extension in lower case, without the dot; empty when it has none. */
export function formatOf(key: string): string {
  const name = titleFromKey(key);
  return name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
}

/** A document's title until its content names one: the file name without folders. */
export const titleFromKey = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
