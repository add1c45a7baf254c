import { describe, expect, it } from 'vitest';
import { estimateSpend } from '../../lambdas/chat/estimate.ts';

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

  it('is by the dearer model, unless the fast one is asked for', () => {
    expect(estimateSpend(question, bounds).usd).toBe(0.01);
    expect(estimateSpend({ ...question, model: 'fast' }, bounds).usd).toBe(0.001);
  });
});
