import { questionVector } from '../lexical/sparse-vector.ts';
import type { TermStatistics } from '../lexical/term-statistics.ts';
import type { QueryVector } from '../ports.ts';

/**
 * Joins both ways of finding into one query, whose score is `denseWeight` × cosine + (1 - `denseWeight`) × the share of the
 * question's words, weighed by rarity, that a text speaks of. Both are at most 1, and so is the score.
 */
export function queryVector(
  question: string,
  embedding: readonly number[],
  { statistics, denseWeight }: { readonly statistics: TermStatistics | undefined; readonly denseWeight: number },
): QueryVector {
  const { indices, values } = questionVector(question, statistics);
  return {
    embedding: embedding.map(value => value * denseWeight),
    sparse: { indices, values: values.map(value => value * (1 - denseWeight)) },
  };
}
