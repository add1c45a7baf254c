import type { AdaptiveConcurrency } from '../adaptive-concurrency.ts';
import type { Chunk } from '../document.ts';
import type { StatisticsMessage } from '../lexical/messages.ts';
import type {
  ChunkStore,
  DocumentBucket,
  DocumentStore,
  EmbeddingArchive,
  EmbeddingModel,
  ObjectBody,
  TextRecognition,
  VectorStore,
  WorkQueue,
} from '../ports.ts';
import type { ChunkOptions } from './chunk-packer.ts';
import type { EmbedMessage, MetadataMessage, ProcessMessage, RemoveMessage } from './messages.ts';
import type { FormatOptions } from './parse/format-options.ts';
import type { LoadedRules } from './rules.ts';

/** An object of the bucket, to be read once. */
export interface DocumentFile extends ObjectBody {
  readonly key: string;
  /** How long reading may take. */
  readonly timeLimitMs: number;
  /** What differs from the chunk sizes of the settings. */
  readonly chunking?: Partial<ChunkOptions>;
  readonly formats?: FormatOptions | undefined;
}

export interface ReadSummary {
  /** Absent when the content names none. */
  readonly title?: string;
  readonly chunkCount: number;
}

/**
 * Reads a file: bytes → chunks. Hands the chunks to `store` in reading order, a batch at a time, and never two at once;
 * what it handed over before it failed is not to be kept.
 * @throws UnreadableDocument when it can never be read as it is, also after some chunks
 */
export type DocumentReader = (
  file: DocumentFile,
  store: (chunks: readonly Chunk[]) => Promise<void>,
) => Promise<ReadSummary>;

/** What registering an S3 event needs. */
export interface RegistrationPorts {
  readonly documents: DocumentStore;
  readonly bucket: Pick<DocumentBucket, 'head' | 'read'>;
  readonly metadataQueue: WorkQueue<MetadataMessage>;
  readonly removeQueue: WorkQueue<RemoveMessage>;
}

export interface IntakePorts extends RegistrationPorts {
  readonly processQueue: WorkQueue<ProcessMessage>;
}

export interface ProcessPorts {
  readonly documents: DocumentStore;
  readonly chunks: ChunkStore;
  readonly bucket: Pick<DocumentBucket, 'open'>;
  readonly embedQueue: WorkQueue<EmbedMessage>;
  readonly removeQueue: WorkQueue<RemoveMessage>;
  readonly readDocument: DocumentReader;
  /** Absent where scans are not to be read: they end FAILED. */
  readonly recognition?: TextRecognition;
  /** Those in force now; see `rulesReader`. */
  readonly readRules: () => Promise<LoadedRules>;
}

export interface EmbedPorts {
  readonly documents: DocumentStore;
  readonly chunks: Pick<ChunkStore, 'range'>;
  readonly embeddings: EmbeddingModel;
  /** Shared by all that the process asks of the model. */
  readonly pace: AdaptiveConcurrency;
  readonly archive: EmbeddingArchive;
  readonly vectors: VectorStore;
  /** Hears of each document that becomes live. */
  readonly statisticsQueue: WorkQueue<StatisticsMessage>;
  readonly removeQueue: WorkQueue<RemoveMessage>;
}

export interface RemovePorts {
  readonly documents: DocumentStore;
  readonly chunks: Pick<ChunkStore, 'removeVersion'>;
  readonly vectors: Pick<VectorStore, 'removeVersion'>;
  readonly archive: Pick<EmbeddingArchive, 'removeVersion'>;
}
