/** What the operations of the JSON API have in common. */
import { z } from 'zod';
import type { Caller, Iam } from '../contracts.ts';
import type { Accounts } from './accounts.ts';
import type { Directory, Group } from './directory.ts';
import { invalidParameter, type User } from './model.ts';
import { type Pool, type Pools, poolNotFound } from './pools.ts';

export interface AdministrationOptions {
  readonly iam: Pick<Iam, 'authorize'>;
  readonly pools: Pools;
  readonly directory: Directory;
  readonly accounts: Accounts;
  /** Ends every sign-in of a user. */
  readonly signOut: (user: User) => void;
}

export interface Call {
  readonly name: string;
  readonly input: unknown;
  readonly caller: Caller;
}
export type Operation = (call: Call) => unknown;

/** What every operation, and every list, is given. */
export const inPool = { UserPoolId: z.string().min(1) };
export const page = { Limit: z.number().int().min(1).max(60).default(60), NextToken: z.string().optional() };

export type Handle<T> = (input: T, pool: Pool) => unknown;

/** Parses the input and asks IAM, before anything else is looked at. */
export function operationOf<T extends { UserPoolId: string }>(
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

export function described({ username, sub, attributes, status, enabled, createdAt, changedAt }: User) {
  return {
    Username: username,
    Attributes: Object.entries({ sub, ...attributes }).map(([Name, Value]) => ({ Name, Value })),
    ...{ UserCreateDate: createdAt / 1000, UserLastModifiedDate: changedAt / 1000 },
    ...{ Enabled: enabled, UserStatus: status },
  };
}

export const describedGroup = ({ poolId, name, description, precedence, createdAt }: Group) => ({
  ...{ UserPoolId: poolId, GroupName: name, CreationDate: createdAt / 1000, LastModifiedDate: createdAt / 1000 },
  ...{ Description: description, Precedence: precedence },
});

/** @param token how many came before, as the page before gave it */
export function paged<T>(items: readonly T[], limit: number, token = '0'): { items: readonly T[]; next?: string } {
  if (!/^\d+$/.test(token)) throw invalidParameter('Invalid pagination token.');
  const end = Number(token) + limit;
  return { items: items.slice(Number(token), end), ...(end < items.length && { next: String(end) }) };
}
