import type * as z from 'zod';
import { endOfPeriod, nameOfPeriod, roundUsd } from '../budgets.ts';
import type { Reader } from '../conversation.ts';
import { AppFailure } from '../errors.ts';
import type { DayUse, ModelUse, UsageLedger } from '../ports.ts';
import type { usageOverTimeQuery, usageOverTimeSchema } from './usage-schemas.ts';

export interface UsageReportPorts {
  readonly ledger: Pick<UsageLedger, 'read'>;
}

type Report = z.infer<typeof usageOverTimeSchema>;
type Amounts = Report['total'];

const DAY_MS = 86_400_000;
/** Days that are shown when none are asked for, today included. */
const USUAL_DAYS = 30;
const MAX_DAYS = 92;
/** Those who cost most are shown one by one. */
const MAX_USERS = 100;

/** What the reader's tenant used, by day, user and model. @throws AppFailure invalid-request for days that are no span */
export async function reportUsage(
  { ledger }: UsageReportPorts,
  { tenant }: Reader,
  query: z.infer<typeof usageOverTimeQuery>,
  now: Date,
): Promise<Report> {
  const to = query.to ?? nameOfPeriod('day', now);
  const from = query.from ?? dayBefore(to, USUAL_DAYS - 1);
  const days = daysBetween(from, to);
  const uses = await ledger.read(tenant, from, to);
  const byDay = Map.groupBy(uses, ({ day }) => day);
  const users = usersOf(uses);
  return {
    from,
    to,
    total: sumOf(uses),
    days: days.map(day => ({ day, ...sumOf(byDay.get(day) ?? []) })),
    users: users.slice(0, MAX_USERS),
    otherUsers: Math.max(0, users.length - MAX_USERS),
    models: modelsOf(uses),
  };
}

/** By user, those who cost most first. */
export function usersOf(uses: readonly DayUse[]): Report['users'] {
  const users = [...Map.groupBy(uses, ({ userId }) => userId)].map(([userId, own]) => {
    const name = own.findLast(use => use.name !== undefined)?.name;
    return { userId, ...(name !== undefined && { name }), ...sumOf(own) };
  });
  return users.sort((a, b) => byCost(a, b) || compare(a.userId, b.userId));
}

function modelsOf(uses: readonly DayUse[]): Report['models'] {
  const models = Map.groupBy(
    uses.flatMap(use => use.models),
    ({ modelId }) => modelId,
  );
  return [...models]
    .map(([model, own]) => ({ model, ...tokensOf(own) }))
    .sort((a, b) => byCost(a, b) || compare(a.model, b.model));
}

export const sumOf = (uses: readonly DayUse[]): Amounts => ({
  answers: uses.reduce((sum, { answers }) => sum + answers, 0),
  ...tokensOf(uses.flatMap(({ models }) => models)),
});

const tokensOf = (uses: readonly ModelUse[]): Omit<Amounts, 'answers'> => ({
  inputTokens: uses.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
  outputTokens: uses.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
  usd: roundUsd(uses.reduce((sum, { usd }) => sum + usd, 0)),
});

/** Models without a known price cost nothing here, so that tokens decide among them. */
const byCost = (a: Omit<Amounts, 'answers'>, b: Omit<Amounts, 'answers'>): number =>
  b.usd - a.usd || b.inputTokens + b.outputTokens - a.inputTokens - a.outputTokens;

const compare = (a: string, b: string): number => (a < b ? -1 : 1);

const dayBefore = (day: string, count: number): string =>
  nameOfPeriod('day', new Date(Date.parse(`${day}T00:00:00Z`) - count * DAY_MS));

/** @throws AppFailure invalid-request */
function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = new Date(`${from}T00:00:00Z`); ; at = endOfPeriod('day', at)) {
    const day = nameOfPeriod('day', at);
    if (day > to) break;
    days.push(day);
    if (days.length > MAX_DAYS) break;
  }
  if (days.length > 0 && days.length <= MAX_DAYS) return days;
  throw new AppFailure({
    kind: 'invalid-request',
    issues: [`from: must be a day up to ${MAX_DAYS - 1} days before to`],
  });
}
