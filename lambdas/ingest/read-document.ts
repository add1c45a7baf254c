import { chunkDocument } from './chunk.ts';
import { parse } from './parse/parse.ts';
import type { DocumentReader } from './ports.ts';

/** Reads a file of any known format and cuts it into chunks of about `targetTokens`. */
export const documentReader =
  (options: { readonly targetTokens: number; readonly overlapTokens: number }): DocumentReader =>
  async (bytes, key) => {
    const document = await parse(bytes, key);
    const { chunks } = chunkDocument(document, options);
    return { chunks, ...(document.title !== undefined && { title: document.title }) };
  };
