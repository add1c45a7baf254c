import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  CreateGroupCommand,
  DeleteGroupCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  GetGroupCommand,
  ListGroupsCommand,
  ListUserPoolsCommand,
  ListUsersCommand,
  ListUsersInGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterEach, describe, expect, it } from 'vitest';
import { CALLBACK, type PoolOptions, type RunningPool, startPool } from './cognito-fixture.ts';

let running: RunningPool;
afterEach(() => running?.close());

async function start(options: PoolOptions = {}) {
  running = await startPool(options);
  const UserPoolId = running.output('PoolId');
  return { ...running, UserPoolId, ada: { UserPoolId, Username: 'ada' } };
}
const asRecord = (attributes: readonly { Name?: string; Value?: string }[] = []) =>
  Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]));

describe('a deployed user pool', () => {
  it('has its local addresses wherever they stand', async () => {
    const { output, url, UserPoolId } = await start();
    expect(UserPoolId).toMatch(/^eu-west-1_[a-z0-9]{9}$/);
    expect(output('PoolArn')).toBe(`arn:aws:cognito-idp:eu-west-1:000000000000:userpool/${UserPoolId}`);
    expect([output('Issuer'), output('IssuerBySub')]).toEqual(Array(2).fill(`${url}/_cognito/${UserPoolId}`));
    expect(output('Domain')).toBe(`${url}/_cognito/example`);
    expect(output('Policy')).toBe(`connect-src 'self' ${url}/_cognito/example; object-src 'none'`);
  });

  it('tells what it records', async () => {
    expect((await start()).recorded).toContain('AWS::Cognito::UserPool MfaConfiguration');
  });

  it('refuses a client with a secret, and a trigger that its tier does not have', async () => {
    await expect(startPool({ client: { GenerateSecret: true } })).rejects.toThrow('clients with a secret');
    const PreTokenGenerationConfig = { LambdaArn: 'arn:aws:lambda:eu-west-1:0:function:claims', LambdaVersion: 'V2_0' };
    const lite = { UserPoolTier: 'LITE', LambdaConfig: { PreTokenGenerationConfig } };
    await expect(startPool({ pool: lite })).rejects.toThrow('LITE');
  });

  it('creates the users of the template once, and puts them into their groups', async () => {
    const user = { UserPoolId: { Ref: 'Users' }, Username: 'carol@example.com' };
    const resources = {
      Carol: {
        type: 'AWS::Cognito::UserPoolUser',
        properties: { ...user, UserAttributes: [{ Name: 'email', Value: 'carol@example.com' }] },
      },
      CarolInStaff: {
        type: 'AWS::Cognito::UserPoolUserToGroupAttachment',
        properties: { ...user, Username: { Ref: 'Carol' }, GroupName: { Ref: 'Staff' } },
      },
    };
    const options = { pool: { UsernameAttributes: ['email'] }, resources };
    const first = await start(options);
    const carol = { UserPoolId: first.UserPoolId, Username: 'carol@example.com' };
    const before = await first.operator.send(new AdminGetUserCommand(carol));
    expect(before).toMatchObject({ UserStatus: 'FORCE_CHANGE_PASSWORD', Enabled: true });
    expect(before.Username).toMatch(/^[0-9a-f-]{36}$/);
    expect(first.log.lines.join()).toContain('admin-set-user-password');
    const { Groups } = await first.operator.send(new AdminListGroupsForUserCommand(carol));
    expect(Groups).toEqual([expect.objectContaining({ GroupName: 'staff', Precedence: 2 })]);

    await first.close();
    const second = await start({ ...options, database: first.database });
    expect((await second.operator.send(new AdminGetUserCommand(carol))).Username).toBe(before.Username);
    await second.close();
    const third = await start({ pool: options.pool, database: first.database });
    await expect(third.operator.send(new AdminGetUserCommand(carol))).rejects.toThrow('User does not exist.');
  });
});

describe('a user pool that leaves the template', () => {
  const users = [{ username: 'ada', password: 'made up' }];
  const keyOf = async ({ output }: RunningPool) =>
    (await fetch(`${output('Issuer')}/.well-known/jwks.json`, { signal: AbortSignal.timeout(20_000) })).text();

  it('takes its users, groups and key along', async () => {
    const first = await start({ users });
    const key = await keyOf(first);
    await first.close();
    const gone = await startPool({ database: first.database, isGone: true });
    await gone.close();
    const back = await start({ database: first.database });
    expect((await back.operator.send(new ListUsersCommand({ UserPoolId: back.UserPoolId }))).Users).toEqual([]);
    expect(await keyOf(back)).not.toBe(key);
  });

  it('stays when its deletion protection is active', async () => {
    const first = await start({ users, pool: { DeletionProtection: 'ACTIVE' } });
    await first.close();
    const gone = await startPool({ database: first.database, isGone: true });
    await gone.close();
    expect(gone.log.lines.join()).toContain('its deletion protection is active');
    const back = await start({ database: first.database });
    expect((await back.operator.send(new ListUsersCommand({ UserPoolId: back.UserPoolId }))).Users).toHaveLength(1);
  });
});

describe('an administrator', () => {
  it('creates, changes, finds and deletes users', async () => {
    const { operator, UserPoolId, ada } = await start();
    const UserAttributes = [
      { Name: 'email', Value: 'ada@example.com' },
      { Name: 'custom:badge', Value: '7' },
    ];
    const { User } = await operator.send(new AdminCreateUserCommand({ ...ada, UserAttributes }));
    expect(User).toMatchObject({ Username: 'ada', UserStatus: 'FORCE_CHANGE_PASSWORD', Enabled: true });
    await operator.send(
      new AdminUpdateUserAttributesCommand({ ...ada, UserAttributes: [{ Name: 'custom:tenant', Value: 'acme' }] }),
    );
    await operator.send(new AdminSetUserPasswordCommand({ ...ada, Password: 'long enough', Permanent: true }));
    await operator.send(new AdminDisableUserCommand(ada));

    const found = await operator.send(new AdminGetUserCommand({ ...ada, Username: 'ADA' }));
    expect(found).toMatchObject({ UserStatus: 'CONFIRMED', Enabled: false });
    expect(found.UserCreateDate).toBeInstanceOf(Date);
    expect(asRecord(found.UserAttributes)).toEqual({
      ...{ sub: asRecord(User?.Attributes).sub, email: 'ada@example.com' },
      ...{ 'custom:badge': '7', 'custom:tenant': 'acme' },
    });
    await operator.send(new AdminEnableUserCommand(ada));
    expect(await operator.send(new AdminGetUserCommand(ada))).toMatchObject({ Enabled: true });

    await operator.send(new AdminDeleteUserCommand(ada));
    await expect(operator.send(new AdminGetUserCommand(ada))).rejects.toMatchObject({ name: 'UserNotFoundException' });
    expect((await operator.send(new ListUsersCommand({ UserPoolId }))).Users).toEqual([]);
  });

  it('lists users page by page, and by what they have', async () => {
    const { operator, UserPoolId } = await start();
    for (const Username of ['ada', 'ben', 'eve']) {
      const UserAttributes = [{ Name: 'email', Value: `${Username}@example.com` }];
      await operator.send(new AdminCreateUserCommand({ UserPoolId, Username, UserAttributes }));
    }
    const first = await operator.send(new ListUsersCommand({ UserPoolId, Limit: 2 }));
    const { PaginationToken } = first;
    const second = await operator.send(new ListUsersCommand({ UserPoolId, Limit: 2, PaginationToken }));
    const names = [first, second].map(({ Users }) => Users?.map(({ Username }) => Username));
    expect([names, second.PaginationToken]).toEqual([[['ada', 'ben'], ['eve']], undefined]);

    const Filter = 'email = "ben@example.com"';
    const filtered = await operator.send(new ListUsersCommand({ UserPoolId, Filter }));
    expect(filtered.Users?.map(({ Username }) => Username)).toEqual(['ben']);
    const begins = await operator.send(new ListUsersCommand({ UserPoolId, Filter: 'email ^= "e"' }));
    expect(begins.Users?.map(({ Username }) => Username)).toEqual(['eve']);
  });

  it('puts users into groups that are there', async () => {
    const { operator, UserPoolId, ada } = await start();
    await operator.send(new AdminCreateUserCommand(ada));
    const groups = async () => (await operator.send(new AdminListGroupsForUserCommand(ada))).Groups ?? [];
    await operator.send(new AdminAddUserToGroupCommand({ ...ada, GroupName: 'staff' }));
    expect((await groups()).map(({ GroupName }) => GroupName)).toEqual(['staff']);
    await operator.send(new AdminRemoveUserFromGroupCommand({ ...ada, GroupName: 'staff' }));
    expect(await groups()).toEqual([]);
    const absent = operator.send(new AdminAddUserToGroupCommand({ ...ada, GroupName: 'board' }));
    await expect(absent).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const { Groups = [] } = await operator.send(new ListGroupsCommand({ UserPoolId }));
    expect(Groups.map(({ GroupName }) => GroupName)).toEqual(['staff']);
  });

  it('makes and deletes groups', async () => {
    const { operator, UserPoolId, ada } = await start();
    const board = { UserPoolId, GroupName: 'board' };
    await operator.send(new CreateGroupCommand({ ...board, Description: 'Minutes', Precedence: 1 }));
    const { Group } = await operator.send(new GetGroupCommand(board));
    expect(Group).toMatchObject({ GroupName: 'board', Description: 'Minutes', Precedence: 1 });
    const again = operator.send(new CreateGroupCommand(board));
    await expect(again).rejects.toMatchObject({ name: 'GroupExistsException' });

    await operator.send(new AdminCreateUserCommand(ada));
    await operator.send(new AdminCreateUserCommand({ ...ada, Username: 'ben' }));
    for (const GroupName of ['staff', 'board']) {
      await operator.send(new AdminAddUserToGroupCommand({ ...ada, GroupName }));
    }
    const members = (await operator.send(new ListUsersInGroupCommand(board))).Users ?? [];
    expect(members.map(({ Username }) => Username)).toEqual(['ada']);
    const ofAda = async () => (await operator.send(new AdminListGroupsForUserCommand(ada))).Groups ?? [];
    expect((await ofAda()).map(({ GroupName }) => GroupName)).toEqual(['board', 'staff']);
    await operator.send(new DeleteGroupCommand(board));
    expect((await ofAda()).map(({ GroupName }) => GroupName)).toEqual(['staff']);
    await expect(operator.send(new GetGroupCommand(board))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('is refused what the pool does not allow, by the names that clients know', async () => {
    const { operator, UserPoolId, ada } = await start();
    await operator.send(new AdminCreateUserCommand(ada));
    const refusals: [Promise<unknown>, string][] = [
      [operator.send(new AdminCreateUserCommand({ ...ada, Username: 'Ada' })), 'UsernameExistsException'],
      [operator.send(new AdminSetUserPasswordCommand({ ...ada, Password: 'short' })), 'InvalidPasswordException'],
      [operator.send(new AdminGetUserCommand({ ...ada, Username: 'eve' })), 'UserNotFoundException'],
      [operator.send(new ListUsersCommand({ UserPoolId: 'eu-west-1_other' })), 'ResourceNotFoundException'],
      [operator.send(new ListUserPoolsCommand({ MaxResults: 1 })), 'UnknownOperationException'],
      [operator.send(new ListUsersCommand({ UserPoolId, Limit: 61 })), 'InvalidParameterException'],
      [operator.send(new ListUsersCommand({ UserPoolId, Filter: 'nonsense' })), 'InvalidParameterException'],
    ];
    for (const [call, name] of refusals) await expect(call).rejects.toMatchObject({ name });
    for (const Name of ['custom:other', 'custom:badge', 'nonsense']) {
      const UserAttributes = [{ Name, Value: 'x' }];
      const update = operator.send(new AdminUpdateUserAttributesCommand({ ...ada, UserAttributes }));
      await expect(update).rejects.toMatchObject({ name: 'InvalidParameterException' });
    }
  });

  it('names users by e-mail where the pool does', async () => {
    const { operator, UserPoolId } = await start({ pool: { UsernameAttributes: ['email'] } });
    const bad = operator.send(new AdminCreateUserCommand({ UserPoolId, Username: 'ada' }));
    await expect(bad).rejects.toMatchObject({ name: 'InvalidParameterException' });
    const Username = 'ada@example.com';
    const { User } = await operator.send(new AdminCreateUserCommand({ UserPoolId, Username }));
    expect(asRecord(User?.Attributes)).toMatchObject({ email: Username });
    const found = await operator.send(new AdminGetUserCommand({ UserPoolId, Username: 'Ada@Example.com' }));
    expect(found.Username).toBe(User?.Username);
  });

  it('reads what the pool and its client are', async () => {
    const { operator, UserPoolId, output } = await start();
    const { UserPool } = await operator.send(new DescribeUserPoolCommand({ UserPoolId }));
    expect(UserPool).toMatchObject({ Id: UserPoolId, Domain: 'example', EstimatedNumberOfUsers: 0 });
    const ClientId = output('ClientId');
    const { UserPoolClient } = await operator.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }));
    expect(UserPoolClient).toMatchObject({
      CallbackURLs: [CALLBACK],
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
    });
  });
});

describe('a function', () => {
  it('manages users only as far as its role says', async () => {
    const { functionClient, output, ada } = await start();
    const Resource = output('PoolArn');
    const client = functionClient({ Effect: 'Allow', Action: 'cognito-idp:AdminCreateUser', Resource });
    expect((await client.send(new AdminCreateUserCommand(ada))).User?.Username).toBe('ada');
    await expect(client.send(new AdminDeleteUserCommand(ada))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`keeper-function may not cognito-idp:AdminDeleteUser on ${Resource}`),
    });
  });
});

describe('made-up users', () => {
  const tessa = {
    ...{ username: 'tessa', password: 'tessa', name: 'Tessa', email: 'tessa@acme.example' },
    ...{ groups: ['staff', 'board'], attributes: { 'custom:tenant': 'acme' } },
  };

  it('are in the pool with their groups, whatever the pool asks of a password', async () => {
    const { operator, UserPoolId } = await start({ users: [tessa] });
    const user = { UserPoolId, Username: 'tessa' };
    const found = await operator.send(new AdminGetUserCommand(user));
    expect(found.UserStatus).toBe('CONFIRMED');
    expect(asRecord(found.UserAttributes)).toMatchObject({ name: 'Tessa', 'custom:tenant': 'acme' });
    const { Groups } = await operator.send(new AdminListGroupsForUserCommand(user));
    expect(Groups?.map(({ GroupName }) => GroupName)).toEqual(['staff', 'board']);
  });

  it('stay who they are after a restart', async () => {
    const first = await start({ users: [tessa] });
    const user = { UserPoolId: first.UserPoolId, Username: 'tessa' };
    const before = await first.operator.send(new AdminGetUserCommand(user));
    await first.close();
    const second = await start({ users: [tessa], database: first.database });
    const after = await second.operator.send(new AdminGetUserCommand(user));
    expect(asRecord(after.UserAttributes).sub).toBe(asRecord(before.UserAttributes).sub);
  });
});
