import { randomUUID } from 'node:crypto';
import type { Directory } from './directory.ts';
import { CognitoError, invalidParameter, type MadeUpUser, type User } from './model.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import { checkAttributes, ownName, type Pool, type Pools, userNotFound } from './pools.ts';

type Attributes = Readonly<Record<string, string>>;

export interface NewAccount {
  /** Where users sign in by an attribute: its value. */
  readonly username: string;
  readonly attributes: Attributes;
  /** Absent: one has to be set before the user can sign in, since nothing is sent by e-mail. */
  readonly temporaryPassword?: string;
}

/** What administrators do with users, under the rules of the pool. */
export interface Accounts {
  create(pool: Pool, account: NewAccount): Promise<User>;
  /** @throws CognitoError (UserNotFoundException) */
  find(pool: Pool, name: string): User;
  setPassword(pool: Pool, user: User, password: string, permanent: boolean): Promise<User>;
  setAttributes(pool: Pool, user: User, attributes: Attributes): User;
  join(pool: Pool, user: User, group: string): void;
  leave(pool: Pool, user: User, group: string): void;
  /** Has the user there with just this password; what was done to the user otherwise stays. */
  putMadeUp(pool: Pool, user: MadeUpUser): Promise<void>;
}

export function createAccounts(pools: Pools, directory: Directory): Accounts {
  const existingGroup = (pool: Pool, name: string) => {
    if (directory.groups(pool.id).some(group => group.name === name)) return;
    throw new CognitoError('ResourceNotFoundException', 'Group not found.');
  };

  return {
    async create(pool, { username, attributes, temporaryPassword }) {
      if (pools.userNamed(pool, username)) {
        throw new CognitoError('UsernameExistsException', 'User account already exists');
      }
      const identity = identityOf(pool, username);
      checkAttributes(pool, Object.keys(attributes), false);
      if (temporaryPassword !== undefined) checkPassword(temporaryPassword, pool.passwordPolicy);
      return directory.addUser({
        ...{ poolId: pool.id, username: identity.username, status: 'FORCE_CHANGE_PASSWORD' },
        attributes: { ...identity.attributes, ...attributes },
        ...(temporaryPassword !== undefined && { passwordHash: await hashPassword(temporaryPassword) }),
      });
    },
    find(pool, name) {
      const user = pools.userNamed(pool, name);
      if (!user) throw userNotFound();
      return user;
    },
    async setPassword(pool, user, password, permanent) {
      checkPassword(password, pool.passwordPolicy);
      const status = permanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
      return directory.changeUser(user, { passwordHash: await hashPassword(password), status });
    },
    setAttributes(pool, user, attributes) {
      checkAttributes(pool, Object.keys(attributes), true);
      return directory.changeUser(user, { attributes: { ...user.attributes, ...attributes } });
    },
    join(pool, user, group) {
      existingGroup(pool, group);
      directory.join(user, group);
    },
    leave(pool, user, group) {
      existingGroup(pool, group);
      directory.leave(user, group);
    },
    async putMadeUp(pool, { username, password, name, email, groups = [], attributes = {} }) {
      const own = {
        ...(name !== undefined && { name }),
        ...(email !== undefined && { email, email_verified: 'true' }),
        ...attributes,
      };
      checkAttributes(pool, Object.keys(own), false);
      const passwordHash = await hashPassword(password);
      const id = { poolId: pool.id, username: ownName(pool, username) };
      const before = directory.user(id.poolId, id.username);
      const user = before ?? directory.addUser({ ...id, attributes: {}, status: 'CONFIRMED' });
      const given = { attributes: { ...user.attributes, ...own }, passwordHash, status: 'CONFIRMED' } as const;
      directory.changeUser(user, given);
      const known = new Set(directory.groups(pool.id).map(group => group.name));
      for (const group of groups) {
        if (!known.has(group)) directory.putGroup({ poolId: pool.id, name: group });
        directory.join(user, group);
      }
    },
  };
}

/** Where users sign in by an attribute, their own name is made up and the attribute holds what was given as the name. */
function identityOf(pool: Pool, username: string): { username: string; attributes: Attributes } {
  if (pool.usernameAttributes.length === 0) return { username: ownName(pool, username), attributes: {} };
  const attribute = username.includes('@') ? 'email' : 'phone_number';
  if (!pool.usernameAttributes.includes(attribute) || (attribute === 'phone_number' && !/^\+\d+$/.test(username))) {
    throw invalidParameter(`Username should be an ${pool.usernameAttributes.join(' or a ').replace('_', ' ')}.`);
  }
  return { username: randomUUID(), attributes: { [attribute]: username } };
}
