import { describe, expect, it } from 'vitest';
import { costOf, priceOf } from '../../lambdas/chat/prices.ts';
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
    expect(costOf(price, 100_000, 0)).toBeCloseTo(0.011);
    expect(costOf(price, 200_000, 0)).toBeCloseTo(0.11);
  });
});

describe('UsageMeter', () => {
  it('adds up all models, and counts tokens without a price as free', () => {
    const meter = new UsageMeter({
      answer: { input: 1, output: 2 },
      condense: undefined,
      embedding: { input: 4, output: 0 },
    });
    meter.add('answer', 1_000, 100);
    meter.add('condense', 500, 50);
    meter.add('embedding', 250, 0);
    expect(meter.total()).toEqual({ inputTokens: 1_750, outputTokens: 150, costUsd: 0.0022 });
  });
});
