import { untilAborted } from '../http/deadline.ts';
import { estimateTokens } from '../ingest/tokens.ts';
import type { ChatModel, EmbeddingModel } from '../ports.ts';
import type { History } from './history.ts';
import { buildCondensePrompt } from './prompt.ts';
import type { UsageMeter } from './usage-meter.ts';

/** A rewritten question longer than this is not one. UTF-16 code units. */
const MAX_STANDALONE_LENGTH = 4_000;

/** Counts the embedding's tokens by estimate, since embedding models do not all report them. */
export function embedQuestion(
  model: EmbeddingModel,
  text: string,
  meter: UsageMeter,
  signal: AbortSignal,
): Promise<number[]> {
  meter.add('embedding', { inputTokens: estimateTokens(text), outputTokens: 0 }, model.modelId);
  return untilAborted(model.embedQuery(text, signal), signal);
}

/**
 * Rewrites a follow-up so that it can be searched for without its conversation.
 * @returns undefined when the question stands alone as it is
 */
export async function condense(
  model: ChatModel,
  history: History,
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  let rewritten = '';
  for await (const event of model.stream(buildCondensePrompt(history, question), signal)) {
    if (event.type === 'text') rewritten += event.text;
  }
  signal.throwIfAborted();
  const standalone = rewritten.trim().slice(0, MAX_STANDALONE_LENGTH);
  return standalone === '' || standalone === question ? undefined : standalone;
}
