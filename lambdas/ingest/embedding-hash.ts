import { createHash } from 'node:crypto';
import type { EmbeddingModel } from '../ports.ts';

/** Names the embedding of `text` by this model: equal hashes mean equal embeddings. @returns 128 bits, hex */
export const embeddingHashOf = (
  { modelId, dimension }: Pick<EmbeddingModel, 'modelId' | 'dimension'>,
  text: string,
): string => createHash('sha256').update(`${modelId}\0${dimension}\0${text}`).digest('hex').slice(0, 32);
