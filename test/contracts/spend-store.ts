import { beforeEach, expect, it } from 'vitest';
import { type BudgetOwner, NOTHING } from '../../lambdas/budgets.ts';
import type { SpendStore } from '../../lambdas/ports.ts';

const ann: BudgetOwner = { scope: 'user', tenant: 'acme', id: 'ann' };
const noon = new Date('2026-11-21T12:00:00Z');
const usual = { tokens: 1_000, usd: 0.003 };

/** What every store of spending must do. `makeStore` gives an empty one. */
export function spendStoreContract(makeStore: () => Promise<SpendStore>) {
  let store: SpendStore;
  beforeEach(async () => {
    store = await makeStore();
  });

  it('knows of nothing before the first question', async () => {
    const nothing = { spent: NOTHING, reserved: NOTHING };
    expect(await store.read(ann, noon)).toEqual({ day: nothing, month: nothing });
  });

  it('turns a reservation into what was spent', async () => {
    const reserved = { spent: NOTHING, reserved: usual };
    expect(await store.reserve(ann, noon, usual, {})).toEqual({
      granted: true,
      spending: { day: reserved, month: reserved },
    });
    await store.settle(ann, noon, usual, { tokens: 400, usd: 0.001_000_001 });
    const spent = { spent: { tokens: 400, usd: 0.001_000_001 }, reserved: NOTHING };
    expect(await store.read(ann, noon)).toEqual({ day: spent, month: spent });
  });

  it('counts what was spent without a reservation', async () => {
    await store.settle(ann, noon, NOTHING, usual);
    await store.settle(ann, noon, NOTHING, usual);
    const twice = { spent: { tokens: 2_000, usd: 0.006 }, reserved: NOTHING };
    expect(await store.read(ann, noon)).toEqual({ day: twice, month: twice });
  });

  it('counts each day by itself, and its month', async () => {
    await store.settle(ann, noon, NOTHING, usual);
    const next = new Date('2026-11-22T00:00:00Z');
    await store.settle(ann, next, NOTHING, { tokens: 5, usd: 0 });
    expect(await store.read(ann, next)).toMatchObject({
      day: { spent: { tokens: 5 } },
      month: { spent: { tokens: 1_005, usd: 0.003 } },
    });
    expect(await store.read(ann, noon)).toMatchObject({ day: { spent: { tokens: 1_000 } } });
    expect(await store.read(ann, new Date('2026-12-21T12:00:00Z'))).toMatchObject({
      day: { spent: NOTHING },
      month: { spent: NOTHING },
    });
  });

  it.each<[string, BudgetOwner]>([
    ['scope', { ...ann, scope: 'key' }],
    ['tenant', { ...ann, tenant: 'globex' }],
    ['id', { ...ann, id: 'bob' }],
    ['lookalike', { scope: 'user', tenant: 'acme#ann', id: '' }],
  ])('keeps owners apart by their %s', async (_, other) => {
    await store.settle(ann, noon, NOTHING, usual);
    expect(await store.read(other, noon)).toMatchObject({ month: { spent: NOTHING } });
  });

  it.each([
    ['tokens of the day', { day: { tokens: 1_000 } }],
    ['dollars of the day', { day: { usd: 0.003 } }],
    ['tokens of the month', { month: { tokens: 1_000 } }],
    ['dollars of the month', { day: { tokens: 9_999 }, month: { usd: 0.003 } }],
  ])('reserves nothing more once the %s are reached', async (_, limits) => {
    expect(await store.reserve(ann, noon, { tokens: 999, usd: 0.002 }, limits)).toMatchObject({ granted: true });
    expect(await store.reserve(ann, noon, { tokens: 1, usd: 0.001 }, limits)).toMatchObject({ granted: true });
    const refused = await store.reserve(ann, noon, { tokens: 1, usd: 0.001 }, limits);
    expect(refused).toMatchObject({ granted: false, spending: { month: { reserved: { tokens: 1_000, usd: 0.003 } } } });
    expect(await store.read(ann, noon)).toEqual(refused.spending);
  });

  it('has a whole budget again on the next day', async () => {
    const limits = { day: { tokens: 10 } };
    await store.settle(ann, noon, NOTHING, usual);
    expect(await store.reserve(ann, noon, usual, limits)).toMatchObject({ granted: false });
    const next = new Date('2026-11-22T00:00:00Z');
    expect(await store.reserve(ann, next, usual, limits)).toMatchObject({ granted: true });
  });

  it('lets no more in of those that race than the limit has room for', async () => {
    const limits = { day: { tokens: 3_500 } };
    const racing = await Promise.all(Array.from({ length: 12 }, () => store.reserve(ann, noon, usual, limits)));
    expect(racing.filter(({ granted }) => granted)).toHaveLength(4);
    const { day } = await store.read(ann, noon);
    expect(day.reserved.tokens).toBe(4_000);
  });
}
