import { embeddedText } from '../embedded-text.ts';
import { documentVector, questionVector, type SparseVector } from '../lexical/sparse-vector.ts';
import { isStopWord } from '../lexical/stop-words.ts';
import type { TermStatistics } from '../lexical/term-statistics.ts';
import { wordsIn } from '../lexical/terms.ts';
import type { Passage } from './passage.ts';

/** The best passage is nearly always among the first by score. */
const MOST_PASSAGES = 3;

/**
 * How much speaks for the passages holding an answer, 0 to 1: the best passage's score, but for words that only ask or
 * join, which a question about anything shares with any text, or with none. Comparable between questions and languages,
 * unlike the score: see docs/decisions/0010-hybrid-retrieval.md. Similarity of meaning alone suffices too, for a question
 * in another language than the documents.
 */
export function evidenceOf(
  question: string,
  passages: readonly Passage[],
  { statistics, denseWeight }: { readonly statistics: TermStatistics | undefined; readonly denseWeight: number },
): number {
  const asked = questionVector(question, statistics);
  const telling = questionVector(tellingWords(question), statistics);
  const evidence = passages.slice(0, MOST_PASSAGES).map(({ chunk, head, score }) => {
    const text = documentVector(embeddedText(head, chunk));
    const lexical = (1 - denseWeight) * product(asked, text);
    const fused = score - lexical + (1 - denseWeight) * product(telling, text);
    return denseWeight > 0 ? Math.max(fused, (score - lexical) / denseWeight) : fused;
  });
  return Math.max(0, ...evidence);
}

/** All of the question where it holds nothing but stop words. */
function tellingWords(question: string): string {
  const words = wordsIn(question).filter(word => !isStopWord(word));
  return words.length > 0 ? words.join(' ') : question;
}

function product(question: SparseVector, text: SparseVector): number {
  const weights = new Map(text.indices.map((index, i) => [index, text.values[i] ?? 0]));
  return question.indices.reduce((sum, index, i) => sum + (question.values[i] ?? 0) * (weights.get(index) ?? 0), 0);
}
