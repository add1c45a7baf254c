import pMap from 'p-map';
import type { DocumentVersion } from '../document.ts';
import type { EmbeddingArchive, EmbeddingModel } from '../ports.ts';
import { CHUNKS_PER_BATCH } from './batches.ts';

interface ManifestPorts {
  readonly embeddings: Pick<EmbeddingModel, 'modelId' | 'dimension'>;
  readonly archive: Pick<EmbeddingArchive, 'getHashes' | 'putManifest'>;
}

/** The hashes of a part that was just written. */
export interface KnownPart {
  readonly batch: number;
  readonly hashes: readonly string[];
}

/**
 * Writes down which embeddings the archive holds of a version, for the next one to find what it can take over.
 * @param known need not be read again: all there is of a short document
 */
export async function archiveManifest(
  { archive, embeddings }: ManifestPorts,
  version: DocumentVersion,
  known?: KnownPart,
): Promise<void> {
  const { documentId, version: number, batchCount = 0, chunkCount = 0 } = version;
  const batches = Array.from({ length: batchCount }, (_, batch) => batch);
  const hashesOf = (batch: number) =>
    batch === known?.batch ? known.hashes : archive.getHashes({ documentId, version: number, batch });
  const parts = await pMap(batches, hashesOf, { concurrency: 16 });
  const hashes = Array.from(
    { length: chunkCount },
    (_, index) => parts[Math.floor(index / CHUNKS_PER_BATCH)]?.[index % CHUNKS_PER_BATCH] ?? null,
  );
  const { modelId, dimension } = embeddings;
  await archive.putManifest(documentId, number, { modelId, dimension, partSize: CHUNKS_PER_BATCH, hashes });
}
