import { describe, expect, it } from 'vitest';
import { costOf, priceOf, rerankPriceOf, rerankQueries } from '../../lambdas/chat/prices.ts';
import { UsageMeter } from '../../lambdas/chat/usage-meter.ts';

describe('priceOf', () => {
  it('finds a model by its id, its profile and its ARN', () => {
    const price = { input: 0.33, output: 2.75 };
    expect(priceOf('amazon.nova-2-lite-v1:0')).toEqual(price);
    expect(priceOf('us.amazon.nova-2-lite-v1:0')).toEqual(price);
    expect(priceOf('arn:aws:bedrock:us-east-1:1:inference-profile/eu.amazon.nova-2-lite-v1:0')).toEqual(price);
  });

  it('lets the settings decide', () => {
    expect(priceOf('our-own-model', { input: 1, output: 2 })).toEqual({ input: 1, output: 2 });
    expect(priceOf('amazon.nova-2-lite-v1:0', { output: 9 })).toEqual({ input: 0.33, output: 9 });
  });

  it('knows no price for a model that nobody listed', () => {
    expect(priceOf('our-own-model')).toBeUndefined();
  });
});

describe('costOf', () => {
  it('charges more for a long prompt where the model does', () => {
    const price = priceOf('us.anthropic.claude-haiku-5-5');
    expect(costOf(price, { inputTokens: 100_000, outputTokens: 0 })).toBeCloseTo(0.011);
    expect(costOf(price, { inputTokens: 200_000, outputTokens: 0 })).toBeCloseTo(0.11);
  });
});

describe('reranking', () => {
  it('is priced by model', () => {
    expect(rerankPriceOf('arn:aws:bedrock:eu-central-1::foundation-model/cohere.rerank-v3-5:0')).toBe(0.002);
    expect(rerankPriceOf('arn:aws:bedrock:eu-central-1::foundation-model/amazon.rerank-v1:0')).toBe(0.001);
    expect(rerankPriceOf('our-own-model')).toBeUndefined();
  });

  it('is billed by queries of a hundred texts, long ones as several', () => {
    expect(rerankQueries(12, Array(100).fill(500))).toBe(1);
    expect(rerankQueries(12, Array(101).fill(500))).toBe(2);
    expect(rerankQueries(12, Array(51).fill(501))).toBe(2);
    expect(rerankQueries(12, [0])).toBe(1);
    expect(rerankQueries(12, [])).toBe(0);
  });
});

describe('tokens of the prompt cache', () => {
  const call = { inputTokens: 10_000, outputTokens: 0, cacheReadTokens: 8_000, cacheWriteTokens: 1_000 };

  it('have their own prices', () => {
    const haiku = priceOf('us.anthropic.claude-haiku-4-5-20251001-v1:0');
    expect(costOf(haiku, call)).toBeCloseTo((1_000 * 1.1 + 8_000 * 0.11 + 1_000 * 1.375) / 1e6);
    const nova = priceOf('us.amazon.nova-pro-v1:0');
    expect(costOf(nova, call)).toBeCloseTo((2_000 * 0.8 + 8_000 * 0.2) / 1e6);
  });

  it('cost like others where no price is known', () => {
    expect(costOf({ input: 1, output: 2 }, call)).toBeCloseTo(0.01);
  });

  it('are added up, and told when there are any', () => {
    const meter = new UsageMeter({ answer: undefined, condense: undefined, embedding: undefined });
    meter.add('answer', { inputTokens: 10, outputTokens: 1 }, 'large');
    expect(meter.total()).toEqual({ inputTokens: 10, outputTokens: 1, costUsd: 0 });
    meter.add('answer', call, 'large');
    expect(meter.total()).toMatchObject({ inputTokens: 10_010, cacheReadTokens: 8_000, cacheWriteTokens: 1_000 });
  });
});

describe('UsageMeter', () => {
  it('adds up all models, and counts tokens without a price as free', () => {
    const meter = new UsageMeter({
      answer: { input: 1, output: 2 },
      condense: undefined,
      embedding: { input: 4, output: 0 },
    });
    meter.add('answer', { inputTokens: 1_000, outputTokens: 100 }, 'large');
    meter.add('condense', { inputTokens: 500, outputTokens: 50 }, 'small');
    meter.add('condense', { inputTokens: 500, outputTokens: 50 }, 'large');
    meter.add('embedding', { inputTokens: 250, outputTokens: 0 }, 'vectors');
    expect(meter.total()).toEqual({ inputTokens: 2_250, outputTokens: 200, costUsd: 0.0022 });
    expect(meter.byModel()).toEqual([
      { modelId: 'large', inputTokens: 1_500, outputTokens: 150, usd: 0.0012 },
      { modelId: 'small', inputTokens: 500, outputTokens: 50, usd: 0 },
      { modelId: 'vectors', inputTokens: 250, outputTokens: 0, usd: 0.001 },
    ]);
  });
});
