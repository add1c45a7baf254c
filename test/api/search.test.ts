import { describe, expect, it } from 'vitest';
import { searchReplySchema } from '../../lambdas/api/schemas.ts';
import { type SearchPorts, search } from '../../lambdas/api/search.ts';
import type { Budgets } from '../../lambdas/budgets.ts';
import type { Reranker } from '../../lambdas/ports.ts';
import { makeLibrary } from '../chat/library.ts';
import { ann } from '../chat/turns.ts';
import { inMemorySpendStore } from '../fakes/spend-store.ts';
import { inMemoryUsageLedger } from '../fakes/usage-ledger.ts';

const prices = { answer: undefined, condense: undefined, embedding: { input: 1_000, output: 0 }, rerankQuery: 0.002 };
const notCounted = (error: unknown): void => {
  throw error;
};
const { signal } = new AbortController();
const own = { scope: 'user', tenant: ann.tenant, id: ann.userId } as const;

function makeSearch(rerank?: Reranker['rerank'], budgets: Budgets = {}) {
  const library = makeLibrary();
  const spend = inMemorySpendStore();
  const ledger = inMemoryUsageLedger();
  const failures: unknown[] = [];
  const reranker = rerank && {
    reranker: { modelId: 'reranker', rerank },
    limitMs: 60_000,
    failed: (error: unknown) => failures.push(error),
  };
  const ports: SearchPorts = {
    ...library.ports,
    ...{ topK: 5, prices, passageTokens: 1_000, spend, ledger, budgets, notCounted, reranking: reranker },
  };
  const spent = async () => (await spend.read(own, new Date())).day.spent;
  const day = new Date().toISOString().slice(0, 10);
  const reported = async () => (await ledger.read(ann.tenant, day, day)).flatMap(({ models }) => models);
  return {
    reported,
    library,
    ports,
    spent,
    failures,
    ask: (query: string, topK = 5) => search(ports, ann, { query, topK }, signal),
  };
}

describe('a search', () => {
  it('gives matches with their text, best first, as many as asked for', async () => {
    const { library, ports, ask } = makeSearch();
    await library.put('documents/a.md', ['the tower has steps of oak', 'orchids need rain water']);
    await library.put('documents/b.md', ['the tower has steps of oak, too']);
    await library.remove('documents/b.md');
    const request = { query: 'tower steps oak' };
    const reply = searchReplySchema.parse((await search(ports, ann, request, signal)).reply);
    expect(reply.matches.map(({ text }) => text)).toEqual(['the tower has steps of oak', 'orchids need rain water']);
    expect(reply.matches[0]?.score).toBeGreaterThan(reply.matches[1]?.score ?? 1);
    expect((await ask(request.query, 1)).reply.matches).toHaveLength(1);
  });

  it('tells what it cost, and counts it for the reader', async () => {
    const { ask, spent } = makeSearch();
    const { usage } = (await ask('tower steps')).reply;
    expect(usage).toEqual({ inputTokens: 2, outputTokens: 0, costUsd: 0.002 });
    expect(await spent()).toEqual({ tokens: 2, usd: 0.002 });
  });

  it('is refused when the budget is spent, and tells before what is left of it', async () => {
    const { ask } = makeSearch(undefined, { user: { day: { tokens: 3 } } });
    expect((await ask('tower steps')).left).toMatchObject({ tokens: 1 });
    await ask('tower steps');
    await expect(ask('tower steps')).rejects.toMatchObject({ error: { kind: 'budget-spent' } });
  });
});

describe('a search with a reranker', () => {
  const texts = ['tower steps', 'tower steps of oak', 'tower steps of old grey stone'];
  const reversing: Reranker['rerank'] = async (_, given) =>
    given.map((_text, index) => ({ index, score: index })).toReversed();
  const withTexts = async (rerank: Reranker['rerank']) => {
    const test = makeSearch(rerank);
    for (const [index, text] of texts.entries()) await test.library.put(`documents/${index}.md`, [text]);
    return test;
  };

  it('has the better order, chosen from more than are asked for', async () => {
    const { ask } = await withTexts(reversing);
    const { matches } = (await ask('tower steps', 2)).reply;
    expect(matches.map(({ text }) => text)).toEqual([texts[2], texts[1]]);
  });

  it('tells and counts what the reranker cost', async () => {
    const { ask, spent, reported } = await withTexts(reversing);
    const { usage } = (await ask('tower steps')).reply;
    expect(usage).toEqual({ inputTokens: 2, outputTokens: 0, rerankQueries: 1, costUsd: 0.004 });
    expect(await spent()).toEqual({ tokens: 2, usd: 0.004 });
    expect(await reported()).toContainEqual({ modelId: 'reranker', inputTokens: 0, outputTokens: 0, usd: 0.002 });
  });

  it('keeps the order of retrieval when that fails, and does not pay for it', async () => {
    const { ask, failures } = await withTexts(() => Promise.reject(new Error('throttled')));
    const { matches, usage } = (await ask('tower steps')).reply;
    expect(matches.map(({ text }) => text)).toEqual(texts);
    expect(usage.costUsd).toBe(0.002);
    expect(failures).toHaveLength(1);
  });
});
