import {
  addSpend,
  BUDGET_PERIODS,
  BUDGET_UNITS,
  type BudgetLeft,
  type BudgetOwner,
  type BudgetPeriod,
  type Budgets,
  type BudgetUnit,
  endOfPeriod,
  hasLimit,
  NOTHING,
  ownersOf,
  type Spend,
  type Spending,
} from '../budgets.ts';
import type { Reader } from '../conversation.ts';
import { AppFailure } from '../errors.ts';
import type { SpendStore } from '../ports.ts';

export interface BudgetPorts {
  readonly spend: SpendStore;
  readonly budgets: Budgets;
  /** Told when spending could not be counted: what was reserved then stays reserved, and the answer is given. */
  readonly notCounted: (error: unknown) => void;
}

export interface Reservation {
  /** What is left when this answer costs all that is reserved for it; absent without limits. */
  readonly left?: BudgetLeft;
  /** Counts what was spent in place of what was reserved. @returns what is left then */
  settle(spent: Spend): Promise<BudgetLeft | undefined>;
}

/** Waiting for an answer in progress, which will cost less than what is held for it. */
const IN_PROGRESS_SECONDS = 5;

/** One limit with the spending that it bounds, reservations included. */
interface Bound {
  readonly owner: BudgetOwner;
  readonly period: BudgetPeriod;
  readonly unit: BudgetUnit;
  readonly limit: number;
  readonly held: number;
  readonly spent: number;
}

/**
 * Reserves what an answer may cost at most, with every limit that applies to the reader. Without a limit nothing is
 * reserved; what was spent is then counted for the user alone.
 * @throws AppFailure budget-spent when a limit is reached; nothing stays reserved then
 */
export async function reserveBudget(
  { spend, budgets, notCounted }: BudgetPorts,
  reader: Reader,
  estimate: Spend,
  now: Date,
): Promise<Reservation> {
  const { limited, unlimited } = countedOwners(reader, budgets);
  const asked = await Promise.allSettled(
    limited.map(owner => spend.reserve(owner, now, estimate, budgets[owner.scope] ?? {})),
  );
  const isGranted = (index: number) => asked[index]?.status === 'fulfilled' && asked[index].value.granted;
  if (limited.some((_, index) => !isGranted(index))) {
    const granted = limited.filter((_, index) => isGranted(index));
    await Promise.all(granted.map(owner => spend.settle(owner, now, estimate, NOTHING)));
  }
  const bounds = asked.flatMap((outcome, index): Bound[] => {
    if (outcome.status === 'rejected') throw outcome.reason;
    const owner = limited[index];
    return owner ? boundsOf(owner, budgets, outcome.value.spending) : [];
  });
  if (limited.some((_, index) => !isGranted(index))) throw budgetSpent(bounds, now);

  const left = leftOf(bounds, now);
  return {
    ...(left && { left }),
    async settle(spent) {
      const counted = [
        ...limited.map(owner => spend.settle(owner, now, estimate, spent)),
        ...unlimited.map(owner => spend.settle(owner, now, NOTHING, spent)),
      ];
      for (const outcome of await Promise.allSettled(counted))
        if (outcome.status === 'rejected') notCounted(outcome.reason);
      const unused = addSpend(estimate, spent, -1);
      return leftOf(
        bounds.map(bound => ({ ...bound, held: bound.held - unused[bound.unit] })),
        now,
      );
    },
  };
}

/**
 * Counts what was spent for a reader without having been asked for: nothing is refused, but less is left. Never fails:
 * `notCounted` is told.
 */
export async function countSpend(
  { spend, budgets, notCounted }: BudgetPorts,
  reader: Reader,
  spent: Spend,
  now: Date,
): Promise<void> {
  const { limited, unlimited } = countedOwners(reader, budgets);
  const counted = [...limited, ...unlimited].map(owner => spend.settle(owner, now, NOTHING, spent));
  for (const outcome of await Promise.allSettled(counted))
    if (outcome.status === 'rejected') notCounted(outcome.reason);
}

/** Those of the reader's owners that have a limit, and the user, who is counted without one too. */
function countedOwners(reader: Reader, budgets: Budgets): { limited: BudgetOwner[]; unlimited: BudgetOwner[] } {
  const owners = ownersOf(reader);
  const limited = owners.filter(({ scope }) => hasLimit(budgets[scope]));
  return { limited, unlimited: owners.filter(owner => owner.scope === 'user' && !limited.includes(owner)) };
}

function boundsOf(owner: BudgetOwner, budgets: Budgets, spending: Spending): Bound[] {
  return BUDGET_PERIODS.flatMap(period =>
    BUDGET_UNITS.flatMap((unit): Bound[] => {
      const limit = budgets[owner.scope]?.[period]?.[unit];
      if (limit === undefined) return [];
      const { spent, reserved } = spending[period];
      return [{ owner, period, unit, limit, spent: spent[unit], held: addSpend(spent, reserved)[unit] }];
    }),
  );
}

function leftOf(bounds: readonly Bound[], now: Date): BudgetLeft | undefined {
  const tightest = BUDGET_UNITS.flatMap(unit => {
    const [first] = bounds.filter(bound => bound.unit === unit).sort((a, b) => roomOf(a) - roomOf(b));
    return first ? [first] : [];
  });
  if (tightest.length === 0) return undefined;
  const rooms = Object.fromEntries(tightest.map(bound => [bound.unit, roomOf(bound)]));
  return { ...rooms, resetSeconds: Math.max(...tightest.map(({ period }) => secondsLeftOf(period, now))) };
}

const roomOf = ({ limit, held }: Bound): number => Math.max(0, Math.round((limit - held) * 1e9) / 1e9);

const secondsLeftOf = (period: BudgetPeriod, now: Date): number =>
  Math.ceil((endOfPeriod(period, now).getTime() - now.getTime()) / 1_000);

/** Tells of the limit that keeps the reader waiting longest. */
function budgetSpent(bounds: readonly Bound[], now: Date): AppFailure {
  const [longest] = bounds
    .filter(({ held, limit }) => held >= limit)
    .map(bound => ({ ...bound, isSpent: bound.spent >= bound.limit }))
    .map(bound => ({ ...bound, waitSeconds: bound.isSpent ? secondsLeftOf(bound.period, now) : IN_PROGRESS_SECONDS }))
    .sort((a, b) => b.waitSeconds - a.waitSeconds);
  const left = leftOf(bounds, now) ?? { resetSeconds: 0 };
  // Between the refusal and the read of what is spent an answer in progress may have ended.
  if (!longest) {
    return new AppFailure({ kind: 'service-unavailable', service: 'The budget', retryAfterSeconds: 1 });
  }
  const { owner, period, unit, isSpent, waitSeconds } = longest;
  const told = { scope: owner.scope, period, unit, inProgress: !isSpent, retryAfterSeconds: waitSeconds };
  return new AppFailure({ kind: 'budget-spent', ...told, left });
}
