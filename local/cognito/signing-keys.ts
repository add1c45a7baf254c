import type { DatabaseSync } from 'node:sqlite';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';

const ALGORITHM = 'RS256';
type PublicJwk = Readonly<Record<'kty' | 'n' | 'e' | 'alg' | 'use' | 'kid', string>>;

interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly publicJwk: PublicJwk;
}

/** One RSA key a user pool, made when it is first needed. It survives a restart, and what it signed with it. */
export interface SigningKeys {
  publicJwk(poolId: string): Promise<PublicJwk>;
  /** What was signed with the pool's key holds no more. */
  forget(poolId: string): void;
  /** @returns a JWT in its compact form; the claims are signed as they are */
  sign(poolId: string, claims: JWTPayload): Promise<string>;
  /** @param now milliseconds since 1970 @returns the claims, or undefined when the token does not hold */
  verify(poolId: string, token: string, issuer: string, now: number): Promise<JWTPayload | undefined>;
}

export function openSigningKeys(database: DatabaseSync): SigningKeys {
  database.exec('CREATE TABLE IF NOT EXISTS cognito_keys (pool_id TEXT PRIMARY KEY, jwk TEXT NOT NULL) STRICT');
  const find = database.prepare('SELECT jwk FROM cognito_keys WHERE pool_id = ?');
  const insert = database.prepare('INSERT INTO cognito_keys (pool_id, jwk) VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM cognito_keys WHERE pool_id = ?');
  const keys = new Map<string, Promise<SigningKey>>();

  async function open(poolId: string): Promise<SigningKey> {
    const stored = find.get(poolId)?.jwk;
    if (stored !== undefined) return imported(JSON.parse(String(stored)));
    const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const jwk = await exportJWK(privateKey);
    insert.run(poolId, JSON.stringify(jwk));
    return imported(jwk);
  }
  const keyOf = (poolId: string) => {
    const known = keys.get(poolId) ?? open(poolId);
    keys.set(poolId, known);
    return known;
  };

  return {
    publicJwk: async poolId => (await keyOf(poolId)).publicJwk,
    forget(poolId) {
      keys.delete(poolId);
      remove.run(poolId);
    },
    async sign(poolId, claims) {
      const { privateKey, publicJwk } = await keyOf(poolId);
      return new SignJWT(claims).setProtectedHeader({ kid: publicJwk.kid, alg: ALGORITHM }).sign(privateKey);
    },
    async verify(poolId, token, issuer, now) {
      const { publicKey } = await keyOf(poolId);
      try {
        const options = { issuer, algorithms: [ALGORITHM], currentDate: new Date(now) };
        return (await jwtVerify(token, publicKey, options)).payload;
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}

async function imported(jwk: Awaited<ReturnType<typeof exportJWK>>): Promise<SigningKey> {
  const { kty = '', n = '', e = '' } = jwk;
  const kid = await calculateJwkThumbprint(jwk);
  const publicJwk = { kty, n, e, alg: ALGORITHM, use: 'sig', kid };
  const [privateKey, publicKey] = await Promise.all([importJWK(jwk, ALGORITHM), importJWK(publicJwk, ALGORITHM)]);
  // An RSA key is imported as a CryptoKey, a symmetric one as bytes.
  return { privateKey: privateKey as CryptoKey, publicKey: publicKey as CryptoKey, publicJwk };
}
