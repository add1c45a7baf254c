import { describe, expect, it } from 'vitest';
import { estimateSearch, estimateSpend } from '../../lambdas/chat/estimate.ts';

const price = (output: number) => ({ input: 0, output });
const bounds = {
  ...{ historyTokens: 3_000, passageTokens: 1_000, maxTokens: 1_000 },
  prices: { answer: price(1), strong: price(10), condense: price(1), embedding: price(0) },
};
const question = { text: 'How many steps does the tower have?', topK: 8 };

describe('the estimate of an answer', () => {
  it('has room for all passages and the longest answer', () => {
    const { tokens } = estimateSpend(question, bounds);
    expect(tokens).toBeGreaterThan(9_000);
    expect(tokens).toBeLessThan(11_000);
  });

  it('has room for the history twice in a conversation: in the prompt, and where the question is rewritten', () => {
    const first = estimateSpend(question, bounds).tokens;
    const next = estimateSpend({ ...question, conversationId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }, bounds).tokens;
    expect(next - first).toBeGreaterThan(6_000);
  });

  it('has room for the reranker, which is given twice the passages', () => {
    const withReranker = (passageTokens: number) => {
      const prices = { ...bounds.prices, rerankQuery: 0.5 };
      return (
        estimateSpend(question, { ...bounds, passageTokens, prices }).usd -
        estimateSpend(question, { ...bounds, passageTokens }).usd
      );
    };
    expect(withReranker(1_000)).toBeCloseTo(0.5); // 16 passages of three documents each
    expect(withReranker(4_000)).toBeCloseTo(1); // of nine
  });

  it('of a search is the embedding and the reranker', () => {
    const prices = { ...bounds.prices, embedding: price(0), rerankQuery: 0.5 };
    const query = question.text;
    expect(estimateSearch({ query, topK: 8 }, { passageTokens: 1_000, prices }).usd).toBe(0.5);
    expect(estimateSearch({ query, topK: 8 }, bounds).usd).toBe(0);
  });

  it('is by the dearer model, unless the fast one is asked for', () => {
    expect(estimateSpend(question, bounds).usd).toBe(0.01);
    expect(estimateSpend({ ...question, model: 'fast' }, bounds).usd).toBe(0.001);
  });
});
