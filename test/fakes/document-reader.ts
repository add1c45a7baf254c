import type { Chunk } from '../../lambdas/document.ts';
import { UnreadableDocument } from '../../lambdas/errors.ts';
import type { DocumentReader } from '../../lambdas/ingest/ports.ts';

export interface WholeDocument {
  readonly title?: string;
  readonly chunks: readonly Chunk[];
}

/** Reads a file at once with `read`, and hands its chunks over in batches of two. */
export const readerOf =
  (read: (bytes: Uint8Array, key: string) => Promise<WholeDocument> | WholeDocument): DocumentReader =>
  async ({ key, pieces }, store) => {
    const { title, chunks } = await read(Buffer.concat(await Array.fromAsync(pieces)), key);
    for (let from = 0; from < chunks.length; from += 2) await store(chunks.slice(from, from + 2));
    return { chunkCount: chunks.length, ...(title !== undefined && { title }) };
  };

/** Stores `chunks` and then finds that the rest of the file cannot be read, or fails with `error`. */
export const readerFailingAfter =
  (
    chunks: readonly Chunk[],
    error: Error = new UnreadableDocument('corrupt-file', 'Upload it whole.'),
  ): DocumentReader =>
  async (_, store) => {
    await store(chunks);
    throw error;
  };
