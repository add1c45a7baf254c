import { randomBytes } from 'node:crypto';
import type { Credentials } from '../contracts.ts';

/** AWS's temporary keys start with ASIA; the rest tells the cloud's own keys from a developer's. */
const ISSUED_KEY_PREFIX = 'ASIALOCAL';
const BASE_32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Fresh random credentials, never written down: they end with the process. */
export function newCredentials(): Credentials {
  const suffix = [...randomBytes(11)].map(byte => BASE_32[byte % BASE_32.length]).join('');
  return {
    accessKeyId: ISSUED_KEY_PREFIX + suffix,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(96).toString('base64'),
  };
}

/** Whether some run of the local cloud issued the key: such a key is never taken for the operator's. */
export const isIssuedKey = (accessKeyId: string): boolean => accessKeyId.startsWith(ISSUED_KEY_PREFIX);
