import type { Role } from '../identity/role.ts';

/** An API key as it is kept: what it may do, and a hash of its secret. */
export interface ApiKey {
  readonly keyId: string;
  readonly tenant: string;
  /** What it is for. */
  readonly name: string;
  readonly role: Role;
  readonly groups: readonly string[];
  /** SHA-256 of the secret, base64url. */
  readonly secretHash: string;
  readonly createdBy: string;
  /** ISO 8601, UTC, like all times of records. */
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt?: string;
}

export interface KeyStore {
  create(key: ApiKey): Promise<void>;
  /** As it is now: what was revoked before is told so. */
  get(keyId: string): Promise<ApiKey | undefined>;
  /** Of a tenant, last made first. @throws AppFailure invalid-request for a cursor of another list */
  list(tenant: string, options: { limit: number; cursor?: string }): Promise<{ keys: ApiKey[]; cursor?: string }>;
  /** Revoking twice does no harm: the first time stays. @returns false when the tenant has no such key */
  revoke(tenant: string, keyId: string): Promise<boolean>;
}
