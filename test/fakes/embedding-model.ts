import { createHash } from 'node:crypto';
import type { EmbeddingModel } from '../../lambdas/ports.ts';

/** Counts hashed words: texts that share words are close. Deterministic, of length 1. */
export function fakeEmbeddingModel(dimension = 64): EmbeddingModel {
  const embed = async (text: string, signal?: AbortSignal): Promise<number[]> => {
    signal?.throwIfAborted();
    const embedding = new Array<number>(dimension).fill(0);
    for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
      const slot = createHash('sha256').update(word).digest().readUInt32BE() % dimension;
      embedding[slot] = (embedding[slot] ?? 0) + 1;
    }
    const length = Math.hypot(...embedding) || 1;
    return embedding.map(value => value / length);
  };
  return {
    modelId: 'fake-embedding-model',
    dimension,
    textsPerCall: 1,
    embedQuery: embed,
    embedDocuments: (texts, signal) => Promise.all(texts.map(text => embed(text, signal))),
  };
}
