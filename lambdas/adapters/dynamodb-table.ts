import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { AppFailure } from '../errors.ts';
import type { DynamodbClient } from './dynamodb-client.ts';

/** An item as the wire gives it, not yet parsed. */
export type Item = Record<string, unknown>;

/** One conditional change of one item. In `when`, attributes are written `#name` and values `:name`. */
export interface Change {
  /** Attributes to set; those that are undefined are left as they are. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** A number attribute to count up by one, from 0. */
  readonly increment?: string;
  /** Numbers to add to a number attribute, or to a set of numbers. */
  readonly add?: Readonly<Record<string, number | ReadonlySet<number>>>;
  readonly when: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** A change that sets what is defined and removes what is not, but for the names to `keep`, which then stay as they are. */
export function definedAndNot(fields: Item, keep: readonly string[] = []): Pick<Change, 'set' | 'remove'> {
  const absent = Object.keys(fields).filter(name => fields[name] === undefined && !keep.includes(name));
  return { set: fields, remove: absent };
}

/** Items per BatchWriteItem call, DynamoDB's limit. */
const BATCH_SIZE = 25;
const BATCH_ATTEMPTS = 8;

/** The few operations that the record stores need of one table. Every read is consistent. */
export class DynamodbTable {
  readonly #client: DynamodbClient;
  readonly name: string;

  constructor(client: DynamodbClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  async get(key: Item): Promise<Item | undefined> {
    const { Item } = await this.#client.get({ TableName: this.name, Key: key, ConsistentRead: true });
    return Item;
  }

  /** @returns whether it was put: false when an item with its key exists */
  async putNew(item: Item, partitionKey: string): Promise<boolean> {
    const put = {
      TableName: this.name,
      Item: item,
      ConditionExpression: 'attribute_not_exists(#key)',
      ExpressionAttributeNames: { '#key': partitionKey },
    };
    return (await conditional(this.#client.put(put).then(() => true))) ?? false;
  }

  /** @returns the whole item after the change; undefined when the condition did not hold */
  async update(key: Item, change: Change): Promise<Item | undefined> {
    const update = {
      TableName: this.name,
      Key: key,
      ReturnValues: 'ALL_NEW' as const,
      ...updateExpressions(change),
    };
    return (await conditional(this.#client.update(update)))?.Attributes;
  }

  /** Puts and deletes without a condition, for items whose content follows from their key. */
  async writeAll(
    requests: readonly ({ PutRequest: { Item: Item } } | { DeleteRequest: { Key: Item } })[],
  ): Promise<void> {
    const batches = Array.from({ length: Math.ceil(requests.length / BATCH_SIZE) }, (_, batch) =>
      requests.slice(batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE),
    );
    await pMap(batches, batch => this.#writeBatch([...batch]), { concurrency: 4 });
  }

  async #writeBatch(requests: NonNullable<BatchWriteCommandInput['RequestItems']>[string]): Promise<void> {
    let pending = requests;
    for (let attempt = 0; attempt < BATCH_ATTEMPTS; attempt += 1) {
      // What DynamoDB leaves unprocessed was throttled: the SDK does not repeat it by itself.
      if (attempt > 0) await sleep(Math.random() * Math.min(2_000, 50 * 2 ** attempt));
      const { UnprocessedItems } = await this.#client.batchWrite({ RequestItems: { [this.name]: pending } });
      pending = UnprocessedItems?.[this.name] ?? [];
      if (pending.length === 0) return;
    }
    const cause = new Error(`${pending.length} items of ${this.name} were still throttled`);
    throw new AppFailure({ kind: 'service-unavailable', service: 'The record store', retryAfterSeconds: 2 }, { cause });
  }
}

/** @returns undefined when the write's condition did not hold */
async function conditional<Result>(write: Promise<Result>): Promise<Result | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}

function updateExpressions({ set = {}, remove = [], increment, add = {}, when, values = {} }: Change) {
  const added = Object.entries(add);
  const assigned = Object.entries(set).filter(([, value]) => value !== undefined);
  const assignments = assigned.map(([name]) => `#${name} = :set_${name}`);
  if (increment) assignments.push(`#${increment} = if_not_exists(#${increment}, :zero) + :one`);
  const clauses = [
    assignments.length > 0 && `SET ${assignments.join(', ')}`,
    remove.length > 0 && `REMOVE ${remove.map(name => `#${name}`).join(', ')}`,
    added.length > 0 && `ADD ${added.map(([name]) => `#${name} :add_${name}`).join(', ')}`,
  ].filter(clause => typeof clause === 'string');
  const UpdateExpression = clauses.join(' ');
  const names = `${UpdateExpression} ${when}`.matchAll(/#(\w+)/g);
  return {
    UpdateExpression,
    ConditionExpression: when,
    // Every attribute goes by an alias, since `status`, `key`, `size` and more are reserved words.
    ExpressionAttributeNames: Object.fromEntries(Array.from(names, ([alias, name]) => [alias, name ?? alias])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(assigned.map(([name, value]) => [`:set_${name}`, value])),
      ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
      ...(increment && { ':zero': 0, ':one': 1 }),
      ...Object.fromEntries(added.map(([name, value]) => [`:add_${name}`, value])),
    },
  };
}
