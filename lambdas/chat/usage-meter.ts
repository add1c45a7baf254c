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
}

/** Adds up what the calls of one answer used: embedding and condensing included. */
export class UsageMeter {
  readonly #prices: ModelPrices;
  #tokens: Required<CallTokens> = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  #costUsd = 0;
  readonly #models = new Map<string, ModelUse>();

  constructor(prices: ModelPrices) {
    this.#prices = prices;
  }

  add(model: keyof ModelPrices, call: CallTokens, modelId: string): void {
    const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = call;
    this.#tokens = {
      inputTokens: this.#tokens.inputTokens + inputTokens,
      outputTokens: this.#tokens.outputTokens + outputTokens,
      cacheReadTokens: this.#tokens.cacheReadTokens + cacheReadTokens,
      cacheWriteTokens: this.#tokens.cacheWriteTokens + cacheWriteTokens,
    };
    const usd = costOf(this.#prices[model], call);
    this.#costUsd += usd;
    const before = this.#models.get(modelId) ?? { inputTokens: 0, outputTokens: 0, usd: 0 };
    this.#models.set(modelId, {
      modelId,
      inputTokens: before.inputTokens + inputTokens,
      outputTokens: before.outputTokens + outputTokens,
      usd: roundUsd(before.usd + usd),
    });
  }

  /** The same by model, in the order of their first calls. */
  byModel(): ModelUse[] {
    return [...this.#models.values()];
  }

  /** Calls of models without a known price are in the tokens, but add nothing to `costUsd`. */
  total(): Usage {
    const { inputTokens, outputTokens, ...cached } = this.#tokens;
    const isCached = cached.cacheReadTokens + cached.cacheWriteTokens > 0;
    return { inputTokens, outputTokens, ...(isCached && cached), costUsd: roundUsd(this.#costUsd) };
  }
}
