import type { Chunk } from '../document.ts';
import { DocumentChunker } from './chunk.ts';
import type { ChunkOptions } from './chunk-packer.ts';
import type { Block } from './parse/block.ts';

/** Chunks handed over at a time. */
const chunksPerBatch = 100;

/**
 * Cuts blocks into chunks as they come, and hands the chunks to `store`, a batch at a time.
 * @param unseen what is in the file but in no block
 * @returns how many chunks there are
 */
export async function storeBlocks(
  blocks: AsyncIterable<readonly Block[]> | Iterable<readonly Block[]>,
  options: ChunkOptions,
  store: (chunks: readonly Chunk[]) => Promise<void>,
  unseen?: string,
): Promise<number> {
  const chunker = new DocumentChunker(options, unseen);
  let batch: Chunk[] = [];
  let chunkCount = 0;
  const handOver = async () => {
    chunkCount += batch.length;
    const full = batch;
    batch = [];
    if (full.length > 0) await store(full);
  };
  for await (const some of blocks) {
    for (const block of some) {
      for (const chunk of chunker.add(block)) batch.push(chunk);
      if (batch.length >= chunksPerBatch) await handOver();
    }
  }
  for (const chunk of chunker.end()) batch.push(chunk);
  await handOver();
  return chunkCount;
}
