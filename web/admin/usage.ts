import type { UsageReport } from '../api/administration.ts';

export const METRICS = ['usd', 'tokens', 'answers'] as const;
export type Metric = (typeof METRICS)[number];

type Amounts = Omit<UsageReport['total'], 'answers'> & { readonly answers?: number };

export function amountOf({ usd, inputTokens, outputTokens, answers = 0 }: Amounts, metric: Metric): number {
  if (metric === 'usd') return usd;
  return metric === 'tokens' ? inputTokens + outputTokens : answers;
}

/** The days of a period that ends today, as the report is asked for. @param count 1 or more */
export function periodOf(count: number, now: Date): { from: string; to: string } {
  const from = new Date(now.getTime() - (count - 1) * 86_400_000);
  return { from: from.toISOString().slice(0, 10), to: now.toISOString().slice(0, 10) };
}

/** A round number that is at least as high as the highest: 1, 2 or 5 with noughts. */
export function topOf(highest: number): number {
  if (highest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 5, 10].find(factor => factor * power >= highest * (1 - 1e-9)) ?? 10;
  return step * power;
}
