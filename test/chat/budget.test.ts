import { describe, expect, it, vi } from 'vitest';
import { type BudgetOwner, type Budgets, NOTHING, ownersOf } from '../../lambdas/budgets.ts';
import { reserveBudget } from '../../lambdas/chat/budget.ts';
import type { SpendStore } from '../../lambdas/ports.ts';
import { inMemorySpendStore } from '../fakes/spend-store.ts';
import { ann, bob } from './turns.ts';

const noon = new Date('2026-11-21T12:00:00Z');
const estimate = { tokens: 1_000, usd: 0.01 };
const halfDay = 12 * 3_600;
const tenDaysLeft = 9 * 86_400 + halfDay;

function withBudgets(budgets: Budgets, spend: SpendStore = inMemorySpendStore()) {
  const notCounted = vi.fn();
  const ports = { spend, budgets, notCounted };
  const ownerOf = (scope: BudgetOwner['scope'], reader = ann) => {
    const owner = ownersOf(reader).find(one => one.scope === scope);
    if (!owner) throw new Error(`${reader.userId} has no ${scope}.`);
    return owner;
  };
  const spentBy = async (scope: BudgetOwner['scope'], reader = ann) =>
    (await spend.read(ownerOf(scope, reader), noon)).month;
  const reserve = (reader = ann, now = noon) => reserveBudget(ports, reader, estimate, now);
  return { spend, notCounted, ownerOf, spentBy, reserve };
}

describe('a budget', () => {
  it('holds what an answer may cost until it is known what it did cost', async () => {
    const { reserve, spentBy } = withBudgets({ user: { day: { tokens: 5_000, usd: 1 } } });
    const reservation = await reserve();
    expect(reservation.left).toEqual({ tokens: 4_000, usd: 0.99, resetSeconds: halfDay });
    expect(await reservation.settle({ tokens: 300, usd: 0.004 })).toEqual({
      ...{ tokens: 4_700, usd: 0.996, resetSeconds: halfDay },
    });
    expect(await spentBy('user')).toEqual({ spent: { tokens: 300, usd: 0.004 }, reserved: NOTHING });
  });

  it('tells of the tightest limit of each unit, and when all of them are whole again', async () => {
    const { reserve } = withBudgets({
      user: { day: { tokens: 5_000 } },
      tenant: { day: { tokens: 4_000 }, month: { usd: 20 } },
    });
    expect((await reserve()).left).toEqual({ tokens: 3_000, usd: 19.99, resetSeconds: tenDaysLeft });
  });

  it('is exceeded by less than one reservation, however many questions race', async () => {
    const { reserve, spentBy } = withBudgets({ tenant: { day: { tokens: 3_500 } } });
    const racing = await Promise.allSettled(Array.from({ length: 20 }, () => reserve()));
    expect(racing.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect((await spentBy('tenant')).reserved.tokens).toBe(4_000);
  });

  it('lets a question in while anything is left, even less than the question may cost', async () => {
    const { reserve } = withBudgets({ user: { day: { tokens: 10 } } });
    const reservation = await reserve();
    expect(reservation.left).toMatchObject({ tokens: 0 });
    expect(await reservation.settle({ tokens: 4, usd: 0 })).toMatchObject({ tokens: 6 });
    await expect(reserve()).resolves.toMatchObject({ left: { tokens: 0 } });
  });

  it('refuses when it is spent, until the period is over', async () => {
    const { reserve } = withBudgets({ user: { day: { usd: 0.01 } } });
    await (await reserve()).settle({ tokens: 300, usd: 0.01 });
    await expect(reserve()).rejects.toMatchObject({
      error: {
        ...{ kind: 'budget-spent', scope: 'user', period: 'day', unit: 'usd', inProgress: false },
        ...{ retryAfterSeconds: halfDay, left: { usd: 0, resetSeconds: halfDay } },
      },
    });
    await expect(reserve(ann, new Date('2026-11-22T00:00:00Z'))).resolves.toHaveProperty('left');
    await expect(reserve(bob)).resolves.toHaveProperty('left');
  });

  it('tells of the limit that takes longest', async () => {
    const { reserve } = withBudgets({ user: { day: { tokens: 100 }, month: { tokens: 200 } } });
    await (await reserve()).settle({ tokens: 250, usd: 0 });
    await expect(reserve()).rejects.toMatchObject({ error: { period: 'month', retryAfterSeconds: tenDaysLeft } });
  });

  it('asks for a little patience when answers in progress hold the rest', async () => {
    const { reserve } = withBudgets({ user: { day: { tokens: 1_000 } } });
    const first = await reserve();
    await expect(reserve()).rejects.toMatchObject({ error: { inProgress: true, retryAfterSeconds: 5 } });
    await first.settle({ tokens: 300, usd: 0 });
    await expect(reserve()).resolves.toHaveProperty('left');
  });

  it('holds nothing of the other budgets when one refuses', async () => {
    const { reserve, spentBy, spend, ownerOf } = withBudgets({
      user: { day: { tokens: 1_000 } },
      tenant: { month: { usd: 9 } },
    });
    await spend.settle(ownerOf('user'), noon, NOTHING, { tokens: 1_000, usd: 0 });
    await expect(reserve()).rejects.toMatchObject({ error: { scope: 'user' } });
    expect(await spentBy('tenant')).toEqual({ spent: NOTHING, reserved: NOTHING });
  });

  it('holds nothing, and lets nobody in, when it cannot be read', async () => {
    const memory = inMemorySpendStore();
    const down = new Error('table');
    const reserve: SpendStore['reserve'] = (owner, ...rest) =>
      owner.scope === 'user' ? Promise.reject(down) : memory.reserve(owner, ...rest);
    const budgets = { user: { day: { tokens: 1_000 } }, tenant: { day: { tokens: 1_000 } } };
    const budget = withBudgets(budgets, { ...memory, reserve });
    await expect(budget.reserve()).rejects.toBe(down);
    expect(await budget.spentBy('tenant')).toEqual({ spent: NOTHING, reserved: NOTHING });
  });

  it('is that of the key, too, for whoever comes with one', async () => {
    const { reserve, spentBy } = withBudgets({ key: { day: { tokens: 1_000 } } });
    expect((await reserve()).left).toBeUndefined();
    const annByKey = { ...ann, apiKeyId: 'key-1' };
    await (await reserve(annByKey)).settle({ tokens: 1_000, usd: 0 });
    expect(await spentBy('key', annByKey)).toMatchObject({ spent: { tokens: 1_000 } });
    await expect(reserve(annByKey)).rejects.toMatchObject({ error: { scope: 'key' } });
    await expect(reserve(ann)).resolves.toBeDefined();
  });

  it('without a limit holds nothing, and counts for the user alone', async () => {
    const { reserve, spentBy } = withBudgets({ tenant: { day: {} } });
    const reservation = await reserve();
    expect(reservation.left).toBeUndefined();
    expect(await spentBy('user')).toEqual({ spent: NOTHING, reserved: NOTHING });
    expect(await reservation.settle({ tokens: 300, usd: 0.1 })).toBeUndefined();
    expect(await spentBy('user')).toEqual({ spent: { tokens: 300, usd: 0.1 }, reserved: NOTHING });
    expect(await spentBy('tenant')).toEqual({ spent: NOTHING, reserved: NOTHING });
  });

  it('stays reserved, and says so, when spending cannot be counted', async () => {
    const down = new Error('table');
    const store = { ...inMemorySpendStore(), settle: () => Promise.reject(down) };
    const { reserve, notCounted, spentBy } = withBudgets({ user: { day: { tokens: 5_000 } } }, store);
    await (await reserve()).settle({ tokens: 1, usd: 0 });
    expect(notCounted).toHaveBeenCalledExactlyOnceWith(down);
    expect((await spentBy('user')).reserved).toEqual(estimate);
  });
});
