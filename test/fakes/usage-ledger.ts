import { nameOfPeriod, roundUsd } from '../../lambdas/budgets.ts';
import type { DayUse, ModelUse, UsageLedger } from '../../lambdas/ports.ts';

/** A ledger in memory. */
export function inMemoryUsageLedger(): UsageLedger {
  const days = new Map<string, DayUse & { tenant: string }>();
  return {
    async record({ tenant, userId, name }, at, { answers, models }) {
      const day = nameOfPeriod('day', at);
      const key = JSON.stringify([tenant, day, userId]);
      const before = days.get(key) ?? { tenant, day, userId, answers: 0, models: [] };
      days.set(key, {
        ...before,
        ...(name !== undefined && { name }),
        answers: before.answers + answers,
        models: models.reduce(added, before.models),
      });
    },
    read: async (tenant, from, to) =>
      [...days.values()]
        .filter(day => day.tenant === tenant && day.day >= from && day.day <= to)
        .sort((a, b) => (`${a.day} ${a.userId}` < `${b.day} ${b.userId}` ? -1 : 1))
        .map(({ tenant: _, ...day }) => day),
  };
}

function added(uses: readonly ModelUse[], use: ModelUse): ModelUse[] {
  const { modelId } = use;
  const before = uses.find(other => other.modelId === modelId) ?? { inputTokens: 0, outputTokens: 0, usd: 0 };
  const sum = {
    modelId,
    inputTokens: before.inputTokens + use.inputTokens,
    outputTokens: before.outputTokens + use.outputTokens,
    usd: roundUsd(before.usd + use.usd),
  };
  return [...uses.filter(other => other.modelId !== modelId), sum].sort((a, b) => (a.modelId < b.modelId ? -1 : 1));
}
