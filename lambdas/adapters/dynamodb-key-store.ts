import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppFailure } from '../errors.ts';
import { ROLES } from '../identity/role.ts';
import type { ApiKey, KeyStore } from '../ports.ts';
import type { DynamodbClient } from './dynamodb-client.ts';
import { DynamodbTable } from './dynamodb-table.ts';

/** How long a key that does not work any more is still listed. */
const KEEP_DAYS = 30;

const keyItem = z.object({
  keyId: z.string(),
  tenant: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  groups: z.array(z.string()),
  secretHash: z.string(),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().optional(),
});

/** The last key of a page, and of whose list it is. */
const listCursor = z.strictObject({ tenant: z.string(), keyId: z.string(), createdAt: z.string() });

/** API keys in the Keys table; `tenant-createdAt` lists them. */
export function dynamodbKeyStore(
  client: DynamodbClient,
  tableName: string,
  clock: () => Date = () => new Date(),
): KeyStore {
  const table = new DynamodbTable(client, tableName);

  return {
    async create(key) {
      const forgottenAt = Math.ceil(Date.parse(key.expiresAt) / 1_000) + KEEP_DAYS * 86_400;
      const created = await table.putNew({ ...key, groups: [...key.groups], forgottenAt }, 'keyId');
      if (!created) throw new Error(`The key ${key.keyId} exists already.`);
    },

    async get(keyId) {
      const item = await table.get({ keyId });
      return item && parse(item);
    },

    async list(tenant, { limit, cursor }) {
      const { Items = [], LastEvaluatedKey } = await client.query({
        TableName: tableName,
        IndexName: 'tenant-createdAt',
        KeyConditionExpression: 'tenant = :tenant',
        ExpressionAttributeValues: { ':tenant': tenant },
        ScanIndexForward: false,
        Limit: limit + 1, // one more than asked for tells whether there is another page
        ...(cursor !== undefined && { ExclusiveStartKey: startKeyOf(cursor, tenant) }),
      });
      const keys = Items.slice(0, limit).map(parse);
      const last = keys.at(-1);
      if (!last || (Items.length <= limit && !LastEvaluatedKey)) return { keys };
      return { keys, cursor: encodeCursor({ tenant, keyId: last.keyId, createdAt: last.createdAt }) };
    },

    async revoke(tenant, keyId) {
      const revokedAt = clock().toISOString();
      const when = 'tenant = :tenant AND attribute_not_exists(revokedAt)';
      const revoked = await table.update({ keyId }, { set: { revokedAt }, when, values: { tenant } });
      if (revoked) return true;
      const item = await table.get({ keyId });
      return item !== undefined && parse(item).tenant === tenant;
    },
  };
}

const parse = (item: unknown): ApiKey => keyItem.parse(item);

function startKeyOf(cursor: string, tenant: string) {
  const position = decodeCursor(listCursor, cursor);
  if (position.tenant === tenant) return position;
  throw new AppFailure({ kind: 'invalid-request', issues: ['cursor: is not one that this list gave out'] });
}
