import { describe, expect, it } from 'vitest';
import { showBudgets } from '../../lambdas/api/budgets.ts';
import { reportUsage } from '../../lambdas/api/usage-report.ts';
import type { Budgets } from '../../lambdas/budgets.ts';
import { ann } from '../chat/turns.ts';
import { inMemorySpendStore } from '../fakes/spend-store.ts';
import { inMemoryUsageLedger } from '../fakes/usage-ledger.ts';
import { serve } from './serve.ts';

const now = new Date('2026-11-21T12:00:00Z');
const large = { modelId: 'large', inputTokens: 1_000, outputTokens: 100, usd: 0.003 };
const small = { modelId: 'small', inputTokens: 10, outputTokens: 0, usd: 0 };

async function withUse() {
  const ledger = inMemoryUsageLedger();
  const record = (tenant: string, userId: string, day: string, models = [large, small], answers = 1) =>
    ledger.record({ tenant, userId, name: userId.toUpperCase() }, new Date(`${day}T08:00:00Z`), { answers, models });
  await record('default', 'ann', '2026-11-19');
  await record('default', 'ann', '2026-11-21', [small], 0);
  await record('default', 'bob', '2026-11-21');
  await record('default', 'bob', '2026-11-21');
  await record('default', 'old', '2026-10-22');
  await record('acme', 'eve', '2026-11-21');
  return ledger;
}

describe('the report on usage', () => {
  const ports = async () => ({ ledger: await withUse() });

  it('adds up by day, user and model, for one tenant', async () => {
    const report = await reportUsage(await ports(), ann, { from: '2026-11-19', to: '2026-11-21' }, now);
    expect(report).toEqual({
      from: '2026-11-19',
      to: '2026-11-21',
      total: { answers: 3, inputTokens: 3_040, outputTokens: 300, usd: 0.009 },
      days: [
        { day: '2026-11-19', answers: 1, inputTokens: 1_010, outputTokens: 100, usd: 0.003 },
        { day: '2026-11-20', answers: 0, inputTokens: 0, outputTokens: 0, usd: 0 },
        { day: '2026-11-21', answers: 2, inputTokens: 2_030, outputTokens: 200, usd: 0.006 },
      ],
      users: [
        { userId: 'bob', name: 'BOB', answers: 2, inputTokens: 2_020, outputTokens: 200, usd: 0.006 },
        { userId: 'ann', name: 'ANN', answers: 1, inputTokens: 1_020, outputTokens: 100, usd: 0.003 },
      ],
      otherUsers: 0,
      models: [
        { model: 'large', inputTokens: 3_000, outputTokens: 300, usd: 0.009 },
        { model: 'small', inputTokens: 40, outputTokens: 0, usd: 0 },
      ],
    });
  });

  it('is about the last thirty days when none are named', async () => {
    const report = await reportUsage(await ports(), ann, {}, now);
    expect(report.days.map(({ day }) => day)).toHaveLength(30);
    expect([report.from, report.to]).toEqual(['2026-10-23', '2026-11-21']);
    expect(report.users.map(({ userId }) => userId)).toEqual(['bob', 'ann']);
  });

  it('names those who cost most, and counts the others', async () => {
    const { ledger } = await ports();
    for (let index = 0; index < 110; index += 1) {
      const models = [{ ...large, usd: index }];
      await ledger.record({ tenant: 'default', userId: `user-${index}` }, now, { answers: 1, models });
    }
    const report = await reportUsage({ ledger }, ann, {}, now);
    expect(report.users).toHaveLength(100);
    expect(report.users[0]).toMatchObject({ userId: 'user-109', usd: 109 });
    expect(report.otherUsers).toBe(12);
    expect(report.total.answers).toBe(113);
  });

  it.each([
    { from: '2026-11-22', to: '2026-11-21' },
    { from: '2026-08-21', to: '2026-11-21' },
    { from: '0001-01-01', to: '9999-12-31' },
    { from: 'yesterday' },
    { from: '2026-02-30', to: '2026-03-01' },
    { user: 'ann' },
  ])('is refused for %j', async query => {
    const { statusCode, json } = await serve().call('GET', '/usage/report', {
      query: Object.fromEntries(Object.entries(query)),
    });
    expect({ statusCode, type: json.type }).toEqual({ statusCode: 400, type: '/problems/invalid-request' });
  });

  it('is answered by the API', async () => {
    const { call, ports: served } = serve();
    await served.ledger.record({ tenant: 'default', userId: 'ann' }, new Date(), { answers: 1, models: [large] });
    const { statusCode, json } = await call('GET', '/usage/report');
    expect({ statusCode, total: json.total.usd }).toEqual({ statusCode: 200, total: 0.003 });
  });
});

describe('the report on budgets', () => {
  const show = async (budgets: Budgets) => {
    const spend = inMemorySpendStore();
    await spend.reserve({ scope: 'tenant', tenant: 'default', id: 'default' }, now, { tokens: 7, usd: 1 }, {});
    return showBudgets({ spend, budgets, ledger: await withUse() }, ann, now);
  };

  it('shows limits with what is left to be reckoned from', async () => {
    const report = await show({ tenant: { month: { usd: 5 } }, user: { day: { tokens: 100 } } });
    expect(report.limits).toEqual({ tenant: { month: { usd: 5 } }, user: { day: { tokens: 100 } } });
    expect(report.tenant.month).toEqual({
      period: '2026-11',
      tokens: 0,
      usd: 0,
      reserved: { tokens: 7, usd: 1 },
      limit: { usd: 5 },
      resetsAt: '2026-12-01T00:00:00.000Z',
    });
    expect(report.users).toEqual([
      { userId: 'bob', name: 'BOB', day: { tokens: 2_220, usd: 0.006 }, month: { tokens: 2_220, usd: 0.006 } },
      { userId: 'ann', name: 'ANN', day: { tokens: 10, usd: 0 }, month: { tokens: 1_120, usd: 0.003 } },
    ]);
  });

  it('knows what a tenant without limits has spent', async () => {
    const { limits, tenant } = await show({});
    expect(limits).toEqual({});
    expect(tenant.day).toMatchObject({ tokens: 2_230, usd: 0.006, reserved: { tokens: 0, usd: 0 }, limit: {} });
    expect(tenant.month).toMatchObject({ tokens: 3_340, usd: 0.009 });
  });

  it('is answered by the API', async () => {
    const { statusCode, json } = await serve({ user: { day: { usd: 1 } } }).call('GET', '/budgets');
    expect({ statusCode, limits: json.limits }).toEqual({ statusCode: 200, limits: { user: { day: { usd: 1 } } } });
  });
});
