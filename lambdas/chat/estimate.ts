import type { Spend } from '../budgets.ts';
import { roundUsd } from '../budgets.ts';
import { estimateTokens } from '../ingest/tokens.ts';
import { SUMMARY_MAX_TOKENS } from './history.ts';
import { costOf, type Price, rerankQueries } from './prices.ts';
import type { Question } from './question.ts';
import type { ModelPrices } from './usage-meter.ts';

/** What bounds the size of an answer's calls. */
export interface SpendBounds {
  /** Most tokens of earlier turns in a prompt. */
  readonly historyTokens: number;
  /** Tokens of a passage, as documents are usually cut. */
  readonly passageTokens: number;
  /** Most tokens of an answer. */
  readonly maxTokens: number;
  readonly prices: ModelPrices;
}

/** Tokens of the instructions, of the tags around a passage, and of a rewritten question, each at most. */
const INSTRUCTION_TOKENS = 500;
const TAG_TOKENS = 60;
const CONDENSED_TOKENS = 300;

/** What an answer may cost: all passages as long as documents are cut, and an answer as long as it may be. */
export function estimateSpend(
  { text, topK, conversationId, model }: Pick<Question, 'text' | 'topK' | 'conversationId' | 'model'>,
  { historyTokens, passageTokens, maxTokens, prices }: SpendBounds,
): Spend {
  const question = estimateTokens(text);
  const continues = conversationId !== undefined;
  const history = continues && historyTokens > 0 ? historyTokens + SUMMARY_MAX_TOKENS : 0;
  const calls = [
    ['answer', INSTRUCTION_TOKENS + history + 2 * question + topK * (passageTokens + TAG_TOKENS), maxTokens],
    ['condense', continues ? INSTRUCTION_TOKENS + history + question : 0, continues ? CONDENSED_TOKENS : 0],
    ['embedding', question + (continues ? CONDENSED_TOKENS : 0), 0],
  ] as const;
  // Which model answers is not known yet: the dearer one, unless the request says.
  const answer = model === 'fast' ? prices.answer : dearer(prices.answer, prices.strong);
  const priceOf = { ...prices, answer };
  return {
    tokens: calls.reduce((sum, [, input, output]) => sum + input + output, 0),
    usd: roundUsd(
      calls.reduce(
        (sum, [call, input, output]) => sum + costOf(priceOf[call], { inputTokens: input, outputTokens: output }),
        rerankUsd(Math.max(question, continues ? CONDENSED_TOKENS : 0), { topK, passageTokens, prices }),
      ),
    ),
  };
}

/** What a search may cost: the embedding of the query, and one call of the reranker. */
export function estimateSearch(
  { query, topK }: { readonly query: string; readonly topK: number },
  { passageTokens, prices }: Pick<SpendBounds, 'passageTokens' | 'prices'>,
): Spend {
  const tokens = estimateTokens(query);
  const embeddingUsd = costOf(prices.embedding, { inputTokens: tokens, outputTokens: 0 });
  return { tokens, usd: roundUsd(embeddingUsd + rerankUsd(tokens, { topK, passageTokens, prices })) };
}

/** The reranker is given twice the passages that are wanted. @param question its tokens */
function rerankUsd(
  question: number,
  { topK, passageTokens, prices }: { topK: number } & Pick<SpendBounds, 'passageTokens' | 'prices'>,
): number {
  const texts = Array<number>(2 * topK).fill(passageTokens + TAG_TOKENS);
  return (prices.rerankQuery ?? 0) * rerankQueries(question, texts);
}

const dearer = (a: Price | undefined, b: Price | undefined): Price | undefined =>
  (b?.output ?? 0) > (a?.output ?? 0) ? b : a;
