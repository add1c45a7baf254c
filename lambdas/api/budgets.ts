import type * as z from 'zod';
import { type Budgets, hasLimit, NOTHING, nameOfPeriod, type PeriodSpending, type Spend } from '../budgets.ts';
import type { Reader } from '../conversation.ts';
import type { DayUse } from '../ports.ts';
import { showPeriods, type UsagePorts } from './usage.ts';
import { sumOf, type UsageReportPorts, usersOf } from './usage-report.ts';
import type { budgetReportSchema } from './usage-schemas.ts';

/** Those who spent most are shown. */
const MAX_USERS = 100;

/** The limits of the stack, and what of them the reader's tenant and its users have spent. */
export async function showBudgets(
  { spend, budgets, ledger }: UsagePorts & UsageReportPorts,
  { tenant }: Reader,
  now: Date,
): Promise<z.infer<typeof budgetReportSchema>> {
  const today = nameOfPeriod('day', now);
  const [month, counted] = await Promise.all([
    ledger.read(tenant, `${nameOfPeriod('month', now)}-01`, today),
    hasLimit(budgets.tenant) ? spend.read({ scope: 'tenant', tenant, id: tenant }, now) : undefined,
  ]);
  const day = month.filter(use => use.day === today);
  const spentToday = new Map(usersOf(day).map(user => [user.userId, spendOf(user)]));
  return {
    limits: limitsOf(budgets),
    // Only where there is a limit what is held for answers in progress is counted too.
    tenant: showPeriods(counted ?? { day: unreserved(day), month: unreserved(month) }, budgets.tenant ?? {}, now),
    users: usersOf(month)
      .slice(0, MAX_USERS)
      .map(({ userId, name, ...amounts }) => ({
        userId,
        ...(name !== undefined && { name }),
        day: spentToday.get(userId) ?? { ...NOTHING },
        month: spendOf(amounts),
      })),
  };
}

const spendOf = ({ inputTokens, outputTokens, usd }: Omit<ReturnType<typeof sumOf>, 'answers'>): Spend => ({
  tokens: inputTokens + outputTokens,
  usd,
});

const unreserved = (uses: readonly DayUse[]): PeriodSpending => ({ spent: spendOf(sumOf(uses)), reserved: NOTHING });

const limitsOf = (budgets: Budgets): z.infer<typeof budgetReportSchema>['limits'] => ({
  ...(budgets.key && { key: budgets.key }),
  ...(budgets.user && { user: budgets.user }),
  ...(budgets.tenant && { tenant: budgets.tenant }),
});
