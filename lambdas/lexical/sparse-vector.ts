import type { TermStatistics } from './term-statistics.ts';
import { indexOfTerm, termsOf } from './terms.ts';

/** The few places of a very long vector that are not 0; `indices` are unsigned 32-bit and distinct. */
export interface SparseVector {
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

/** BM25's saturation and length normalization, at their customary values. */
const K1 = 1.2;
const B = 0.75;
/**
 * Terms of a text of ordinary length. BM25 takes the corpus's mean; a constant keeps vectors valid while the corpus
 * changes, and anything from 250 to 400 measured the same.
 */
const USUAL_LENGTH = 250;
/** Pinecone takes 2048 values; the rarest of a longer text's terms are as good as all. */
const MOST_VALUES = 1_000;

/** The text's side of BM25: how much each of its terms speaks for it, 0 to 1. The rarity of terms is the question's side. */
export function documentVector(text: string): SparseVector {
  const terms = termsOf(text);
  const counts = countsOf(terms);
  const saturation = K1 * (1 - B + (B * terms.length) / USUAL_LENGTH);
  const entries = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_VALUES);
  return {
    indices: entries.map(([index]) => index),
    values: entries.map(([, count]) => round(count / (count + saturation))),
  };
}

/**
 * The question's side: how rare each of its terms is. The weights sum to 1, so that the product with any text's vector
 * is 0 to 1, however long the question is.
 * @param statistics absent while a corpus is new: all terms weigh the same then
 */
export function questionVector(question: string, statistics: TermStatistics | undefined): SparseVector {
  const indices = [...countsOf(termsOf(question)).keys()].slice(0, MOST_VALUES);
  const weights = indices.map(index => statistics?.rarityOf(index) ?? 1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { indices, values: weights.map(weight => round(weight / total)) };
}

/** How often each term occurs, by its index; two terms that share one (1 in 4 billion) count together. */
export function countsOf(terms: readonly string[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const term of terms) {
    const index = indexOfTerm(term);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return counts;
}

/** Five digits are more than the ranking needs, and half the JSON. */
const round = (value: number): number => Math.round(value * 100_000) / 100_000;
