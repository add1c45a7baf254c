import type { DocumentVersion } from '../document.ts';
import type { EmbedMessage } from './messages.ts';

/** Chunks embedded by one message: few enough for one short invocation, many enough to be worth one. */
export const CHUNKS_PER_BATCH = 32;

/**
 * Batches that one invocation embeds side by side: calls of the model then overlap with writes to the store, and small
 * documents use all the calls that the model may have at a time. More would leave other functions without work.
 */
export const BATCHES_PER_INVOCATION = 10;

export const batchCountOf = (chunkCount: number): number => Math.ceil(chunkCount / CHUNKS_PER_BATCH);

/** Chunks `from` (inclusive) to `to` (exclusive) of batch number `batch`. */
const rangeOf = (batch: number, chunkCount: number) => ({
  from: batch * CHUNKS_PER_BATCH,
  to: Math.min(chunkCount, (batch + 1) * CHUNKS_PER_BATCH),
});

export const embedMessages = (documentId: string, version: number, chunkCount: number): EmbedMessage[] =>
  Array.from({ length: batchCountOf(chunkCount) }, (_, batch) => ({
    documentId,
    version,
    batch,
    ...rangeOf(batch, chunkCount),
  }));

/** Whether the message belongs to the version's present plan: an earlier attempt may have cut the document differently. */
export function isPlanned({ chunkCount = 0 }: DocumentVersion, { batch, from, to }: EmbedMessage): boolean {
  const range = rangeOf(batch, chunkCount);
  return from === range.from && to === range.to && from < to;
}

/** Chunks of the version's present plan whose vectors are stored. */
export const chunksEmbedded = ({ chunkCount = 0, embeddedBatches }: DocumentVersion): number =>
  embeddedBatches
    .map(batch => rangeOf(batch, chunkCount))
    .reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);

/** Index of the last chunk of each batch. */
export const lastOfEachBatch = ({ chunkCount = 0 }: DocumentVersion): number[] =>
  Array.from({ length: batchCountOf(chunkCount) }, (_, batch) => rangeOf(batch, chunkCount).to - 1);
