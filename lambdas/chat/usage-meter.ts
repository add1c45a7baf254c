import type { Usage } from '../conversation.ts';
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
  #inputTokens = 0;
  #outputTokens = 0;
  #costUsd = 0;

  constructor(prices: ModelPrices) {
    this.#prices = prices;
  }

  add(model: keyof ModelPrices, inputTokens: number, outputTokens: number): void {
    this.#inputTokens += inputTokens;
    this.#outputTokens += outputTokens;
    this.#costUsd += costOf(this.#prices[model], inputTokens, outputTokens);
  }

  /** Calls of models without a known price are in the tokens, but add nothing to `costUsd`. */
  total(): Usage {
    // Rounded to a billionth of a dollar: what lies below is noise of the addition.
    const costUsd = Math.round(this.#costUsd * 1e9) / 1e9;
    return { inputTokens: this.#inputTokens, outputTokens: this.#outputTokens, costUsd };
  }
}
