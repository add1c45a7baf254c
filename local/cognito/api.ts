/** The JSON API of Amazon Cognito user pools (`cognito-idp`), as far as administrators manage users with it. */
import { z } from 'zod';
import { AccessDenied, type Caller, type Exchange, type Iam } from '../contracts.ts';
import { JSON_1_1, jsonError, jsonReply } from '../wire.ts';
import type { Accounts } from './accounts.ts';
import type { Directory, Group } from './directory.ts';
import { CognitoError, invalidParameter, type User } from './model.ts';
import { type Pool, type Pools, poolNotFound } from './pools.ts';

export interface AdministrationOptions {
  readonly iam: Pick<Iam, 'authorize'>;
  readonly pools: Pools;
  readonly directory: Directory;
  readonly accounts: Accounts;
  /** Ends every sign-in of a user. */
  readonly signOut: (user: User) => void;
}

interface Call {
  readonly name: string;
  readonly input: unknown;
  readonly caller: Caller;
}
type Operation = (call: Call) => unknown;

const attributeList = z.array(z.object({ Name: z.string(), Value: z.string().default('') })).default([]);
const inPool = { UserPoolId: z.string().min(1) };
const ofUser = { ...inPool, Username: z.string().min(1) };
const inGroup = { ...ofUser, GroupName: z.string().min(1) };
const page = { Limit: z.number().int().min(1).max(60).default(60), NextToken: z.string().optional() };

const schemas = {
  pool: z.object(inPool),
  client: z.object({ ...inPool, ClientId: z.string() }),
  user: z.object(ofUser),
  membership: z.object(inGroup),
  create: z.object({
    ...{ ...ofUser, UserAttributes: attributeList, TemporaryPassword: z.string().optional() },
    MessageAction: z.enum(['RESEND', 'SUPPRESS']).optional(),
  }),
  password: z.object({ ...ofUser, Password: z.string().min(1), Permanent: z.boolean().default(false) }),
  attributes: z.object({ ...ofUser, UserAttributes: attributeList }),
  page: z.object({ ...inPool, ...page }),
  userPage: z.object({ ...ofUser, ...page }),
  users: z.object({ ...inPool, ...page, PaginationToken: z.string().optional(), Filter: z.string().optional() }),
};

export function createAdministration(options: AdministrationOptions): (exchange: Exchange) => Promise<void> {
  const operations = { ...userOperations(options), ...poolOperations(options) };
  return exchange => serve(exchange, operations);
}

type Handle<T> = (input: T, pool: Pool) => unknown;

/** Parses the input and asks IAM, before anything else is looked at. */
function operationOf<T extends { UserPoolId: string }>(
  { iam, pools }: AdministrationOptions,
  schema: z.ZodType<T>,
  handle: Handle<T>,
): Operation {
  return ({ name, input, caller }) => {
    const parsed = schema.safeParse(input);
    if (!parsed.success) {
      const faults = parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`);
      throw invalidParameter(`${faults.length} validation error(s) detected: ${faults.join('; ')}`);
    }
    const { UserPoolId } = parsed.data;
    iam.authorize(caller, `cognito-idp:${name}`, pools.arnOf(UserPoolId));
    const pool = pools.find(UserPoolId);
    if (!pool) throw poolNotFound(UserPoolId);
    return handle(parsed.data, pool);
  };
}

function userOperations(options: AdministrationOptions): Record<string, Operation> {
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

function poolOperations(options: AdministrationOptions): Record<string, Operation> {
  const { directory, pools } = options;
  return {
    ListGroups: operationOf(options, schemas.page, ({ Limit, NextToken }, pool) => {
      const { items, next } = paged(directory.groups(pool.id), Limit, NextToken);
      return { Groups: items.map(describedGroup), ...(next !== undefined && { NextToken: next }) };
    }),
    DescribeUserPool: operationOf(options, schemas.pool, (_, pool) => ({
      UserPool: {
        ...{ Id: pool.id, Name: pool.name, Arn: pool.arn, EstimatedNumberOfUsers: directory.users(pool.id).length },
        ...(pools.domainOf(pool.id) !== undefined && { Domain: pools.domainOf(pool.id) }),
      },
    })),
    DescribeUserPoolClient: operationOf(options, schemas.client, ({ ClientId }, pool) => {
      const client = pools.client(pool.id, ClientId);
      if (!client) throw new CognitoError('ResourceNotFoundException', `User pool client ${ClientId} does not exist.`);
      return {
        UserPoolClient: {
          ...{ UserPoolId: pool.id, ClientId: client.id, ClientName: client.name },
          ...{ CallbackURLs: client.callbackUrls, LogoutURLs: client.logoutUrls, AllowedOAuthScopes: client.scopes },
          ...{ AllowedOAuthFlowsUserPoolClient: client.scopes.length > 0, EnableTokenRevocation: client.revocable },
        },
      };
    }),
  };
}

async function serve(exchange: Exchange, operations: Readonly<Record<string, Operation>>): Promise<void> {
  const { response, headers, caller } = exchange;
  const name = String(headers['x-amz-target'] ?? '').replace(/^AWSCognitoIdentityProviderService\./, '');
  const fail = (type: string, message: string) => jsonError(response, 400, type, message, { contentType: JSON_1_1 });
  try {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) {
      const known = Object.keys(operations).join(', ');
      throw new CognitoError('UnknownOperationException', `The local Cognito has ${known}, not ${name}.`);
    }
    jsonReply(response, await operation({ name, input: parseJson(await exchange.body()), caller }), JSON_1_1);
  } catch (error) {
    if (error instanceof AccessDenied) fail('AccessDeniedException', error.message);
    else if (error instanceof CognitoError) fail(error.type, error.message);
    else throw error;
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch (error) {
    if (error instanceof SyntaxError) throw new CognitoError('SerializationException', 'The request body is no JSON.');
    throw error;
  }
}

const asRecord = (attributes: z.infer<typeof attributeList>) =>
  Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]));

function described({ username, sub, attributes, status, enabled, createdAt, changedAt }: User) {
  return {
    Username: username,
    Attributes: Object.entries({ sub, ...attributes }).map(([Name, Value]) => ({ Name, Value })),
    ...{ UserCreateDate: createdAt / 1000, UserLastModifiedDate: changedAt / 1000 },
    ...{ Enabled: enabled, UserStatus: status },
  };
}

const describedGroup = ({ poolId, name, description, precedence, createdAt }: Group) => ({
  ...{ UserPoolId: poolId, GroupName: name, CreationDate: createdAt / 1000, LastModifiedDate: createdAt / 1000 },
  ...{ Description: description, Precedence: precedence },
});

/** @param token how many came before, as the page before gave it */
function paged<T>(items: readonly T[], limit: number, token = '0'): { items: readonly T[]; next?: string } {
  if (!/^\d+$/.test(token)) throw invalidParameter('Invalid pagination token.');
  const end = Number(token) + limit;
  return { items: items.slice(Number(token), end), ...(end < items.length && { next: String(end) }) };
}

/** `email = "ada@example.com"` or `name ^= "A"` @see "Searching for user attributes", Amazon Cognito Developer Guide */
function fits(user: User, filter: string): boolean {
  const [, name = '', operator, value = ''] = /^\s*([\w:.-]+)\s*(\^?=)\s*"(.*)"\s*$/.exec(filter) ?? [];
  if (!name) throw invalidParameter('Error while parsing filter.');
  const found = { ...user.attributes, sub: user.sub, username: user.username }[name] ?? '';
  return operator === '=' ? found === value : found.startsWith(value);
}
