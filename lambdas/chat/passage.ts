import { chunkIdOf, type DocumentHead, type Place, type StoredChunk } from '../document.ts';

/** A chunk that counts for this reader and question, with the document that it stands in. */
export interface Passage {
  readonly chunk: StoredChunk;
  /** The stored chunks, in order, that `chunk` was joined from; quotes and places are theirs. Absent: `chunk` is stored. */
  readonly parts?: readonly StoredChunk[];
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

/** One passage a stored chunk. */
export const storedPassages = ({ parts, ...passage }: Passage): Passage[] =>
  parts?.map(chunk => ({ ...passage, chunk })) ?? [passage];

/** @param passage of one stored chunk */
export const sourceOf = ({ chunk, head, score }: Passage): Source => ({
  documentId: chunk.documentId,
  version: chunk.version,
  chunkId: chunkIdOf(chunk),
  title: head.title,
  key: head.key,
  place: chunk.place,
  score,
});
