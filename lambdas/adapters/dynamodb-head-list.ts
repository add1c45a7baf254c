import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { type DocumentHead, type DocumentStatus, formatOf } from '../document.ts';
import { AppFailure } from '../errors.ts';
import type { HeadFilter, HeadListOptions } from '../ports.ts';
import { parseHead } from './document-items.ts';
import { type DynamodbClient, queryPages } from './dynamodb-client.ts';
import type { Item } from './dynamodb-table.ts';

/** Pages of the index that one call reads at most: a filter that fits almost nothing must not outlast the request. */
const MAX_INDEX_PAGES = 20;
const INDEX_PAGE = 200;

/** Where a page ended, and of which list: a cursor is good for the tenant and status it was made for. */
const listCursor = z.strictObject({
  tenant: z.string(),
  status: z.string().optional(),
  documentId: z.string(),
  updatedAt: z.string(),
  /** Status of the last document of the page: part of the key of the status index. */
  lastStatus: z.string(),
});
const scanCursor = z.strictObject({ documentId: z.string(), version: z.number() });

/** See `DocumentStore.listHeads`. With a status its index is read, since documents that need care are few among many. */
export async function listHeads(
  client: DynamodbClient,
  tableName: string,
  tenant: string,
  { limit, cursor, only = () => true, ...filter }: HeadListOptions,
): Promise<{ heads: DocumentHead[]; cursor?: string }> {
  const { status } = filter;
  const fits = filterOf(tenant, filter);
  const narrowed = Object.values(filter).some(value => value !== undefined);
  let startKey = cursor === undefined ? undefined : startKeyOf(cursor, tenant, status);
  const heads: DocumentHead[] = [];
  let last: DocumentHead | undefined;
  for (let pages = 0; pages < MAX_INDEX_PAGES; pages += 1) {
    const { Items = [], LastEvaluatedKey } = await client.query({
      TableName: tableName,
      ...indexOf(tenant, filter),
      ScanIndexForward: false,
      // One more than asked for tells whether there is another page.
      Limit: narrowed || pages > 0 ? Math.max(INDEX_PAGE, limit + 1) : limit + 1,
      ExclusiveStartKey: startKey,
    });
    const found = Items.map(parseHead);
    heads.push(...found.filter(head => fits(head) && only(head)));
    const end = heads[limit - 1];
    if (end && heads.length > limit) {
      return { heads: heads.slice(0, limit), cursor: cursorAfter(end, tenant, status) };
    }
    if (!LastEvaluatedKey) return { heads };
    startKey = LastEvaluatedKey;
    last = found.at(-1) ?? last;
  }
  return { heads, ...(last && { cursor: cursorAfter(last, tenant, status) }) };
}

/** What the index cannot decide by its key. */
const filterOf =
  (tenant: string, { prefix = '', format, updatedAfter, updatedBefore }: HeadFilter) =>
  (head: DocumentHead): boolean =>
    head.tenant === tenant && // a status is shared with other tenants' documents
    head.key.startsWith(prefix) &&
    (format === undefined || formatOf(head.key) === format) &&
    (updatedAfter === undefined || head.updatedAt > updatedAfter) && // BETWEEN takes the borders in
    (updatedBefore === undefined || head.updatedAt < updatedBefore);

function indexOf(
  tenant: string,
  { status, updatedAfter = '', updatedBefore = '~' }: HeadFilter,
): Partial<QueryCommandInput> {
  const [partition, value] = status ? (['status', status] as const) : (['tenant', tenant] as const);
  return {
    IndexName: `${partition}-updatedAt`,
    KeyConditionExpression: '#partition = :partition AND updatedAt BETWEEN :after AND :before',
    ExpressionAttributeNames: { '#partition': partition },
    // No time sorts before the digit 0 or after the tilde, and a key must not be empty.
    ExpressionAttributeValues: { ':partition': value, ':after': updatedAfter || '0', ':before': updatedBefore },
  };
}

function cursorAfter({ documentId, updatedAt, status: lastStatus }: DocumentHead, tenant: string, status?: string) {
  return encodeCursor({ tenant, status, documentId, updatedAt, lastStatus });
}

function startKeyOf(cursor: string, tenant: string, status: DocumentStatus | undefined): Item {
  const position = decodeCursor(listCursor, cursor);
  if (position.tenant !== tenant || position.status !== status) {
    throw new AppFailure({ kind: 'invalid-request', issues: ['cursor: is not one that this list gave out'] });
  }
  const { documentId, updatedAt, lastStatus } = position;
  return { documentId, version: 0, updatedAt, ...(status ? { status: lastStatus } : { tenant }) };
}

/** See `DocumentStore.scanHeads`. */
export async function scanHeads(
  client: DynamodbClient,
  tableName: string,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<{ heads: DocumentHead[]; cursor?: string }> {
  const { Items = [], LastEvaluatedKey } = await client.scan({
    TableName: tableName,
    Limit: limit,
    FilterExpression: 'version = :head',
    ExpressionAttributeValues: { ':head': 0 },
    ...(cursor !== undefined && { ExclusiveStartKey: decodeCursor(scanCursor, cursor) }),
  });
  return { heads: Items.map(parseHead), ...(LastEvaluatedKey && { cursor: encodeCursor(LastEvaluatedKey) }) };
}

/** Everything that a job has touched was updated after it began. */
const ofJob = (TableName: string, jobId: string, since: string, status: DocumentStatus) => ({
  TableName,
  IndexName: 'status-updatedAt',
  KeyConditionExpression: '#status = :status AND updatedAt >= :since',
  FilterExpression: 'jobId = :jobId',
  ExpressionAttributeNames: { '#status': 'status' },
  ExpressionAttributeValues: { ':status': status, ':since': since, ':jobId': jobId },
});

/** See `DocumentStore.outstandingOfJob`. */
export async function outstandingOfJob(
  client: DynamodbClient,
  tableName: string,
  { jobId, since, limit }: { jobId: string; since: string; limit: number },
): Promise<DocumentHead[]> {
  const heads: DocumentHead[] = [];
  for (const status of ['PENDING', 'PROCESSING'] as const) {
    for await (const { Items = [] } of queryPages(client, ofJob(tableName, jobId, since, status))) {
      heads.push(...Items.map(parseHead));
      if (heads.length >= limit) return heads.slice(0, limit);
    }
  }
  return heads;
}

/** See `DocumentStore.countOfJob`. */
export async function countOfJob(client: DynamodbClient, tableName: string, jobId: string, since: string) {
  const count = async (status: DocumentStatus): Promise<number> => {
    const pages = queryPages(client, { ...ofJob(tableName, jobId, since, status), Select: 'COUNT' });
    let sum = 0;
    for await (const { Count = 0 } of pages) sum += Count;
    return sum;
  };
  const [pending, processing, failed] = await Promise.all([count('PENDING'), count('PROCESSING'), count('FAILED')]);
  return { pending, processing, failed };
}
