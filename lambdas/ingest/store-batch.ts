import { setImmediate } from 'node:timers/promises';
import pMap from 'p-map';
import type { DocumentHead, DocumentVersion } from '../document.ts';
import { embeddedText } from '../embedded-text.ts';
import { documentVector } from '../lexical/sparse-vector.ts';
import { archiveBatch, embeddingsOf, readArchive } from './batch-embeddings.ts';
import { lastOfEachBatch } from './batches.ts';
import type { EmbedMessage } from './messages.ts';
import { followMetadata, metadataOf } from './metadata.ts';
import type { EmbedPorts } from './ports.ts';

export interface WaitLimit {
  /** Milliseconds that a throttled model is waited for, before the work is tried again later. */
  readonly waitMs: number;
}

export interface StoredBatch {
  /** Texts that the model was called for now. */
  readonly embedded: number;
  /** Chunks whose embedding was taken over from another version. */
  readonly reused: number;
  /** The archive did not have the batch whole before. */
  readonly isNew: boolean;
  /** Of its embeddings, in order. */
  readonly hashes: readonly string[];
}

/** How long the vector store may take to show what was written, before the work is tried again. */
const VISIBLE_WITHIN_MS = 20_000;

/**
 * Writes the vectors of a batch of chunks to the vector store, with the groups and attributes that the document has once
 * they are written, and what is new of their embeddings to the archive.
 * @param options `reuseFrom`: another version of the document, whose embeddings may be taken over
 */
export async function storeBatch(
  ports: Pick<EmbedPorts, 'documents' | 'chunks' | 'embeddings' | 'pace' | 'archive' | 'vectors'>,
  head: DocumentHead,
  version: DocumentVersion,
  { batch, from, to }: Pick<EmbedMessage, 'batch' | 'from' | 'to'>,
  { waitMs, reuseFrom }: WaitLimit & { readonly reuseFrom?: number | undefined },
): Promise<StoredBatch> {
  const { documentId, version: number, tenant, key } = version;
  const part = { documentId, version: number, batch };
  const [chunks, archived] = await Promise.all([
    ports.chunks.range(documentId, number, from, to),
    readArchive(ports, part, reuseFrom),
  ]);
  if (chunks.length !== to - from) {
    throw new Error(`Chunks ${from} to ${to} of document ${documentId}, version ${number}, are not all stored`);
  }
  const texts = chunks.map(chunk => embeddedText(version, chunk));
  const [{ entries, embedded, reused, isNew }, sparse] = await Promise.all([
    embeddingsOf(ports, part, texts, archived, waitMs),
    meanwhile(() => texts.map(documentVector)),
  ]);
  const vectors = entries.map(({ embedding }, position) => {
    const ref = { documentId, version: number, index: from + position };
    return { ref, key, metadata: metadataOf(head), embedding, sparse: sparse[position] };
  });
  await bothOf(
    isNew ? archiveBatch(ports, part, entries) : undefined, // should the store be throttled, the model is not asked again
    ports.vectors.upsert(tenant, vectors),
  );
  const refs = vectors.map(({ ref }) => ref);
  await followMetadata(ports, head, refs);
  return { embedded, reused, isNew, hashes: entries.map(({ hash }) => hash) };
}

/** Computes once the calls that were just asked for are on their way. */
async function meanwhile<Result>(compute: () => Result): Promise<Result> {
  await setImmediate();
  return compute();
}

/** Waits for both, also when one fails: what still runs when a function ends may never be done. */
async function bothOf(one: Promise<void> | undefined, other: Promise<void>): Promise<void> {
  for (const result of await Promise.allSettled([one, other])) {
    if (result.status === 'rejected') throw result.reason;
  }
}

/** Batches are written side by side, so the last chunk of each must show before the version may answer. */
export async function waitUntilVisible(
  { vectors }: Pick<EmbedPorts, 'vectors'>,
  version: DocumentVersion,
): Promise<void> {
  const show = (index: number) => {
    const ref = { documentId: version.documentId, version: version.version, index };
    return vectors.waitUntilVisible(version.tenant, ref, VISIBLE_WITHIN_MS);
  };
  await pMap(lastOfEachBatch(version), show, { concurrency: 8 });
}
