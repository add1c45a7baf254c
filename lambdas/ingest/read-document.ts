import type { ChunkOptions } from './chunk-packer.ts';
import { openDocument } from './parse/open-document.ts';
import type { DocumentReader } from './ports.ts';
import { storeBlocks } from './store-blocks.ts';

/** Reads a file of any known format, in this very process, and cuts it into chunks. Its time is not limited. */
export const documentReader =
  (options: ChunkOptions): DocumentReader =>
  async ({ key, size, pieces, formats }, store) => {
    const { title, unseen, blocks } = await openDocument(pieces, size, key, formats);
    const chunkCount = await storeBlocks(blocks, options, store, unseen);
    return { chunkCount, ...(title !== undefined && { title }) };
  };
