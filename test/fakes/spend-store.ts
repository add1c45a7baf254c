import {
  addSpend,
  BUDGET_PERIODS,
  BUDGET_UNITS,
  type BudgetOwner,
  type BudgetPeriod,
  NOTHING,
  nameOfPeriod,
  type PeriodSpending,
  type Spend,
  type Spending,
} from '../../lambdas/budgets.ts';
import type { SpendStore } from '../../lambdas/ports.ts';

/** Spending in memory. */
export function inMemorySpendStore(): SpendStore {
  const counts = new Map<string, PeriodSpending>();
  const keyOf = (owner: BudgetOwner, period: BudgetPeriod, at: Date) =>
    JSON.stringify([owner.scope, owner.tenant, owner.id, nameOfPeriod(period, at)]);
  const countOf = (owner: BudgetOwner, period: BudgetPeriod, at: Date): PeriodSpending =>
    counts.get(keyOf(owner, period, at)) ?? { spent: NOTHING, reserved: NOTHING };
  const add = (owner: BudgetOwner, at: Date, spent: Spend, reserved: Spend, sign: 1 | -1) => {
    for (const period of BUDGET_PERIODS) {
      const before = countOf(owner, period, at);
      counts.set(keyOf(owner, period, at), {
        spent: addSpend(before.spent, spent),
        reserved: addSpend(before.reserved, reserved, sign),
      });
    }
  };
  const spendingOf = (owner: BudgetOwner, at: Date): Spending => ({
    day: countOf(owner, 'day', at),
    month: countOf(owner, 'month', at),
  });

  return {
    async reserve(owner, at, amount, limits) {
      const isReached = BUDGET_PERIODS.some(period => {
        const { spent, reserved } = countOf(owner, period, at);
        return BUDGET_UNITS.some(unit => spent[unit] + reserved[unit] >= (limits[period]?.[unit] ?? Infinity));
      });
      if (!isReached) add(owner, at, NOTHING, amount, 1);
      return { granted: !isReached, spending: spendingOf(owner, at) };
    },
    async settle(owner, at, reserved, spent) {
      add(owner, at, spent, reserved, -1);
    },
    read: async (owner, at) => spendingOf(owner, at),
  };
}
