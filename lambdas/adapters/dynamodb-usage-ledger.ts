import * as z from 'zod';
import { endOfPeriod, nameOfPeriod, roundUsd } from '../budgets.ts';
import type { DayUse, ModelUse, UsageLedger } from '../ports.ts';
import { type DynamodbClient, queryPages } from './dynamodb-client.ts';

/** How long a month is kept after its end. */
const KEEP_DAYS = 400;

/** An item's counts of models are `<amount>:<model id>`. */
const AMOUNTS = { inputTokens: 'in', outputTokens: 'out', usd: 'usd' } as const;

const item = z
  .object({ month: z.string(), owner: z.string(), userName: z.string().optional(), answers: z.number().default(0) })
  .catchall(z.unknown());

/**
 * The Quotas table, beside what limits are decided by: one item for each tenant, day and user, the days of a month in one
 * partition, so that a report is read with one query a month. One write adds an answer with all its models.
 */
export function dynamodbUsageLedger(client: DynamodbClient, tableName: string): UsageLedger {
  async function readMonth(tenant: string, month: string, from: string, to: string): Promise<DayUse[]> {
    const days: DayUse[] = [];
    const input = {
      TableName: tableName,
      KeyConditionExpression: '#owner = :owner AND #month BETWEEN :from AND :to',
      ExpressionAttributeNames: { '#owner': 'owner', '#month': 'month' },
      // `$` comes after `#`, by which a day's items begin.
      ExpressionAttributeValues: { ':owner': ownerOf(tenant, month), ':from': `${from}#`, ':to': `${to}$` },
    };
    for await (const { Items = [] } of queryPages(client, input)) days.push(...Items.map(parse));
    return days;
  }

  return {
    async record({ tenant, userId, name }, at, { answers, models }) {
      const counts = [
        ['answers', answers] as const,
        ...models.flatMap(use => amounts().map(([field, short]) => [`${short}:${use.modelId}`, use[field]] as const)),
      ];
      await client.update({
        TableName: tableName,
        Key: {
          owner: ownerOf(tenant, nameOfPeriod('month', at)),
          month: `${nameOfPeriod('day', at)}#${encodeURIComponent(userId)}`,
        },
        UpdateExpression: [
          `SET expiresAt = :expiresAt${name === undefined ? '' : ', userName = :name'}`,
          `ADD ${counts.map((_, index) => `#c${index} :c${index}`).join(', ')}`,
        ].join(' '),
        ExpressionAttributeNames: Object.fromEntries(counts.map(([field], index) => [`#c${index}`, field])),
        ExpressionAttributeValues: {
          ':expiresAt': endOfPeriod('month', at).getTime() / 1_000 + KEEP_DAYS * 86_400,
          ...(name !== undefined && { ':name': name }),
          ...Object.fromEntries(counts.map(([, amount], index) => [`:c${index}`, amount])),
        },
      });
    },

    async read(tenant, from, to) {
      const months = monthsBetween(from, to).map(month => readMonth(tenant, month, from, to));
      return (await Promise.all(months)).flat();
    },
  };
}

const amounts = () => Object.entries(AMOUNTS) as [keyof typeof AMOUNTS, string][]; // its keys are no other

/** Encoded, so that no choice of tenant can read as another owner's; no scope of a budget is called so. */
const ownerOf = (tenant: string, month: string): string => `usage#${encodeURIComponent(tenant)}#${month}`;

/** @param from `2026-11-21` */
function monthsBetween(from: string, to: string): string[] {
  const months: string[] = [];
  for (let at = new Date(`${from.slice(0, 7)}-01T00:00:00Z`); ; at = endOfPeriod('month', at)) {
    const month = nameOfPeriod('month', at);
    if (month > to.slice(0, 7)) return months;
    months.push(month);
  }
}

/** @throws ZodError for an item that counts in anything but numbers */
function parse(found: unknown): DayUse {
  const { month, userName, answers, owner: _, expiresAt: __, ...counts } = item.parse(found);
  const separator = month.indexOf('#');
  const ids = new Set(Object.keys(counts).map(name => name.slice(name.indexOf(':') + 1)));
  return {
    day: month.slice(0, separator),
    userId: decodeURIComponent(month.slice(separator + 1)),
    ...(userName !== undefined && { name: userName }),
    answers,
    models: [...ids].sort().map(modelId => useOf(modelId, counts)),
  };
}

function useOf(modelId: string, counts: Readonly<Record<string, unknown>>): ModelUse {
  const read = (amount: string): number => z.number().default(0).parse(counts[`${amount}:${modelId}`]);
  return {
    modelId,
    inputTokens: read(AMOUNTS.inputTokens),
    outputTokens: read(AMOUNTS.outputTokens),
    usd: roundUsd(read(AMOUNTS.usd)),
  };
}
