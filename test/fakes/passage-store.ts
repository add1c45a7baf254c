import type { DocumentHead, StoredChunk } from '../../lambdas/document.ts';
import type { ChunkStore, DocumentStore, PassageStore } from '../../lambdas/ports.ts';

/** Reads passages from the stores that ingestion writes. */
export function inMemoryPassageStore(documents: DocumentStore, chunkStore: ChunkStore): PassageStore {
  return {
    async readChunksAndHeads(refs) {
      const chunks: StoredChunk[] = [];
      const heads = new Map<string, DocumentHead>();
      const s3VersionIds = new Map<string, string>();
      for (const { documentId, version, index } of refs) {
        const found = await chunkStore.range(documentId, version, index, index + 1);
        chunks.push(...found.filter(chunk => !chunks.some(other => isSame(other, chunk))));
        const head = await documents.getHead(documentId);
        if (!head) continue;
        heads.set(documentId, head);
        const live = head.liveVersion === version ? await documents.getVersion(documentId, version) : undefined;
        if (live?.s3VersionId) s3VersionIds.set(documentId, live.s3VersionId);
      }
      return { chunks, heads, s3VersionIds };
    },
  };
}

const isSame = (a: StoredChunk, b: StoredChunk): boolean =>
  a.documentId === b.documentId && a.version === b.version && a.index === b.index;
