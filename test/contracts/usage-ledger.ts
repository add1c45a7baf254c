import { beforeEach, expect, it } from 'vitest';
import type { UsageLedger } from '../../lambdas/ports.ts';

const ann = { tenant: 'acme', userId: 'ann' };
const noon = new Date('2026-11-21T12:00:00Z');
const big = { modelId: 'eu.vendor.big-v1:0', inputTokens: 1_000, outputTokens: 100, usd: 0.003 };
const small = { modelId: 'vendor.small', inputTokens: 50, outputTokens: 0, usd: 0.000_001 };

/** What every ledger must do. `makeLedger` gives an empty one. */
export function usageLedgerContract(makeLedger: () => Promise<UsageLedger>) {
  let ledger: UsageLedger;
  beforeEach(async () => {
    ledger = await makeLedger();
  });

  it('holds nothing before the first question', async () => {
    expect(await ledger.read('acme', '2026-11-01', '2026-11-30')).toEqual([]);
  });

  it('adds up by day, user and model', async () => {
    await ledger.record(ann, noon, { answers: 1, models: [big, small] });
    await ledger.record(ann, new Date('2026-11-21T23:59:59Z'), { answers: 1, models: [big] });
    await ledger.record(ann, new Date('2026-11-22T00:00:00Z'), { answers: 0, models: [small] });
    await ledger.record({ ...ann, userId: 'b#b/é' }, noon, { answers: 1, models: [small] });
    expect(await ledger.read('acme', '2026-11-21', '2026-11-22')).toEqual([
      {
        day: '2026-11-21',
        userId: 'ann',
        answers: 2,
        models: [{ ...big, inputTokens: 2_000, outputTokens: 200, usd: 0.006 }, small],
      },
      { day: '2026-11-21', userId: 'b#b/é', answers: 1, models: [small] },
      { day: '2026-11-22', userId: 'ann', answers: 0, models: [small] },
    ]);
  });

  it('reads from one day to another, both included, over the ends of months', async () => {
    for (const day of ['2026-10-30', '2026-10-31', '2026-11-01', '2026-12-01', '2026-12-02'])
      await ledger.record(ann, new Date(`${day}T08:00:00Z`), { answers: 1, models: [small] });
    const days = async (from: string, to: string) => (await ledger.read('acme', from, to)).map(({ day }) => day);
    expect(await days('2026-10-31', '2026-12-01')).toEqual(['2026-10-31', '2026-11-01', '2026-12-01']);
    expect(await days('2026-11-01', '2026-11-01')).toEqual(['2026-11-01']);
    expect(await days('2026-11-02', '2026-11-30')).toEqual([]);
  });

  it('keeps the newest name of a user', async () => {
    await ledger.record({ ...ann, name: 'Ann' }, noon, { answers: 1, models: [small] });
    await ledger.record({ ...ann, name: 'Ann Lee' }, noon, { answers: 1, models: [small] });
    await ledger.record(ann, noon, { answers: 1, models: [small] });
    expect(await ledger.read('acme', '2026-11-21', '2026-11-21')).toMatchObject([{ name: 'Ann Lee', answers: 3 }]);
  });

  it.each(['globex', 'acme#2026-11', 'acme%'])('keeps the tenant %j apart', async tenant => {
    await ledger.record(ann, noon, { answers: 1, models: [small] });
    expect(await ledger.read(tenant, '2026-11-01', '2026-11-30')).toEqual([]);
  });

  it('loses nothing of answers that end at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ledger.record(ann, noon, { answers: 1, models: [big, small] })));
    expect(await ledger.read('acme', '2026-11-21', '2026-11-21')).toMatchObject([
      { answers: 20, models: [{ inputTokens: 20_000, usd: 0.06 }, { usd: 0.000_02 }] },
    ]);
  });
}
