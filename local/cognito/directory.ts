import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { GroupSpec, User, UserStatus } from './model.ts';

export interface Group extends GroupSpec {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}
export interface NewUser extends Pick<User, 'poolId' | 'username' | 'attributes' | 'status'> {
  readonly passwordHash?: string;
}
type UserChange = Partial<Pick<User, 'attributes' | 'passwordHash' | 'status' | 'enabled'>>;

/** Users and groups of every pool; they survive a restart. */
export interface Directory {
  addUser(user: NewUser): User;
  user(poolId: string, username: string): User | undefined;
  /** By the value of an attribute, e.g. `email`; upper and lower case are one. */
  userBy(poolId: string, attribute: string, value: string): User | undefined;
  users(poolId: string): readonly User[];
  /** @returns the user as it is then */
  changeUser(user: User, change: UserChange): User;
  removeUser(user: Pick<User, 'poolId' | 'username'>): void;
  putGroup(group: GroupSpec): void;
  removeGroup(poolId: string, name: string): void;
  groups(poolId: string): readonly Group[];
  /** The most important group first, as `precedence` says. */
  groupsOf(user: Pick<User, 'poolId' | 'username'>): readonly Group[];
  join(user: Pick<User, 'poolId' | 'username'>, group: string): void;
  leave(user: Pick<User, 'poolId' | 'username'>, group: string): void;
  /** With everything that is in it. */
  removePool(poolId: string): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS cognito_users (
    pool_id TEXT NOT NULL, username TEXT NOT NULL, sub TEXT NOT NULL, attributes TEXT NOT NULL, password_hash TEXT,
    status TEXT NOT NULL, enabled INTEGER NOT NULL, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, username)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS cognito_groups (
    pool_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT, precedence INTEGER, created_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, name)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS cognito_members (
    pool_id TEXT NOT NULL, username TEXT NOT NULL, group_name TEXT NOT NULL,
    PRIMARY KEY (pool_id, username, group_name),
    FOREIGN KEY (pool_id, username) REFERENCES cognito_users ON DELETE CASCADE,
    FOREIGN KEY (pool_id, group_name) REFERENCES cognito_groups ON DELETE CASCADE
  ) STRICT`;

/** @param now milliseconds since 1970 */
export function openDirectory(database: DatabaseSync, now: () => number): Directory {
  database.exec(SCHEMA);
  const { statements, attributes } = prepared(database);
  const user = (poolId: string, username: string) => asUser(statements.user.get(poolId, username));
  return {
    addUser({ poolId, username, attributes, status, passwordHash }) {
      const [time, sub] = [now(), randomUUID()];
      const values = [poolId, username, sub, JSON.stringify(attributes), passwordHash ?? null, status, 1, time, time];
      return existing(asUser(statements.addUser.get(...values)));
    },
    user,
    userBy: (poolId, attribute, value) => asUser(attributes.get(poolId, `$."${attribute}"`, value.toLowerCase())),
    users: poolId => statements.users.all(poolId).flatMap(row => asUser(row) ?? []),
    changeUser(before, change) {
      const { poolId, username, attributes, passwordHash, status, enabled } = { ...before, ...change };
      const values = [JSON.stringify(attributes), passwordHash ?? null, status, Number(enabled), now()];
      return existing(asUser(statements.changeUser.get(...values, poolId, username)));
    },
    removeUser: ({ poolId, username }) => void statements.removeUser.run(poolId, username),
    putGroup({ poolId, name, description, precedence }) {
      statements.putGroup.run(poolId, name, description ?? null, precedence ?? null, now());
    },
    removeGroup: (poolId, name) => void statements.removeGroup.run(poolId, name),
    groups: poolId => statements.groups.all(poolId).map(asGroup),
    groupsOf: ({ poolId, username }) => statements.groupsOf.all(poolId, username).map(asGroup),
    join: ({ poolId, username }, group) => void statements.join.run(poolId, username, group),
    leave: ({ poolId, username }, group) => void statements.leave.run(poolId, username, group),
    removePool(poolId) {
      statements.removeUsers.run(poolId);
      statements.removeGroups.run(poolId);
    },
  };
}

function prepared(database: DatabaseSync) {
  const columns = `pool_id AS poolId, username, sub, attributes, password_hash AS passwordHash, status, enabled,
    created_at AS createdAt, changed_at AS changedAt`;
  const groupColumns = 'pool_id AS poolId, name, description, precedence, created_at AS createdAt';
  const order = 'ORDER BY coalesce(precedence, 1e9), name';
  const statements = {
    addUser: database.prepare(`INSERT INTO cognito_users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${columns}`),
    user: database.prepare(`SELECT ${columns} FROM cognito_users WHERE pool_id = ? AND username = ?`),
    users: database.prepare(`SELECT ${columns} FROM cognito_users WHERE pool_id = ? ORDER BY username`),
    changeUser: database.prepare(`UPDATE cognito_users SET attributes = ?, password_hash = ?, status = ?, enabled = ?,
      changed_at = ? WHERE pool_id = ? AND username = ? RETURNING ${columns}`),
    removeUser: database.prepare('DELETE FROM cognito_users WHERE pool_id = ? AND username = ?'),
    removeUsers: database.prepare('DELETE FROM cognito_users WHERE pool_id = ?'),
    putGroup: database.prepare(`INSERT INTO cognito_groups VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
      SET description = excluded.description, precedence = excluded.precedence`),
    removeGroup: database.prepare('DELETE FROM cognito_groups WHERE pool_id = ? AND name = ?'),
    removeGroups: database.prepare('DELETE FROM cognito_groups WHERE pool_id = ?'),
    groups: database.prepare(`SELECT ${groupColumns} FROM cognito_groups WHERE pool_id = ? ORDER BY name`),
    groupsOf: database.prepare(`SELECT ${groupColumns} FROM cognito_groups JOIN
      (SELECT pool_id, group_name AS name FROM cognito_members WHERE pool_id = ? AND username = ?)
      USING (pool_id, name) ${order}`),
    join: database.prepare('INSERT OR IGNORE INTO cognito_members VALUES (?, ?, ?)'),
    leave: database.prepare('DELETE FROM cognito_members WHERE pool_id = ? AND username = ? AND group_name = ?'),
  };
  const attributes = database.prepare(
    `SELECT ${columns} FROM cognito_users WHERE pool_id = ? AND lower(json_extract(attributes, ?)) = ?`,
  );
  return { statements, attributes };
}

type Row = Record<string, unknown> | undefined;

/** The rows have just the columns selected. */
function asUser(row: Row): User | undefined {
  if (!row) return undefined;
  const { attributes, passwordHash, enabled, ...rest } = row as Record<keyof User, string>;
  return {
    ...(rest as unknown as User),
    attributes: JSON.parse(attributes),
    enabled: Number(enabled) === 1,
    status: rest.status as UserStatus,
    ...(passwordHash !== null && { passwordHash }),
  };
}

function asGroup(row: Row): Group {
  const { description, precedence, ...rest } = row as Record<string, never>;
  return {
    ...(rest as unknown as Group),
    ...(description !== null && { description }),
    ...(precedence !== null && { precedence }),
  };
}

function existing(user: User | undefined): User {
  if (!user) throw new Error('The user is gone.');
  return user;
}
