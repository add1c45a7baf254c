import * as z from 'zod';
import {
  addSpend,
  BUDGET_PERIODS,
  BUDGET_UNITS,
  type BudgetOwner,
  type BudgetPeriod,
  type BudgetUnit,
  endOfPeriod,
  type Limits,
  nameOfPeriod,
  type PeriodSpending,
  type Spend,
  type Spending,
} from '../budgets.ts';
import type { SpendStore } from '../ports.ts';
import type { DynamodbClient } from './dynamodb-client.ts';
import { DynamodbTable } from './dynamodb-table.ts';

/** How long a month is kept after its end. */
const KEEP_DAYS = 400;

const item = z.record(z.string(), z.unknown());
const count = z.number().default(0);

/** `held` is what is spent and reserved together, since a condition of DynamoDB cannot add two attributes up. */
type Column = 'held' | 'spent';

/**
 * The Quotas table: one item for each owner and month, which counts the month (`heldTokens`, `spentUsd` …) and each of its
 * days (`heldTokens21` …), so that one conditional write decides by both.
 */
export function dynamodbSpendStore(client: DynamodbClient, tableName: string): SpendStore {
  const table = new DynamodbTable(client, tableName);

  /** Adds to the columns of the day and of the month. @returns undefined when a limit is reached */
  async function add(owner: BudgetOwner, at: Date, amounts: Partial<Record<Column, Spend>>, limits: Limits = {}) {
    const names = Object.entries(amounts).flatMap(([column, spend]) =>
      everyCount().map(([period, unit]) => [nameOf(column as Column, unit, period, at), spend[unit]] as const),
    );
    const ceilings = everyCount().flatMap(([period, unit]) => {
      const limit = limits[period]?.[unit];
      return limit === undefined ? [] : [[nameOf('held', unit, period, at), limit] as const];
    });
    const update = {
      TableName: tableName,
      Key: keyOf(owner, at),
      UpdateExpression: `SET expiresAt = :expiresAt ADD ${names.map(([name]) => `${name} :${name}`).join(', ')}`,
      ExpressionAttributeValues: {
        ':expiresAt': endOfPeriod('month', at).getTime() / 1_000 + KEEP_DAYS * 86_400,
        ...Object.fromEntries(names.map(([name, amount]) => [`:${name}`, amount])),
        ...Object.fromEntries(ceilings.map(([name, limit]) => [`:limit_${name}`, limit])),
      },
      ...(ceilings.length > 0 && { ConditionExpression: ceilings.map(([name]) => isBelow(name)).join(' AND ') }),
      ReturnValues: 'ALL_NEW' as const,
    };
    try {
      return (await client.update(update)).Attributes;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
      throw error;
    }
  }

  const read = async (owner: BudgetOwner, at: Date): Promise<Spending> => parse(await table.get(keyOf(owner, at)), at);

  return {
    read,

    async reserve(owner, at, amount, limits) {
      const added = await add(owner, at, { held: amount }, limits);
      if (added) return { granted: true, spending: parse(added, at) };
      return { granted: false, spending: await read(owner, at) };
    },

    async settle(owner, at, reserved, spent) {
      await add(owner, at, { held: addSpend(spent, reserved, -1), spent });
    },
  };
}

/** Encoded, so that no choice of tenant and id can read as another pair's. */
const keyOf = ({ scope, tenant, id }: BudgetOwner, at: Date) => ({
  owner: [scope, encodeURIComponent(tenant), encodeURIComponent(id)].join('#'),
  month: nameOfPeriod('month', at),
});

/** No word of these names is reserved in DynamoDB's expressions. */
function nameOf(column: Column, unit: BudgetUnit, period: BudgetPeriod, at: Date): string {
  const name = `${column}${unit === 'usd' ? 'Usd' : 'Tokens'}`;
  return period === 'month' ? name : `${name}${at.toISOString().slice(8, 10)}`;
}

const isBelow = (name: string): string => `(attribute_not_exists(${name}) OR ${name} < :limit_${name})`;

const everyCount = (): (readonly [BudgetPeriod, BudgetUnit])[] =>
  BUDGET_PERIODS.flatMap(period => BUDGET_UNITS.map(unit => [period, unit] as const));

/** @throws ZodError for an item that counts in anything but numbers */
function parse(found: unknown, at: Date): Spending {
  const counts = item.parse(found ?? {});
  const read = (column: Column, period: BudgetPeriod): Spend => ({
    tokens: count.parse(counts[nameOf(column, 'tokens', period, at)]),
    usd: count.parse(counts[nameOf(column, 'usd', period, at)]),
  });
  const spendingOf = (period: BudgetPeriod): PeriodSpending => {
    const spent = read('spent', period);
    return { spent, reserved: addSpend(read('held', period), spent, -1) };
  };
  return { day: spendingOf('day'), month: spendingOf('month') };
}
