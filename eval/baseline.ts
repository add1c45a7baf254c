import * as z from 'zod';
import type { Evaluation } from './evaluate.ts';
import type { Figure } from './measures.ts';

/** Figures to hold, by name: `retrieval.en.hit@1`, `answers.citationRecall`. Higher is better in all of them. */
export const baselineShape = z.record(z.string(), z.object({ value: z.number(), error: z.number(), count: z.int() }));
export type Baseline = z.infer<typeof baselineShape>;

/** The figures of an evaluation by which the next ones are held. */
export function baselineOf({ retrieval, answers }: Evaluation): Baseline {
  const figures = [
    ...retrieval.flatMap(({ language, groundwork }) =>
      Object.entries(groundwork).map(([name, figure]) => [`retrieval.${language}.${name}`, figure] as const),
    ),
    ...Object.entries(answers).map(([name, figure]) => [`answers.${name}`, figure] as const),
  ];
  return Object.fromEntries(
    figures.filter(([, { count }]) => count > 0).map(([name, figure]) => [name, rounded(figure)]),
  );
}

/**
 * What fell below the baseline by more than its noise: one standard error, or one question, whichever is more.
 * @returns one line each; empty when the line is held
 */
export function shortfalls(evaluation: Evaluation, baseline: Baseline): string[] {
  const now = baselineOf(evaluation);
  return Object.entries(baseline).flatMap(([name, { value, error, count }]) => {
    const figure = now[name];
    if (!figure) return [`${name} was ${value.toFixed(3)} and is not measured any more`];
    const noise = noiseOf({ value, error, count });
    if (figure.value >= value - noise - 1e-9) return [];
    return [
      `${name} is ${figure.value.toFixed(3)}, below ${value.toFixed(3)} by more than its noise of ${noise.toFixed(3)}`,
    ];
  });
}

/** Languages in which plain BM25 finds more than Groundwork, by more than the noise. @returns one line each */
export const behindBm25 = ({ retrieval }: Evaluation): string[] =>
  retrieval.flatMap(({ language, groundwork, bm25 }) => {
    const [ours, plain] = [groundwork['hit@1'], bm25['hit@1']];
    if (ours.count === 0 || ours.value >= plain.value - noiseOf(ours) - 1e-9) return [];
    return [`hit@1 in ${language} is ${ours.value.toFixed(3)}, below the ${plain.value.toFixed(3)} of plain BM25`];
  });

const noiseOf = ({ error, count }: Figure): number => Math.max(error, 1 / count);
const rounded = ({ value, error, count }: Figure): Figure => ({
  value: Math.round(value * 10_000) / 10_000,
  error: Math.round(error * 10_000) / 10_000,
  count,
});
