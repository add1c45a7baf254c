import * as z from 'zod';
import type { Reader } from './conversation.ts';

/** What may be spent in one period; a unit that is absent has no limit. */
const limit = z.strictObject({
  /** Input and output tokens of all models together. */
  tokens: z.int().min(1).max(1_000_000_000_000).optional(),
  /** US dollars, by the prices that `costUsd` is estimated from. */
  usd: z.number().min(0.000001).max(1_000_000).optional(),
});
/** Days and months are those of UTC. */
const limits = z.strictObject({ day: limit.optional(), month: limit.optional() });

/** What each API key, each user and each tenant may spend. */
export const budgetsSchema = z.strictObject({
  key: limits.optional(),
  user: limits.optional(),
  tenant: limits.optional(),
});

export const BUDGET_SCOPES = ['key', 'user', 'tenant'] as const;
export const BUDGET_PERIODS = ['day', 'month'] as const;
export const BUDGET_UNITS = ['tokens', 'usd'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];
export type BudgetUnit = (typeof BUDGET_UNITS)[number];
export type Budgets = z.infer<typeof budgetsSchema>;
export type Limits = z.infer<typeof limits>;

export const hasLimit = (of: Limits | undefined): boolean =>
  BUDGET_PERIODS.some(period => BUDGET_UNITS.some(unit => of?.[period]?.[unit] !== undefined));

/** Input and output tokens of all models, and US dollars. */
export interface Spend {
  readonly tokens: number;
  readonly usd: number;
}

export const NOTHING: Spend = { tokens: 0, usd: 0 };

export interface PeriodSpending {
  readonly spent: Spend;
  /** Held for answers in progress, by an upper estimate. */
  readonly reserved: Spend;
}

/** Of one day, and of the month that it is in. */
export type Spending = Readonly<Record<BudgetPeriod, PeriodSpending>>;

/** What is left of the tightest budget of each unit; a unit without a limit is absent. */
export interface BudgetLeft {
  readonly tokens?: number;
  readonly usd?: number;
  /** Until all that is named here is whole again. */
  readonly resetSeconds: number;
}

/** Whose spending is counted. */
export interface BudgetOwner {
  readonly scope: BudgetScope;
  readonly tenant: string;
  /** The key's or the user's; a tenant is its own. */
  readonly id: string;
}

/** Everyone to whom the reader's questions are charged. */
export function ownersOf({ tenant, userId, apiKeyId }: Reader): BudgetOwner[] {
  const key: BudgetOwner[] = apiKeyId === undefined ? [] : [{ scope: 'key', tenant, id: apiKeyId }];
  return [...key, { scope: 'user', tenant, id: userId }, { scope: 'tenant', tenant, id: tenant }];
}

/** Rounded to a billionth of a dollar: what lies below is noise of binary fractions. */
export const roundUsd = (usd: number): number => Math.round(usd * 1e9) / 1e9;

/** `a + sign * b` */
export const addSpend = (a: Spend, b: Spend, sign: 1 | -1 = 1): Spend => ({
  tokens: a.tokens + sign * b.tokens,
  usd: roundUsd(a.usd + sign * b.usd),
});

/** What a period is called: `2026-11-21` or `2026-11`. */
export const nameOfPeriod = (period: BudgetPeriod, at: Date): string =>
  at.toISOString().slice(0, period === 'day' ? 10 : 7);

/** When the period ends and its budget is whole again. */
export function endOfPeriod(period: BudgetPeriod, at: Date): Date {
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  return new Date(period === 'day' ? Date.UTC(year, month, at.getUTCDate() + 1) : Date.UTC(year, month + 1, 1));
}
