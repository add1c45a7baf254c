import { roundUsd } from '../budgets.ts';
import type { Usage } from '../conversation.ts';
import type { CallTokens, ModelUse } from '../ports.ts';
import { costOf, type Price } from './prices.ts';

/** Prices of the models that one answer may use; undefined where none is known. */
export interface ModelPrices {
  readonly answer: Price | undefined;
  readonly strong?: Price | undefined;
  readonly condense: Price | undefined;
  readonly embedding: Price | undefined;
  /** US dollars per query of the reranker. */
  readonly rerankQuery?: number | undefined;
}
/** A model that is paid by its tokens. */
export type PricedModel = Exclude<keyof ModelPrices, 'rerankQuery'>;

/** Adds up what the calls of one answer used: embedding, condensing and reranking included. */
export class UsageMeter {
  readonly #prices: ModelPrices;
  #tokens: Required<CallTokens> = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  #rerankQueries = 0;
  #costUsd = 0;
  readonly #models = new Map<string, ModelUse>();

  constructor(prices: ModelPrices) {
    this.#prices = prices;
  }

  add(model: PricedModel, call: CallTokens, modelId: string): void {
    const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = call;
    this.#tokens = {
      inputTokens: this.#tokens.inputTokens + inputTokens,
      outputTokens: this.#tokens.outputTokens + outputTokens,
      cacheReadTokens: this.#tokens.cacheReadTokens + cacheReadTokens,
      cacheWriteTokens: this.#tokens.cacheWriteTokens + cacheWriteTokens,
    };
    const usd = costOf(this.#prices[model], call);
    this.#costUsd += usd;
    this.#addToModel({ modelId, inputTokens, outputTokens, usd });
  }

  /** The same by model, in the order of their first calls. */
  byModel(): ModelUse[] {
    return [...this.#models.values()].filter(
      ({ inputTokens, outputTokens, usd }) => inputTokens + outputTokens + usd > 0,
    );
  }

  /** @param queries as the reranker is billed; negative to take back what is not */
  addRerank(queries: number, modelId: string): void {
    const usd = queries * (this.#prices.rerankQuery ?? 0);
    this.#rerankQueries += queries;
    this.#costUsd += usd;
    this.#addToModel({ modelId, inputTokens: 0, outputTokens: 0, usd });
  }

  #addToModel({ modelId, inputTokens, outputTokens, usd }: ModelUse): void {
    const before = this.#models.get(modelId) ?? { inputTokens: 0, outputTokens: 0, usd: 0 };
    this.#models.set(modelId, {
      modelId,
      inputTokens: before.inputTokens + inputTokens,
      outputTokens: before.outputTokens + outputTokens,
      usd: roundUsd(before.usd + usd),
    });
  }

  /** Calls of models without a known price are in the tokens, but add nothing to `costUsd`. */
  total(): Usage {
    const { inputTokens, outputTokens, ...cached } = this.#tokens;
    const isCached = cached.cacheReadTokens + cached.cacheWriteTokens > 0;
    const reranked = this.#rerankQueries > 0 && { rerankQueries: this.#rerankQueries };
    return { inputTokens, outputTokens, ...(isCached && cached), ...reranked, costUsd: roundUsd(this.#costUsd) };
  }
}
