import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { User } from './model.ts';

/** Somebody who has signed in, by the user's name and the `sub` that the name had then. */
export interface SignedIn {
  readonly poolId: string;
  readonly username: string;
  readonly sub: string;
  /** When the password was given, in seconds since 1970. */
  readonly authTime: number;
}
/** A user's sign-in to one client, from which tokens are made until it ends. */
export interface Grant extends SignedIn {
  /** The tokens' `origin_jti`. */
  readonly id: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}
export interface FoundRefreshToken {
  readonly grant: Grant;
  /** When it was exchanged for a newer one, in milliseconds since 1970. */
  readonly rotatedAt?: number;
}

/** Who has signed in to what; survives a restart. Tokens are kept as hashes. Times are milliseconds since 1970. */
export interface Grants {
  open(signedIn: SignedIn, clientId: string, scopes: readonly string[], expiresAt: number): Grant;
  /** @returns undefined for one that has ended */
  find(id: string): Grant | undefined;
  end(id: string): void;
  /** Ends everything that the user has signed in to, on the hosted pages too. */
  endAllOf(user: Pick<User, 'poolId' | 'sub'>): void;
  endAllIn(poolId: string): void;
  newRefreshToken(grant: Grant): string;
  findRefreshToken(token: string): FoundRefreshToken | undefined;
  markRotated(token: string): void;
  /** @returns the value of the hosted pages' cookie */
  openSession(signedIn: SignedIn, expiresAt: number): string;
  session(cookie: string): SignedIn | undefined;
  closeSession(cookie: string): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS cognito_grants (
    id TEXT PRIMARY KEY, pool_id TEXT NOT NULL, username TEXT NOT NULL, sub TEXT NOT NULL, auth_time INTEGER NOT NULL,
    client_id TEXT NOT NULL, scopes TEXT NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS cognito_refresh_tokens (
    hash TEXT PRIMARY KEY, grant_id TEXT NOT NULL REFERENCES cognito_grants ON DELETE CASCADE, rotated_at INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS cognito_refresh_tokens_by_grant ON cognito_refresh_tokens (grant_id);
  CREATE TABLE IF NOT EXISTS cognito_sessions (
    hash TEXT PRIMARY KEY, pool_id TEXT NOT NULL, username TEXT NOT NULL, sub TEXT NOT NULL,
    auth_time INTEGER NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT`;

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64');
const newToken = () => randomBytes(48).toString('base64url');

export function openGrants(database: DatabaseSync, now: () => number): Grants {
  database.exec(SCHEMA);
  const { grants, tokens, sessions } = prepared(database);
  for (const statement of [grants.removeExpired, sessions.removeExpired]) statement.run(now());

  const find = (id: string) => asGrant(grants.find.get(id, now()));
  return {
    open({ poolId, username, sub, authTime }, clientId, scopes, expiresAt) {
      const id = randomUUID();
      grants.add.run(id, poolId, username, sub, authTime, clientId, scopes.join(' '), expiresAt);
      return { id, poolId, username, sub, authTime, clientId, scopes, expiresAt };
    },
    find,
    end: id => void grants.remove.run(id),
    endAllOf({ poolId, sub }) {
      grants.removeOf.run(poolId, sub);
      sessions.removeOf.run(poolId, sub);
    },
    endAllIn(poolId) {
      grants.removeIn.run(poolId);
      sessions.removeIn.run(poolId);
    },
    newRefreshToken(grant) {
      const token = newToken();
      tokens.add.run(hashOf(token), grant.id);
      return token;
    },
    findRefreshToken(token) {
      const row = tokens.find.get(hashOf(token));
      const grant = row && find(String(row.grantId));
      if (!grant) return undefined;
      return { grant, ...(row.rotatedAt !== null && { rotatedAt: Number(row.rotatedAt) }) };
    },
    markRotated: token => void tokens.rotate.run(now(), hashOf(token)),
    openSession({ poolId, username, sub, authTime }, expiresAt) {
      const cookie = newToken();
      sessions.add.run(hashOf(cookie), poolId, username, sub, authTime, expiresAt);
      return cookie;
    },
    // The rows have just the columns selected.
    session: cookie => sessions.find.get(hashOf(cookie), now()) as SignedIn | undefined,
    closeSession: cookie => void sessions.remove.run(hashOf(cookie)),
  };
}

function prepared(database: DatabaseSync) {
  const who = 'pool_id AS poolId, username, sub, auth_time AS authTime';
  return {
    grants: {
      add: database.prepare('INSERT INTO cognito_grants VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
      find: database.prepare(`SELECT id, ${who}, client_id AS clientId, scopes, expires_at AS expiresAt
        FROM cognito_grants WHERE id = ? AND expires_at > ?`),
      remove: database.prepare('DELETE FROM cognito_grants WHERE id = ?'),
      removeOf: database.prepare('DELETE FROM cognito_grants WHERE pool_id = ? AND sub = ?'),
      removeIn: database.prepare('DELETE FROM cognito_grants WHERE pool_id = ?'),
      removeExpired: database.prepare('DELETE FROM cognito_grants WHERE expires_at <= ?'),
    },
    tokens: {
      add: database.prepare('INSERT INTO cognito_refresh_tokens (hash, grant_id) VALUES (?, ?)'),
      find: database.prepare(
        'SELECT grant_id AS grantId, rotated_at AS rotatedAt FROM cognito_refresh_tokens WHERE hash = ?',
      ),
      // The first exchange counts: a retry within the grace period must not lengthen it.
      rotate: database.prepare('UPDATE cognito_refresh_tokens SET rotated_at = coalesce(rotated_at, ?) WHERE hash = ?'),
    },
    sessions: {
      add: database.prepare('INSERT INTO cognito_sessions VALUES (?, ?, ?, ?, ?, ?)'),
      find: database.prepare(`SELECT ${who} FROM cognito_sessions WHERE hash = ? AND expires_at > ?`),
      remove: database.prepare('DELETE FROM cognito_sessions WHERE hash = ?'),
      removeOf: database.prepare('DELETE FROM cognito_sessions WHERE pool_id = ? AND sub = ?'),
      removeIn: database.prepare('DELETE FROM cognito_sessions WHERE pool_id = ?'),
      removeExpired: database.prepare('DELETE FROM cognito_sessions WHERE expires_at <= ?'),
    },
  };
}

function asGrant(row: Record<string, unknown> | undefined): Grant | undefined {
  if (!row) return undefined;
  return { ...(row as unknown as Grant), scopes: String(row.scopes).split(' ') };
}
