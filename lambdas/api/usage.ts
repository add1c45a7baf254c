import type * as z from 'zod';
import {
  type BudgetPeriod,
  type Budgets,
  endOfPeriod,
  hasLimit,
  type Limits,
  nameOfPeriod,
  ownersOf,
  type Spending,
} from '../budgets.ts';
import type { Reader } from '../conversation.ts';
import type { SpendStore } from '../ports.ts';
import type { usageReportSchema } from './usage-schemas.ts';

export interface UsagePorts {
  readonly spend: Pick<SpendStore, 'read'>;
  readonly budgets: Budgets;
}

type Report = z.infer<typeof usageReportSchema>;
type Periods = Pick<Report['usage'][number], BudgetPeriod>;

/** What is counted of the reader: always as a user, besides where there are limits. */
export async function showUsage({ spend, budgets }: UsagePorts, reader: Reader, now: Date): Promise<Report> {
  const counted = ownersOf(reader).filter(({ scope }) => scope === 'user' || hasLimit(budgets[scope]));
  const usage = counted.map(async owner => ({
    scope: owner.scope,
    ...showPeriods(await spend.read(owner, now), budgets[owner.scope] ?? {}, now),
  }));
  return { usage: await Promise.all(usage) };
}

/** What was spent today and this month, beside the limits. */
export function showPeriods(spending: Spending, limits: Limits, now: Date): Periods {
  const view = (period: BudgetPeriod) => viewOf(period, spending, limits, now);
  return { day: view('day'), month: view('month') };
}

function viewOf(period: BudgetPeriod, spending: Spending, limits: Limits, now: Date): Periods['day'] {
  const { tokens, usd } = limits[period] ?? {};
  const { spent, reserved } = spending[period];
  return {
    period: nameOfPeriod(period, now),
    ...spent,
    reserved: { ...reserved },
    limit: { ...(tokens !== undefined && { tokens }), ...(usd !== undefined && { usd }) },
    resetsAt: endOfPeriod(period, now).toISOString(),
  };
}
