import { meetsFilter } from '../../lambdas/attribute-filter.ts';
import { type AttributeValue, type ChunkRef, chunkIdOf, parseChunkId } from '../../lambdas/document.ts';
import type { SparseVector } from '../../lambdas/lexical/sparse-vector.ts';
import type { EmbeddedChunk, Match, QueryVector, SearchFilter, VectorStore } from '../../lambdas/ports.ts';

/** Vectors in memory, compared by dot product and visible at once; `refs` and `all` show everything that is stored. */
export function inMemoryVectorStore(): VectorStore & { refs(): ChunkRef[]; all(): EmbeddedChunk[] } {
  const namespaces = new Map<string, Map<string, EmbeddedChunk>>();
  const vectorsOf = (namespace: string) => namespaces.get(namespace) ?? new Map<string, EmbeddedChunk>();

  return {
    async upsert(namespace, chunks) {
      const vectors = vectorsOf(namespace);
      namespaces.set(namespace, vectors);
      for (const chunk of chunks) vectors.set(chunkIdOf(chunk.ref), chunk);
    },
    async query(namespace, vector, { topK, groups, readsOpenDocuments = true, filter, signal }) {
      signal?.throwIfAborted();
      return [...vectorsOf(namespace).values()]
        .filter(chunk => passes(chunk, filter) && isOpenTo(groups, readsOpenDocuments, chunk))
        .map((chunk): Match => ({ ...chunk.ref, score: similarity(chunk, vector) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, topK);
    },
    async updateMetadata(namespace, refs, { groups, attributes: changed }) {
      for (const id of refs.map(chunkIdOf)) {
        const chunk = vectorsOf(namespace).get(id);
        if (!chunk) continue;
        const attributes: Record<string, AttributeValue> = { ...chunk.metadata.attributes };
        for (const [name, value] of Object.entries(changed)) {
          if (value === null) delete attributes[name];
          else attributes[name] = value;
        }
        vectorsOf(namespace).set(id, { ...chunk, metadata: { attributes, ...(groups && { groups }) } });
      }
    },
    async waitUntilVisible(namespace, ref, timeoutMs) {
      if (vectorsOf(namespace).has(chunkIdOf(ref))) return;
      throw new Error(`Vector ${chunkIdOf(ref)} did not show within ${timeoutMs} ms`);
    },
    async removeVersion(namespace, documentId, version) {
      for (const [id, { ref }] of vectorsOf(namespace)) {
        if (ref.documentId === documentId && ref.version === version) vectorsOf(namespace).delete(id);
      }
    },
    namespaces: async () => [...namespaces].filter(([, vectors]) => vectors.size > 0).map(([name]) => name),
    async list(namespace, { prefix = '', cursor = '' }) {
      const ids = [...vectorsOf(namespace).keys()].filter(id => id.startsWith(prefix) && id > cursor).sort();
      const page = ids.slice(0, 100);
      const last = page.at(-1);
      const refs = page.map(parseChunkId).filter(ref => ref !== undefined);
      return { refs, ...(ids.length > page.length && last && { cursor: last }) };
    },
    all: () => [...namespaces.values()].flatMap(vectors => [...vectors.values()]),
    refs: () => [...namespaces.values()].flatMap(vectors => [...vectors.values()].map(({ ref }) => ref)),
  };
}

const isOpenTo = (readers: readonly string[], readsOpen: boolean, { metadata: { groups } }: EmbeddedChunk): boolean =>
  groups === undefined ? readsOpen : groups.some(group => readers.includes(group));

const passes = (
  { ref, key, metadata }: EmbeddedChunk,
  { documentIds, folder, attributes }: SearchFilter = {},
): boolean =>
  (documentIds?.includes(ref.documentId) ?? true) &&
  (folder === undefined || key.startsWith(folder)) &&
  meetsFilter(metadata.attributes, attributes);

const similarity = (chunk: EmbeddedChunk, vector: QueryVector): number =>
  dotProduct(chunk.embedding, vector.embedding) + sparseProduct(chunk.sparse, vector.sparse);

function sparseProduct(a: SparseVector | undefined, b: SparseVector | undefined): number {
  const values = new Map(b?.indices.map((index, position) => [index, b.values[position] ?? 0]));
  return a?.indices.reduce((sum, index, i) => sum + (a.values[i] ?? 0) * (values.get(index) ?? 0), 0) ?? 0;
}

const dotProduct = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, position) => sum + value * (b[position] ?? 0), 0);
