import type * as z from 'zod';
import type { Reader } from '../conversation.ts';
import { AppFailure } from '../errors.ts';
import { formatKey, hashSecret, newKey } from '../identity/api-key.ts';
import type { ApiKey, KeyStore } from '../ports.ts';
import type { createKeySchema, keyListSchema, newKeySchema, pageOnlyQuery } from './schemas.ts';

export interface KeyPorts {
  readonly keys: KeyStore;
}

const MS_A_DAY = 86_400_000;

/** Makes a key in the reader's own tenant; the reply is the only place where its secret ever stands. */
export async function createKey(
  { keys }: KeyPorts,
  reader: Reader,
  { expiresInDays, ...access }: z.output<typeof createKeySchema>,
): Promise<z.infer<typeof newKeySchema>> {
  const sent = newKey();
  const now = Date.now();
  const key: ApiKey = {
    ...{ ...access, keyId: sent.keyId, tenant: reader.tenant, secretHash: hashSecret(sent.secret) },
    createdBy: reader.userId,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + expiresInDays * MS_A_DAY).toISOString(),
  };
  await keys.create(key);
  return { key: formatKey(sent), ...viewOf(key) };
}

export async function listKeys(
  { keys }: KeyPorts,
  reader: Reader,
  query: z.output<typeof pageOnlyQuery>,
): Promise<z.infer<typeof keyListSchema>> {
  const { keys: found, ...page } = await keys.list(reader.tenant, query);
  return { keys: found.map(viewOf), ...page };
}

/** @throws AppFailure key-not-found, for another tenant's too */
export async function revokeKey({ keys }: KeyPorts, reader: Reader, keyId: string): Promise<void> {
  const revoked = keyId.length <= 100 && (await keys.revoke(reader.tenant, keyId));
  if (!revoked) throw new AppFailure({ kind: 'key-not-found', keyId });
}

const viewOf = ({ secretHash: _, tenant: __, groups, ...key }: ApiKey) => ({ ...key, groups: [...groups] });
