import { wordsOf } from './bm25.ts';

/** A mean with how sure it is: `error` is its standard error. */
export interface Figure {
  readonly value: number;
  readonly error: number;
  readonly count: number;
}

/** @returns the mean of the values; 0 of none */
export function meanOf(values: readonly number[]): Figure {
  const count = values.length;
  if (count === 0) return { value: 0, error: 0, count };
  const value = values.reduce((sum, each) => sum + each, 0) / count;
  const variance = values.reduce((sum, each) => sum + (each - value) ** 2, 0) / count;
  return { value, error: Math.sqrt(variance / count), count };
}

/** Rank, from 1, of the first of `relevant` among `ranked`; undefined when none is there. */
function rankOf(ranked: readonly string[], relevant: readonly string[]): number | undefined {
  const position = ranked.findIndex(id => relevant.includes(id));
  return position < 0 ? undefined : position + 1;
}

export interface RetrievalFigures {
  readonly 'hit@1': Figure;
  readonly 'hit@5': Figure;
  readonly 'hit@10': Figure;
  readonly 'MRR@10': Figure;
  readonly 'nDCG@10': Figure;
}

/** @param rankings for each question, the ids found, best first and each once, and those that are relevant */
export function measureRetrieval(
  rankings: readonly { readonly ranked: readonly string[]; readonly relevant: readonly string[] }[],
): RetrievalFigures {
  const hit = (k: number) =>
    meanOf(
      rankings.map(({ ranked, relevant }) => ((rankOf(ranked, relevant) ?? Number.POSITIVE_INFINITY) <= k ? 1 : 0)),
    );
  const reciprocal = rankings.map(({ ranked, relevant }) => {
    const rank = rankOf(ranked.slice(0, 10), relevant);
    return rank === undefined ? 0 : 1 / rank;
  });
  const gains = rankings.map(({ ranked, relevant }) => gainOf(ranked.slice(0, 10), relevant));
  return {
    'hit@1': hit(1),
    'hit@5': hit(5),
    'hit@10': hit(10),
    'MRR@10': meanOf(reciprocal),
    'nDCG@10': meanOf(gains),
  };
}

function gainOf(ranked: readonly string[], relevant: readonly string[]): number {
  const discount = (position: number) => 1 / Math.log2(position + 2);
  const found = ranked.reduce((sum, id, position) => sum + (relevant.includes(id) ? discount(position) : 0), 0);
  const ideal = relevant.slice(0, 10).reduce((sum, _, position) => sum + discount(position), 0);
  return ideal > 0 ? found / ideal : 0;
}

/** Whether a text holds one of the accepted answers, whatever its case, punctuation and spacing. */
export function holdsAnswer(text: string, answers: readonly string[]): boolean {
  const words = spaced(text);
  return answers.some(answer => words.includes(spaced(answer)));
}

/** Words between blanks; a possessive is the word it is made of. */
const spaced = (text: string): string => ` ${wordsOf(text.replaceAll(/['’]s\b/g, '')).join(' ')} `;

/** 1 when the words of the answer are just those of an accepted one. */
export const exactMatch = (answer: string, answers: readonly string[]): number =>
  answers.some(accepted => spaced(accepted) === spaced(answer)) ? 1 : 0;

/** The best overlap of words with an accepted answer: harmonic mean of precision and recall. */
export function f1(answer: string, answers: readonly string[]): number {
  return Math.max(0, ...answers.map(accepted => overlap(wordsOf(answer), wordsOf(accepted))));
}

function overlap(words: readonly string[], accepted: readonly string[]): number {
  const left = [...accepted];
  const shared = words.filter(word => {
    const position = left.indexOf(word);
    if (position < 0) return false;
    left.splice(position, 1);
    return true;
  }).length;
  if (shared === 0) return 0;
  const precision = shared / words.length;
  const recall = shared / accepted.length;
  return (2 * precision * recall) / (precision + recall);
}

/** How often a random one of `higher` scores above a random one of `lower`: 0.5 by chance, 1 when all do. */
export function auroc(higher: readonly number[], lower: readonly number[]): number {
  if (higher.length === 0 || lower.length === 0) return Number.NaN;
  let won = 0;
  for (const a of higher) for (const b of lower) won += a > b ? 1 : a === b ? 0.5 : 0;
  return won / (higher.length * lower.length);
}

export interface TradeOff {
  readonly threshold: number;
  /** Share of the answerable questions at or above it. */
  readonly answered: number;
  /** Share of the others below it. */
  readonly refused: number;
}

/** What each threshold would do, at the scores that leave 99, 98, 95, 90 … per cent of the answerable questions answered. */
export function tradeOffs(answerable: readonly number[], others: readonly number[]): TradeOff[] {
  const ascending = [...answerable].sort((a, b) => a - b);
  return [0.99, 0.98, 0.97, 0.96, 0.95, 0.93, 0.9, 0.85, 0.8, 0.7].flatMap(share => {
    const threshold = ascending[Math.floor(ascending.length * (1 - share))];
    if (threshold === undefined) return [];
    const part = (scores: readonly number[], test: (score: number) => boolean) =>
      scores.length === 0 ? Number.NaN : scores.filter(test).length / scores.length;
    return [
      {
        threshold,
        answered: part(answerable, score => score >= threshold),
        refused: part(others, score => score < threshold),
      },
    ];
  });
}
