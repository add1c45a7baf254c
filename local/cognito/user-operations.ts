import { z } from 'zod';
import { invalidParameter, type User } from './model.ts';
import {
  type AdministrationOptions,
  described,
  describedGroup,
  type Handle,
  inPool,
  type Operation,
  operationOf,
  page,
  paged,
} from './operation.ts';
import type { Pool } from './pools.ts';

const attributeList = z.array(z.object({ Name: z.string(), Value: z.string().default('') })).default([]);
const ofUser = { ...inPool, Username: z.string().min(1) };

const schemas = {
  user: z.object(ofUser),
  membership: z.object({ ...ofUser, GroupName: z.string().min(1) }),
  create: z.object({
    ...{ ...ofUser, UserAttributes: attributeList, TemporaryPassword: z.string().optional() },
    MessageAction: z.enum(['RESEND', 'SUPPRESS']).optional(),
  }),
  password: z.object({ ...ofUser, Password: z.string().min(1), Permanent: z.boolean().default(false) }),
  attributes: z.object({ ...ofUser, UserAttributes: attributeList }),
  userPage: z.object({ ...ofUser, ...page }),
  users: z.object({ ...inPool, ...page, PaginationToken: z.string().optional(), Filter: z.string().optional() }),
};

/** What administrators do with users. */
export function userOperations(options: AdministrationOptions): Record<string, Operation> {
  const { accounts, directory, pools, signOut } = options;
  const define = <T extends { UserPoolId: string }>(schema: z.ZodType<T>, handle: Handle<T>) =>
    operationOf(options, schema, handle);
  /** An operation on one user that answers nothing. */
  const change = <T extends { UserPoolId: string; Username: string }>(
    schema: z.ZodType<T>,
    act: (user: User, input: T, pool: Pool) => unknown,
  ) =>
    define(schema, async (input, pool) => {
      await act(accounts.find(pool, input.Username), input, pool);
      return {};
    });

  return {
    AdminCreateUser: define(schemas.create, async (input, pool) => {
      const { Username: username, TemporaryPassword, UserAttributes, MessageAction } = input;
      const before = pools.userNamed(pool, username);
      if (MessageAction === 'RESEND' && before) return { User: described(before) };
      const attributes = asRecord(UserAttributes);
      const password = TemporaryPassword !== undefined && { temporaryPassword: TemporaryPassword };
      return { User: described(await accounts.create(pool, { username, attributes, ...password })) };
    }),
    AdminGetUser: define(schemas.user, ({ Username }, pool) => {
      const { Attributes, ...rest } = described(accounts.find(pool, Username));
      return { ...rest, UserAttributes: Attributes };
    }),
    AdminSetUserPassword: change(schemas.password, (user, { Password, Permanent }, pool) =>
      accounts.setPassword(pool, user, Password, Permanent),
    ),
    AdminUpdateUserAttributes: change(schemas.attributes, (user, { UserAttributes }, pool) =>
      accounts.setAttributes(pool, user, asRecord(UserAttributes)),
    ),
    AdminDeleteUser: change(schemas.user, user => {
      signOut(user);
      directory.removeUser(user);
    }),
    AdminEnableUser: change(schemas.user, user => directory.changeUser(user, { enabled: true })),
    AdminDisableUser: change(schemas.user, user => {
      signOut(user);
      directory.changeUser(user, { enabled: false });
    }),
    AdminUserGlobalSignOut: change(schemas.user, signOut),
    AdminAddUserToGroup: change(schemas.membership, (user, { GroupName }, pool) =>
      accounts.join(pool, user, GroupName),
    ),
    AdminRemoveUserFromGroup: change(schemas.membership, (user, { GroupName }, pool) =>
      accounts.leave(pool, user, GroupName),
    ),
    AdminListGroupsForUser: define(schemas.userPage, ({ Username, Limit, NextToken }, pool) => {
      const { items, next } = paged(directory.groupsOf(accounts.find(pool, Username)), Limit, NextToken);
      return { Groups: items.map(describedGroup), ...(next !== undefined && { NextToken: next }) };
    }),
    ListUsers: define(schemas.users, ({ Filter, Limit, PaginationToken }, pool) => {
      const found = directory.users(pool.id).filter(user => Filter === undefined || fits(user, Filter));
      const { items, next } = paged(found, Limit, PaginationToken);
      return { Users: items.map(described), ...(next !== undefined && { PaginationToken: next }) };
    }),
  };
}

const asRecord = (attributes: z.infer<typeof attributeList>) =>
  Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]));

/** `email = "ada@example.com"` or `name ^= "A"` @see "Searching for user attributes", Amazon Cognito Developer Guide */
function fits(user: User, filter: string): boolean {
  const [, name = '', operator, value = ''] = /^\s*([\w:.-]+)\s*(\^?=)\s*"(.*)"\s*$/.exec(filter) ?? [];
  if (!name) throw invalidParameter('Error while parsing filter.');
  const found = { ...user.attributes, sub: user.sub, username: user.username }[name] ?? '';
  return operator === '=' ? found === value : found.startsWith(value);
}
