import { z } from 'zod';
import { CognitoError, type User } from './model.ts';
import {
  type AdministrationOptions,
  described,
  describedGroup,
  inPool,
  type Operation,
  operationOf,
  page,
  paged,
} from './operation.ts';
import type { Pool } from './pools.ts';

const ofGroup = { ...inPool, GroupName: z.string().min(1).max(128) };
const schemas = {
  pool: z.object(inPool),
  client: z.object({ ...inPool, ClientId: z.string() }),
  page: z.object({ ...inPool, ...page }),
  group: z.object(ofGroup),
  newGroup: z.object({
    ...{ ...ofGroup, Description: z.string().optional() },
    Precedence: z.number().int().min(0).optional(),
  }),
  groupPage: z.object({ ...ofGroup, ...page }),
};

/** What administrators do with groups. */
export function groupOperations(options: AdministrationOptions): Record<string, Operation> {
  const { directory } = options;
  const groupNamed = ({ id }: Pool, name: string) => directory.groups(id).find(group => group.name === name);
  const existingGroup = (pool: Pool, name: string) => {
    const group = groupNamed(pool, name);
    if (!group) throw new CognitoError('ResourceNotFoundException', 'Group not found.');
    return group;
  };
  return {
    CreateGroup: operationOf(options, schemas.newGroup, ({ GroupName: name, Description, Precedence }, pool) => {
      if (groupNamed(pool, name)) {
        throw new CognitoError('GroupExistsException', 'A group with the name already exists.');
      }
      directory.putGroup({
        ...{ poolId: pool.id, name },
        ...(Description !== undefined && { description: Description }),
        ...(Precedence !== undefined && { precedence: Precedence }),
      });
      return { Group: describedGroup(existingGroup(pool, name)) };
    }),
    GetGroup: operationOf(options, schemas.group, ({ GroupName }, pool) => ({
      Group: describedGroup(existingGroup(pool, GroupName)),
    })),
    DeleteGroup: operationOf(options, schemas.group, ({ GroupName }, pool) => {
      directory.removeGroup(pool.id, existingGroup(pool, GroupName).name);
      return {};
    }),
    ListUsersInGroup: operationOf(options, schemas.groupPage, ({ GroupName, Limit, NextToken }, pool) => {
      const { name } = existingGroup(pool, GroupName);
      const isIn = (user: User) => directory.groupsOf(user).some(group => group.name === name);
      const { items, next } = paged(directory.users(pool.id).filter(isIn), Limit, NextToken);
      return { Users: items.map(described), ...(next !== undefined && { NextToken: next }) };
    }),
    ListGroups: operationOf(options, schemas.page, ({ Limit, NextToken }, pool) => {
      const { items, next } = paged(directory.groups(pool.id), Limit, NextToken);
      return { Groups: items.map(describedGroup), ...(next !== undefined && { NextToken: next }) };
    }),
  };
}

/** What a pool and its clients are. */
export function poolOperations(options: AdministrationOptions): Record<string, Operation> {
  const { directory, pools } = options;
  return {
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
