import type { StoredChunk } from '../../lambdas/document.ts';
import type { ChunkStore } from '../../lambdas/ports.ts';

/** Chunks in memory; `all` shows everything that is stored. */
export function inMemoryChunkStore(): ChunkStore & { all(): StoredChunk[] } {
  const versions = new Map<string, Map<number, StoredChunk>>();
  const nameOf = (documentId: string, version: number) => `${documentId}#${version}`;

  return {
    async put(documentId, version, chunks) {
      const stored = versions.get(nameOf(documentId, version)) ?? new Map<number, StoredChunk>();
      versions.set(nameOf(documentId, version), stored);
      for (const chunk of chunks) stored.set(chunk.index, { ...chunk, documentId, version });
    },
    async range(documentId, version, from, to) {
      const chunks = [...(versions.get(nameOf(documentId, version))?.values() ?? [])];
      return chunks.filter(({ index }) => index >= from && index < to).sort((a, b) => a.index - b.index);
    },
    async removeFrom(documentId, version, from) {
      const stored = versions.get(nameOf(documentId, version));
      for (const index of stored?.keys() ?? []) if (index >= from) stored?.delete(index);
    },
    async removeVersion(documentId, version) {
      versions.delete(nameOf(documentId, version));
    },
    count: async (documentId, version) => versions.get(nameOf(documentId, version))?.size ?? 0,
    async newestVersion(documentId) {
      const ofDocument = [...versions.values()].flatMap(chunks => [...chunks.values()]);
      return Math.max(0, ...ofDocument.filter(chunk => chunk.documentId === documentId).map(({ version }) => version));
    },
    async scan({ limit, cursor = '0' }) {
      const refs = [...versions.values()].flatMap(chunks =>
        [...chunks.values()].map(({ documentId, version, index }) => ({ documentId, version, index })),
      );
      const end = Number(cursor) + limit;
      return { refs: refs.slice(Number(cursor), end), ...(end < refs.length && { cursor: String(end) }) };
    },
    all: () => [...versions.values()].flatMap(chunks => [...chunks.values()]),
  };
}
