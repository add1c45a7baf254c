import { baseModelIdOf } from '../model-id.ts';
import type { CallTokens } from '../ports.ts';

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Of input tokens that the provider's cache held, or took. @default as `input` */
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  /** A call with more than `above` input tokens costs `factor` times as much. */
  readonly long?: { readonly above: number; readonly factor: number };
}

/**
 * List prices on Amazon Bedrock in November 2026, of the `us.` inference profiles where a model has them (`global.` ones
 * cost about a tenth less), by model id without geography. Embedding models give no output tokens.
 */
const LIST_PRICES: Readonly<Record<string, Price>> = {
  'anthropic.claude-haiku-5-5': { input: 0.11, output: 0.55, long: { above: 100_000, factor: 5 } },
  'anthropic.claude-sonnet-5-5': { input: 2.2, output: 11 },
  'anthropic.claude-opus-5-5': { input: 4.4, output: 22 },
  'anthropic.claude-haiku-4-5-20251001-v1:0': { input: 1.1, output: 5.5, cacheRead: 0.11, cacheWrite: 1.375 },
  'amazon.nova-micro-v1:0': { input: 0.035, output: 0.14, cacheRead: 0.00875 },
  'amazon.nova-lite-v1:0': { input: 0.06, output: 0.24, cacheRead: 0.015 },
  'amazon.nova-pro-v1:0': { input: 0.8, output: 3.2, cacheRead: 0.2 },
  'amazon.nova-2-lite-v1:0': { input: 0.33, output: 2.75 },
  'amazon.titan-embed-text-v2:0': { input: 0.02, output: 0 },
  'cohere.embed-v4:0': { input: 0.12, output: 0 },
};

/** US dollars per query, see `rerankQueries`. */
const RERANK_PRICES: Readonly<Record<string, number>> = {
  'cohere.rerank-v3-5:0': 0.002,
  'amazon.rerank-v1:0': 0.001,
};

/** @param modelArn of a reranker @returns US dollars per query; undefined when the list does not know it */
export const rerankPriceOf = (modelArn: string): number | undefined => RERANK_PRICES[baseModelIdOf(modelArn)];

/** Bedrock bills reranking by queries of up to 100 documents of up to 512 tokens, the question's in each; longer ones are parted. */
const DOCUMENTS_A_QUERY = 100;
const TOKENS_A_DOCUMENT = 512;

/** Queries that a call of a reranker is billed as. @param texts tokens of each @param question its tokens */
export function rerankQueries(question: number, texts: readonly number[]): number {
  const room = Math.max(1, TOKENS_A_DOCUMENT - question);
  const documents = texts.reduce((sum, tokens) => sum + Math.max(1, Math.ceil(tokens / room)), 0);
  return Math.ceil(documents / DOCUMENTS_A_QUERY);
}

/** What the settings say of a price; a field that is absent is left to the list. */
export interface PriceOverride {
  readonly input?: number | undefined;
  readonly output?: number | undefined;
}

/**
 * The price of a model, or of a model behind an inference profile.
 * @param modelId an id or an ARN
 * @returns undefined when neither the settings nor the list know it; its tokens are then counted, but as costing nothing
 */
export function priceOf(modelId: string, override: PriceOverride = {}): Price | undefined {
  const listed = LIST_PRICES[baseModelIdOf(modelId)];
  if (override.input === undefined && override.output === undefined) return listed;
  return { input: override.input ?? listed?.input ?? 0, output: override.output ?? listed?.output ?? 0 };
}

/** @returns US dollars of one call */
export function costOf(price: Price | undefined, call: CallTokens): number {
  if (!price) return 0;
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = call;
  const { cacheRead = price.input, cacheWrite = price.input } = price;
  const factor = price.long && inputTokens > price.long.above ? price.long.factor : 1;
  const cached = cacheReadTokens * cacheRead + cacheWriteTokens * cacheWrite;
  const input = (inputTokens - cacheReadTokens - cacheWriteTokens) * price.input;
  return (factor * (input + cached + outputTokens * price.output)) / 1_000_000;
}
