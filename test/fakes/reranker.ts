import type { RankedText, Reranker } from '../../lambdas/ports.ts';

const wordsIn = (text: string): Set<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));

/** Texts by the share of the query's words that they hold. */
export function rankByWords(query: string, texts: readonly string[], topK: number): RankedText[] {
  const asked = wordsIn(query);
  return texts
    .map((text, index) => {
      const held = wordsIn(text);
      return { index, score: [...asked].filter(word => held.has(word)).length / asked.size };
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}

export const fakeReranker = (): Reranker => ({
  modelId: 'fake-reranker',
  async rerank(query, texts, topK, signal) {
    signal?.throwIfAborted();
    return rankByWords(query, texts, topK);
  },
});
