import { AppFailure } from '../errors.ts';
import { estimateTokens } from '../ingest/tokens.ts';
import type { ChatModel, ChatModelEvent, Prompt, Reranker } from '../ports.ts';
import { rerankQueries } from './prices.ts';
import type { PricedModel, UsageMeter } from './usage-meter.ts';

/**
 * A model whose calls are counted as it reports them. A call that is left or breaks midway reports nothing but is billed
 * all the same, and is counted by estimate.
 */
export function meteredModel(model: ChatModel, meter: UsageMeter, kind: PricedModel): ChatModel {
  async function* stream(prompt: Prompt, signal?: AbortSignal): AsyncGenerator<ChatModelEvent> {
    let text = '';
    let isCounted = false;
    try {
      for await (const event of model.stream(prompt, signal)) {
        if (event.type === 'text') text += event.text;
        else {
          isCounted = true;
          meter.add(kind, event, model.modelId);
        }
        yield event;
      }
    } catch (error) {
      // Throttled or down before its first word: that is not billed.
      if (text === '' && error instanceof AppFailure && !signal?.aborted) isCounted = true;
      throw error;
    } finally {
      if (!isCounted) {
        const estimate = { inputTokens: tokensOf(prompt), outputTokens: estimateTokens(text) };
        meter.add(kind, estimate, model.modelId);
      }
    }
  }
  return { modelId: model.modelId, stream };
}

/** A reranker whose queries are counted, by estimate: also those that nobody waits for any more, but not those that fail. */
export const meteredReranker = (reranker: Reranker, meter: UsageMeter): Reranker => ({
  modelId: reranker.modelId,
  async rerank(query, texts, topK, signal) {
    const queries = rerankQueries(estimateTokens(query), texts.map(estimateTokens));
    meter.addRerank(queries, reranker.modelId);
    try {
      return await reranker.rerank(query, texts, topK, signal);
    } catch (error) {
      if (!signal?.aborted) meter.addRerank(-queries, reranker.modelId);
      throw error;
    }
  },
});

const tokensOf = ({ system, messages }: Prompt): number =>
  messages.reduce((sum, { text }) => sum + estimateTokens(text), estimateTokens(system));
