import { chunkIdOf, type DocumentHead, type Place, type StoredChunk } from '../document.ts';

/** A chunk that counts for this reader and question, with the document that it stands in. */
export interface Passage {
  readonly chunk: StoredChunk;
  readonly head: DocumentHead;
  /** The object's version that the chunk was read from; absent in a bucket without versioning. */
  readonly s3VersionId?: string;
  /** Similarity to the question: higher is closer. */
  readonly score: number;
}

/** What clients are told of a passage. */
export interface Source {
  readonly documentId: string;
  readonly version: number;
  readonly chunkId: string;
  readonly title: string;
  readonly key: string;
  readonly place: Place;
  readonly score: number;
}

export const sourceOf = ({ chunk, head, score }: Passage): Source => ({
  documentId: chunk.documentId,
  version: chunk.version,
  chunkId: chunkIdOf(chunk),
  title: head.title,
  key: head.key,
  place: chunk.place,
  score,
});
