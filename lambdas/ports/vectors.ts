import type { AttributeFilter } from '../attribute-filter.ts';
import type { AttributeValue, ChunkRef, DocumentMetadata } from '../document.ts';
import type { SparseVector } from '../lexical/sparse-vector.ts';
import type { TermStatistics } from '../lexical/term-statistics.ts';

export interface EmbeddedChunk {
  readonly ref: ChunkRef;
  /** The document's object key: its folders become filterable metadata. */
  readonly key: string;
  /**
   * The document's groups and attributes, stored beside the vector: `groups` as a list that holds `*` where everyone may
   * read, and each attribute as `attr_<name>`.
   */
  readonly metadata: DocumentMetadata;
  readonly embedding: readonly number[];
  /** By its words, beside its meaning; absent: it is found by meaning alone. */
  readonly sparse?: SparseVector;
}

/** What a question looks for: by meaning, and by words. */
export interface QueryVector {
  readonly embedding: readonly number[];
  readonly sparse?: SparseVector;
}

/** What is to stand beside vectors that are stored already; an attribute that is `null` is forgotten. */
export interface MetadataChange {
  readonly groups?: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue | null>>;
}

/** Narrows a search; all that is given must hold. */
export interface SearchFilter {
  readonly documentIds?: readonly string[];
  /** Only documents whose key starts with this folder, e.g. `documents/s3/`; it ends with a slash. */
  readonly folder?: string;
  /** Only documents whose sidecar gives them such attributes. */
  readonly attributes?: AttributeFilter;
}

/** A chunk found by a vector query; `score` is the sum of both dot products, higher is closer. */
export interface Match extends ChunkRef {
  readonly score: number;
}

/** Eventually consistent: what was written may be missing from a query for some seconds. */
export interface VectorStore {
  upsert(namespace: string, chunks: readonly EmbeddedChunk[]): Promise<void>;
  /**
   * At most `topK` matches, best first, never from another namespace, and only of documents that name no groups, unless
   * `readsOpenDocuments` is false, or are open to one of `groups`. A condition on attributes that a store cannot express (`prefix`) is passed over: the
   * caller compares with the document's record.
   */
  query(
    namespace: string,
    query: QueryVector,
    options: {
      topK: number;
      groups: readonly string[];
      readsOpenDocuments?: boolean;
      filter?: SearchFilter;
      signal?: AbortSignal;
    },
  ): Promise<Match[]>;
  /** Replaces groups and changes attributes beside these vectors, the vectors stay; one that is not stored is passed over. */
  updateMetadata(namespace: string, refs: readonly ChunkRef[], change: MetadataChange): Promise<void>;
  /** Resolves when the chunk can be read back. @throws Error when it cannot within `timeoutMs` */
  waitUntilVisible(namespace: string, ref: ChunkRef, timeoutMs: number): Promise<void>;
  /** Removes every vector of one version of a document. */
  removeVersion(namespace: string, documentId: string, version: number): Promise<void>;
  /** Every namespace that holds vectors. */
  namespaces(): Promise<string[]>;
  /**
   * Pages of the chunks whose vectors are stored, sorted by id. What is no chunk of ours is left out, so a page may hold
   * none and still have a cursor. `prefix` as `chunkIdPrefix` gives it, or the beginning of one.
   */
  list(
    namespace: string,
    options: { prefix?: string; cursor?: string },
  ): Promise<{ refs: ChunkRef[]; cursor?: string }>;
}

/** How common each word is in a tenant's documents. */
export interface TermStatisticsStore {
  /** @returns undefined for a tenant whose documents were never counted */
  read(tenant: string): Promise<TermStatistics | undefined>;
  write(tenant: string, statistics: TermStatistics): Promise<void>;
}
