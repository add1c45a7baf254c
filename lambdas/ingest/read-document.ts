import type { ChunkOptions } from './chunk.ts';
import { chunkDocument } from './chunk.ts';
import { parse } from './parse/parse.ts';
import type { DocumentReader } from './ports.ts';

/** Chunks handed over at a time. */
const chunksPerBatch = 100;

/** Reads a file of any known format, in this very process, and cuts it into chunks. Its time is not limited. */
export const documentReader =
  (options: ChunkOptions): DocumentReader =>
  async ({ key, size, pieces }, store) => {
    const document = await parse(await gather(pieces, size), key);
    const { chunks } = chunkDocument(document, options);
    for (let from = 0; from < chunks.length; from += chunksPerBatch) {
      await store(chunks.slice(from, from + chunksPerBatch));
    }
    return { chunkCount: chunks.length, ...(document.title !== undefined && { title: document.title }) };
  };

/** All bytes, held once. @throws RangeError when there are more than `size` */
async function gather(pieces: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let length = 0;
  for await (const piece of pieces) {
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes.subarray(0, length);
}
