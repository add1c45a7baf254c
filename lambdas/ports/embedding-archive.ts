import type { ChunkRef } from '../document.ts';

/** The embedding of one chunk, as archived. */
export interface ArchivedEmbedding {
  /** Of the text that was embedded, the model and the dimension; see `embeddingHashOf`. */
  readonly hash: string;
  /** Values have the precision of 32 bits. */
  readonly embedding: readonly number[];
  /** It was taken over from another version, so that this version cost no call of the model for it. */
  readonly reused: boolean;
}

/** Names the embeddings of one batch of a version's chunks. `unfinished`: those that an attempt got before it failed. */
export interface EmbeddingPartRef {
  readonly documentId: string;
  readonly version: number;
  readonly batch: number;
  readonly unfinished?: boolean;
}

export interface EmbeddingPart {
  readonly modelId: string;
  readonly dimension: number;
  /** Of a finished part: one for each chunk of the batch, in order. */
  readonly entries: readonly ArchivedEmbedding[];
}

/** What a completed version's archive holds. */
export interface EmbeddingManifest {
  readonly modelId: string;
  readonly dimension: number;
  /** Chunks in each part but the last. */
  readonly partSize: number;
  /** By the chunk's index; null where the archive lacks the embedding. */
  readonly hashes: readonly (string | null)[];
}

/** Keeps embeddings apart from the vector store, so that the same text is never embedded twice. */
export interface EmbeddingArchive {
  /** Writing a part again replaces it. */
  putPart(ref: EmbeddingPartRef, part: EmbeddingPart): Promise<void>;
  /** @returns undefined when there is none, or it is damaged */
  getPart(ref: EmbeddingPartRef): Promise<EmbeddingPart | undefined>;
  /** The hashes of a part without its embeddings. @returns undefined when there is none, or it is damaged */
  getHashes(ref: EmbeddingPartRef): Promise<string[] | undefined>;
  putManifest(documentId: string, version: number, manifest: EmbeddingManifest): Promise<void>;
  /** @returns undefined when there is none, or it is damaged */
  getManifest(documentId: string, version: number): Promise<EmbeddingManifest | undefined>;
  /** Removes everything of a version. */
  removeVersion(documentId: string, version: number): Promise<void>;
  /** Goes through all versions of which anything is kept, in no certain order; one may come several times. */
  list(options: { cursor?: string | undefined }): Promise<{
    versions: Pick<ChunkRef, 'documentId' | 'version'>[];
    cursor?: string;
  }>;
}
