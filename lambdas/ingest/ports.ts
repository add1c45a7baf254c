import type { Chunk } from '../document.ts';
import type { ChunkStore, DocumentBucket, DocumentStore, EmbeddingModel, VectorStore, WorkQueue } from '../ports.ts';
import type { EmbedMessage, ProcessMessage, RemoveMessage } from './messages.ts';

/** A file's text, cut into chunks. */
export interface ReadDocument {
  /** Absent when the content names none. */
  readonly title?: string;
  readonly chunks: readonly Chunk[];
}

/** Reads a file: bytes → chunks. @throws UnreadableDocument when it can never be read as it is */
export type DocumentReader = (bytes: Uint8Array, key: string) => Promise<ReadDocument>;

/** What registering an S3 event needs. */
export interface RegistrationPorts {
  readonly documents: DocumentStore;
  readonly bucket: Pick<DocumentBucket, 'head'>;
  readonly removeQueue: WorkQueue<RemoveMessage>;
}

export interface IntakePorts extends RegistrationPorts {
  readonly processQueue: WorkQueue<ProcessMessage>;
}

export interface ProcessPorts {
  readonly documents: DocumentStore;
  readonly chunks: ChunkStore;
  readonly bucket: Pick<DocumentBucket, 'read'>;
  readonly embedQueue: WorkQueue<EmbedMessage>;
  readonly removeQueue: WorkQueue<RemoveMessage>;
  readonly readDocument: DocumentReader;
}

export interface EmbedPorts {
  readonly documents: DocumentStore;
  readonly chunks: Pick<ChunkStore, 'range'>;
  readonly embeddings: EmbeddingModel;
  readonly vectors: VectorStore;
  readonly removeQueue: WorkQueue<RemoveMessage>;
}

export interface RemovePorts {
  readonly documents: DocumentStore;
  readonly chunks: Pick<ChunkStore, 'removeVersion'>;
  readonly vectors: Pick<VectorStore, 'removeVersion'>;
}
