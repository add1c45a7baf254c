import type { Chunk } from '../document.ts';
import { DocumentChunker } from './chunk.ts';
import type { ChunkOptions } from './chunk-packer.ts';
import { openDocument } from './parse/open-document.ts';
import type { DocumentReader } from './ports.ts';

/** Chunks handed over at a time. */
const chunksPerBatch = 100;

/** Reads a file of any known format, in this very process, and cuts it into chunks. Its time is not limited. */
export const documentReader =
  (options: ChunkOptions): DocumentReader =>
  async ({ key, size, pieces }, store) => {
    const { title, unseen, blocks } = await openDocument(pieces, size, key);
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
    return { chunkCount, ...(title !== undefined && { title }) };
  };
