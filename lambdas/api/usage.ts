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
import type { usageReportSchema } from './schemas.ts';

export interface UsagePorts {
  readonly spend: Pick<SpendStore, 'read'>;
  readonly budgets: Budgets;
}

type Report = z.infer<typeof usageReportSchema>;

/** What is counted of the reader: always as a user, besides where there are limits. */
export async function showUsage({ spend, budgets }: UsagePorts, reader: Reader, now: Date): Promise<Report> {
  const counted = ownersOf(reader).filter(({ scope }) => scope === 'user' || hasLimit(budgets[scope]));
  const usage = counted.map(async owner => {
    const spending = await spend.read(owner, now);
    const view = (period: BudgetPeriod) => viewOf(period, spending, budgets[owner.scope] ?? {}, now);
    return { scope: owner.scope, day: view('day'), month: view('month') };
  });
  return { usage: await Promise.all(usage) };
}

function viewOf(period: BudgetPeriod, spending: Spending, limits: Limits, now: Date): Report['usage'][number]['day'] {
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
