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
    all: () => [...versions.values()].flatMap(chunks => [...chunks.values()]),
  };
}
