import { estimateTokens } from '../ingest/tokens.ts';
import type { Passage } from './passage.ts';

export const MODEL_CHOICES = ['fast', 'strong'] as const;
export type ModelChoice = (typeof MODEL_CHOICES)[number];

/** By what a question's model is chosen: nothing that depends on its language. */
export interface RoutingFeatures {
  readonly question: string;
  /** Earlier turns that the model is shown. */
  readonly turns: number;
  /** Best first. */
  readonly passages: readonly Passage[];
}

/** Above it a question states a case, not only what it asks for. */
const LONG_QUESTION_TOKENS = 60;
const SEVERAL_QUESTIONS = 2;
/** From here on an answer must be kept apart from much that was said before. */
const MANY_TURNS = 4;
/** So many documents that are about as close as the best one: the answer is to be put together from them. */
const MANY_DOCUMENTS = 3;
const ABOUT_AS_CLOSE = 0.9;

/** Question marks of the scripts that have one; several in a row ask once. */
const QUESTION_MARKS = /[?？؟՞፧⸮⁇⁈⁉]+/gu;

/**
 * The fast model, unless the question's form says that the answer takes more than finding one place: it is long, asks
 * several things, comes late in a conversation, or is about as close to several documents.
 */
export function routeOf({ question, turns, passages }: RoutingFeatures): ModelChoice {
  const asks = question.match(QUESTION_MARKS)?.length ?? 0;
  const isHard =
    asks >= SEVERAL_QUESTIONS ||
    turns >= MANY_TURNS ||
    closeDocuments(passages) >= MANY_DOCUMENTS ||
    estimateTokens(question) > LONG_QUESTION_TOKENS;
  return isHard ? 'strong' : 'fast';
}

function closeDocuments(passages: readonly Passage[]): number {
  const best = passages[0]?.score ?? 0;
  const close = passages.filter(({ score }) => score >= ABOUT_AS_CLOSE * best);
  return new Set(close.map(({ head }) => head.documentId)).size;
}
