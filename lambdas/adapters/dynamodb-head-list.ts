import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { DocumentHead, DocumentStatus } from '../document.ts';
import { AppFailure } from '../errors.ts';
import { parseHead } from './document-items.ts';
import type { Item } from './dynamodb-table.ts';

/** Where a page ended, and of which list: a cursor is good for the tenant and status it was made for. */
const cursorShape = z.strictObject({
  tenant: z.string(),
  status: z.string().optional(),
  documentId: z.string(),
  updatedAt: z.string(),
  /** Status of the last document of the page: part of the key of the status index. */
  lastStatus: z.string(),
});
type Cursor = z.infer<typeof cursorShape>;

const encodeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

function decodeCursor(text: string, tenant: string, status: DocumentStatus | undefined): Cursor {
  const cursor = cursorShape.safeParse(parsedJson(Buffer.from(text, 'base64url').toString())).data;
  if (cursor && cursor.tenant === tenant && cursor.status === status) return cursor;
  throw new AppFailure({ kind: 'invalid-request', issues: ['cursor: is not one that this list gave out'] });
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not ours: the shape check refuses it
  }
}

/** See `DocumentStore.listHeads`. With a status its index is read, since documents that need care are few among many. */
export async function listHeads(
  client: DynamoDBDocumentClient,
  tableName: string,
  tenant: string,
  { status, limit, cursor }: { status?: DocumentStatus; limit: number; cursor?: string },
): Promise<{ heads: DocumentHead[]; cursor?: string }> {
  let startKey = cursor === undefined ? undefined : indexKey(decodeCursor(cursor, tenant, status), status);
  const found: DocumentHead[] = [];
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        ...(status ? byStatus(tenant, status) : byTenant(tenant)),
        ScanIndexForward: false,
        // One more than asked for tells whether there is another page; a status is shared with other tenants' documents.
        Limit: status ? Math.max(100, limit + 1) : limit + 1 - found.length,
        ExclusiveStartKey: startKey,
      }),
    );
    found.push(...(page.Items ?? []).map(parseHead));
    startKey = page.LastEvaluatedKey;
  } while (startKey && found.length <= limit);

  const heads = found.slice(0, limit);
  const last = heads.at(-1);
  if (!last || found.length <= limit) return { heads };
  const { documentId, updatedAt } = last;
  return { heads, cursor: encodeCursor({ tenant, status, documentId, updatedAt, lastStatus: last.status }) };
}

const byTenant = (tenant: string) => ({
  IndexName: 'tenant-updatedAt',
  KeyConditionExpression: 'tenant = :tenant',
  ExpressionAttributeValues: { ':tenant': tenant },
});

const byStatus = (tenant: string, status: DocumentStatus) => ({
  IndexName: 'status-updatedAt',
  KeyConditionExpression: '#status = :status',
  FilterExpression: 'tenant = :tenant',
  ExpressionAttributeNames: { '#status': 'status' },
  ExpressionAttributeValues: { ':status': status, ':tenant': tenant },
});

const indexKey = ({ tenant, documentId, updatedAt, lastStatus }: Cursor, status: DocumentStatus | undefined): Item => ({
  documentId,
  version: 0,
  updatedAt,
  ...(status ? { status: lastStatus } : { tenant }),
});
