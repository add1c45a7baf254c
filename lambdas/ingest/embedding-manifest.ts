import pMap from 'p-map';
import type { DocumentVersion } from '../document.ts';
import type { EmbeddingArchive, EmbeddingModel } from '../ports.ts';
import { CHUNKS_PER_BATCH } from './batches.ts';

interface ManifestPorts {
  readonly embeddings: Pick<EmbeddingModel, 'modelId' | 'dimension'>;
  readonly archive: Pick<EmbeddingArchive, 'getHashes' | 'putManifest'>;
}

/** Writes down which embeddings the archive holds of a version, for the next one to find what it can take over. */
export async function archiveManifest({ archive, embeddings }: ManifestPorts, version: DocumentVersion): Promise<void> {
  const { documentId, version: number, batchCount = 0, chunkCount = 0 } = version;
  const batches = Array.from({ length: batchCount }, (_, batch) => batch);
  const parts = await pMap(batches, batch => archive.getHashes({ documentId, version: number, batch }), {
    concurrency: 16,
  });
  const hashes = Array.from(
    { length: chunkCount },
    (_, index) => parts[Math.floor(index / CHUNKS_PER_BATCH)]?.[index % CHUNKS_PER_BATCH] ?? null,
  );
  const { modelId, dimension } = embeddings;
  await archive.putManifest(documentId, number, { modelId, dimension, partSize: CHUNKS_PER_BATCH, hashes });
}
