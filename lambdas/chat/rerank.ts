import { embeddedText } from '../embedded-text.ts';
import { untilAborted } from '../http/deadline.ts';
import type { Reranker } from '../ports.ts';
import type { Passage } from './passage.ts';

export interface Reranking {
  readonly reranker: Reranker;
  /** How long an answer waits for the reranker, in milliseconds. */
  readonly limitMs: number;
  /** Told when it failed or took too long; the passages keep their order then. */
  readonly failed: (error: unknown) => void;
}

/**
 * The passages by the reranker's order, those that it leaves out last. Scores stay, since the reranker's mean nothing from
 * question to question. A better order is worth a short wait, but no answer.
 * @param passages best first
 * @throws the signal's reason
 */
export async function reranked(
  reranking: Reranking | undefined,
  question: string,
  passages: Passage[],
  signal: AbortSignal,
): Promise<Passage[]> {
  if (!reranking || passages.length < 2) return passages;
  const { reranker, limitMs, failed } = reranking;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const texts = passages.map(({ head, chunk }) => embeddedText(head, chunk));
  try {
    const ranked = await untilAborted(reranker.rerank(question, texts, texts.length, limited), limited);
    const first = new Set(ranked.flatMap(({ index }) => passages[index] ?? []));
    return [...first, ...passages.filter(passage => !first.has(passage))];
  } catch (error) {
    signal.throwIfAborted();
    failed(error);
    return passages;
  }
}
