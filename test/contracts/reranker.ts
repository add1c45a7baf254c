import { expect, it } from 'vitest';
import type { Reranker } from '../../lambdas/ports.ts';

const query = 'When is the income tax due?';
const texts = ['Salmon swim upriver to spawn.', 'The income tax is due in April.', 'The tax on dogs is low.'];

/** What every reranker must do. */
export function rerankerContract(makeReranker: () => Reranker) {
  it('puts the text that answers the query first, and names each once', async () => {
    const ranked = await makeReranker().rerank(query, texts, 3);
    expect(ranked[0]?.index).toBe(1);
    expect(ranked.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    const scores = ranked.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('gives no more than asked for, and no more than there are', async () => {
    const reranker = makeReranker();
    expect((await reranker.rerank(query, texts, 1)).map(({ index }) => index)).toEqual([1]);
    expect(await reranker.rerank(query, texts, 10)).toHaveLength(3);
    expect(await reranker.rerank(query, [], 10)).toEqual([]);
  });

  it('stops when the caller gives up', async () => {
    const ranking = makeReranker().rerank(query, texts, 3, AbortSignal.abort());
    await expect(ranking).rejects.toMatchObject({ name: 'AbortError' });
  });
}
