import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../lambdas/cursor.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import type { ApiKey, KeyStore } from '../../lambdas/ports.ts';

const position = z.strictObject({ tenant: z.string(), from: z.number() });

/** API keys in memory. */
export function inMemoryKeyStore(clock: () => Date = () => new Date()): KeyStore {
  const keys = new Map<string, ApiKey>();
  return {
    async create(key) {
      if (keys.has(key.keyId)) throw new Error(`The key ${key.keyId} exists already.`);
      keys.set(key.keyId, structuredClone(key));
    },
    get: async keyId => structuredClone(keys.get(keyId)),
    async list(tenant, { limit, cursor }) {
      const { from, ...list } = cursor ? decodeCursor(position, cursor) : { tenant, from: 0 };
      if (list.tenant !== tenant)
        throw new AppFailure({ kind: 'invalid-request', issues: ['cursor: of another list'] });
      const found = [...keys.values()]
        .filter(key => key.tenant === tenant)
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
      const to = from + limit;
      return { keys: found.slice(from, to), ...(to < found.length && { cursor: encodeCursor({ tenant, from: to }) }) };
    },
    async revoke(tenant, keyId) {
      const key = keys.get(keyId);
      if (key?.tenant !== tenant) return false;
      keys.set(keyId, { ...key, revokedAt: key.revokedAt ?? clock().toISOString() });
      return true;
    },
  };
}
