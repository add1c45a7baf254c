import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminUserGlobalSignOutCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { askTokens, type TokenSet, tokensOf } from './cognito-browser.ts';
import { type PoolOptions, type RunningPool, startPool } from './cognito-fixture.ts';

const ada = {
  ...{ username: 'ada', password: 'made up', name: 'Ada', email: 'ada@example.com' },
  ...{ groups: ['staff'], attributes: { 'custom:tenant': 'acme' } },
};
const ADA = { username: 'ada', password: 'made up' };
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let running: RunningPool;
afterEach(() => running?.close());
async function start(options: PoolOptions = {}) {
  running = await startPool({ users: [ada], ...options });
  return running;
}
/** Verified as a client of the pool verifies them: by what the issuer publishes. */
const verified = (pool: RunningPool, token: string, now?: number) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${pool.output('Issuer')}/.well-known/jwks.json`)), {
    ...{ issuer: pool.output('Issuer'), algorithms: ['RS256'] },
    ...(now !== undefined && { currentDate: new Date(now) }),
  });
const refresh = (pool: RunningPool, { refresh_token }: Pick<TokenSet, 'refresh_token'>) =>
  askTokens(pool, { grant_type: 'refresh_token', refresh_token });
const userInfo = async (pool: RunningPool, token: string) => {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${pool.output('Domain')}/oauth2/userInfo`, {
    headers,
    signal: AbortSignal.timeout(20_000),
  });
  const body = (await response.json()) as Record<string, string>;
  return { status: response.status, body, headers: response.headers };
};
const post = (pool: RunningPool, path: string, fields: Record<string, string>) =>
  fetch(`${pool.output('Domain')}${path}`, {
    ...{ method: 'POST', body: new URLSearchParams(fields), signal: AbortSignal.timeout(20_000) },
  });

describe('tokens', () => {
  it('say who signed in to what, as Cognito’s do', async () => {
    const pool = await start();
    const tokens = await tokensOf(pool, ADA);
    const { payload: access } = await verified(pool, tokens.access_token);
    expect(access).toEqual({
      ...{ sub: expect.stringMatching(/^[0-9a-f-]{36}$/), 'cognito:groups': ['staff'], iss: pool.output('Issuer') },
      ...{
        version: 2,
        client_id: pool.output('ClientId'),
        token_use: 'access',
        scope: 'openid email',
        username: 'ada',
      },
      ...{ origin_jti: expect.any(String), event_id: expect.any(String), jti: expect.any(String) },
      ...{ auth_time: expect.any(Number), iat: expect.any(Number), exp: Number(access.iat) + 3600 },
    });
    const { payload: id } = await verified(pool, tokens.id_token);
    expect(id).toMatchObject({
      ...{ sub: access.sub, aud: pool.output('ClientId'), token_use: 'id', 'cognito:username': 'ada', name: 'Ada' },
      ...{ email: 'ada@example.com', email_verified: true, 'custom:tenant': 'acme', 'cognito:groups': ['staff'] },
      ...{ at_hash: expect.stringMatching(/^[\w-]{22}$/), origin_jti: access.origin_jti },
    });
  });

  it('come with what the client needs, and for pages of other origins', async () => {
    const pool = await start();
    const { refresh_token } = await tokensOf(pool, ADA);
    const { status, headers, body } = await refresh(pool, { refresh_token });
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('hold only what the client may read', async () => {
    const pool = await start({ client: { ReadAttributes: ['email'] } });
    const id = decodeJwt((await tokensOf(pool, ADA)).id_token);
    expect([id.email, id.name, id['custom:tenant']]).toEqual(['ada@example.com', undefined, undefined]);
  });

  it('are verified with a key that survives a restart, as users and sign-ins do', async () => {
    const first = await start();
    const tokens = await tokensOf(first, ADA);
    await first.close();
    const second = await start({ database: first.database, port: first.port });
    expect((await verified(second, tokens.access_token)).payload.username).toBe('ada');
    expect((await userInfo(second, tokens.access_token)).status).toBe(200);
    expect((await refresh(second, tokens)).status).toBe(200);
  });

  it('expire', async () => {
    let now = Date.now();
    const pool = await start({ now: () => now });
    const { access_token } = await tokensOf(pool, ADA);
    now += 60 * MINUTE - 1000;
    expect((await userInfo(pool, access_token)).status).toBe(200);
    now += 2000;
    const { status, body, headers } = await userInfo(pool, access_token);
    expect([status, body.error]).toEqual([401, 'invalid_token']);
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
    await expect(verified(pool, access_token, now)).rejects.toThrow('"exp" claim timestamp check failed');
  });
});

describe('what the issuer publishes', () => {
  it('leads to its endpoints and its key, the public part alone', async () => {
    const pool = await start();
    const read = async (path: string) =>
      JSON.parse(await (await fetch(pool.output('Issuer') + path, { signal: AbortSignal.timeout(20_000) })).text());
    const metadata = await read('/.well-known/openid-configuration');
    expect(metadata).toMatchObject({
      issuer: pool.output('Issuer'),
      jwks_uri: `${pool.output('Issuer')}/.well-known/jwks.json`,
      authorization_endpoint: `${pool.output('Domain')}/oauth2/authorize`,
      token_endpoint: `${pool.output('Domain')}/oauth2/token`,
      end_session_endpoint: `${pool.output('Domain')}/logout`,
    });
    const { keys } = await read('/.well-known/jwks.json');
    expect(keys.map((key: object) => Object.keys(key).sort())).toEqual([['alg', 'e', 'kid', 'kty', 'n', 'use']]);
    expect(await read('/nothing')).toMatchObject({ message: expect.stringContaining('/nothing') });
  });
});

describe('a refresh token', () => {
  it('gives new tokens of the same sign-in, and its successor', async () => {
    let now = Date.now();
    const pool = await start({ now: () => now });
    const first = await tokensOf(pool, ADA);
    now += 30 * MINUTE;
    const { body: second } = await refresh(pool, first);
    const [before, after] = [first, second].map(({ access_token }) => decodeJwt(access_token));
    expect(after).toMatchObject({ sub: before?.sub, origin_jti: before?.origin_jti, auth_time: before?.auth_time });
    expect(after?.iat).toBe(Number(before?.iat) + 30 * 60);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await refresh(pool, second)).status).toBe(200);
  });

  it('may be tried again for the grace period, and is refused after it', async () => {
    let now = Date.now();
    const pool = await start({ now: () => now });
    const first = await tokensOf(pool, ADA);
    await refresh(pool, first);
    now += 9_999;
    expect((await refresh(pool, first)).status).toBe(200);
    now += 1;
    const { status, body } = await refresh(pool, first);
    expect([status, body]).toEqual([400, { error: 'invalid_grant' }]);
  });

  it('lasts as long as the client says, however often it is exchanged', async () => {
    let now = Date.now();
    const pool = await start({ now: () => now });
    const first = await tokensOf(pool, ADA);
    now += 29 * DAY;
    const { body: second } = await refresh(pool, first);
    now += DAY;
    expect((await refresh(pool, second)).body).toEqual({ error: 'invalid_grant' });
  });

  it('stays the same without rotation', async () => {
    const pool = await start({ client: { RefreshTokenRotation: { Feature: 'DISABLED' } } });
    const tokens = await tokensOf(pool, ADA);
    expect((await refresh(pool, tokens)).body).not.toHaveProperty('refresh_token');
    expect((await refresh(pool, tokens)).status).toBe(200);
  });

  it('is of no use to another client', async () => {
    const pool = await start({
      resources: {
        Other: {
          type: 'AWS::Cognito::UserPoolClient',
          properties: {
            ...{ UserPoolId: { Ref: 'Users' }, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'] },
            ...{ AllowedOAuthScopes: ['openid'], CallbackURLs: ['http://localhost/'], ClientName: 'Other' },
          },
        },
      },
    });
    const { refresh_token } = await tokensOf(pool, ADA);
    const other = pool.cognito.pools.clients(pool.output('PoolId')).find(({ name }) => name === 'Other');
    const client_id = other?.id ?? '';
    const { body } = await askTokens(pool, { grant_type: 'refresh_token', refresh_token, client_id });
    expect(body).toEqual({ error: 'invalid_grant' });
    await post(pool, '/oauth2/revoke', { token: refresh_token, client_id });
    expect((await refresh(pool, { refresh_token })).status).toBe(200);
  });

  it('is revoked with everything that came of it', async () => {
    const pool = await start();
    const tokens = await tokensOf(pool, ADA);
    const client_id = pool.output('ClientId');
    const wrong = await post(pool, '/oauth2/revoke', { token: tokens.access_token, client_id });
    expect([wrong.status, await wrong.json()]).toEqual([400, { error: 'unsupported_token_type' }]);
    const { status } = await post(pool, '/oauth2/revoke', { token: tokens.refresh_token, client_id });
    expect(status).toBe(200);
    expect((await refresh(pool, tokens)).body).toEqual({ error: 'invalid_grant' });
    expect((await userInfo(pool, tokens.access_token)).status).toBe(401);
  });

  it('ends with a global sign-out, and with the user', async () => {
    const pool = await start();
    const user = { UserPoolId: pool.output('PoolId'), Username: 'ada' };
    const first = await tokensOf(pool, ADA);
    await pool.operator.send(new AdminUserGlobalSignOutCommand(user));
    expect((await refresh(pool, first)).body).toEqual({ error: 'invalid_grant' });
    const second = await tokensOf(pool, ADA);
    await pool.operator.send(new AdminDeleteUserCommand(user));
    expect((await refresh(pool, second)).body).toEqual({ error: 'invalid_grant' });
  });

  it('gives tokens with the groups of now', async () => {
    const pool = await start({ users: [{ ...ada, groups: [] }] });
    const tokens = await tokensOf(pool, ADA);
    expect(decodeJwt(tokens.access_token)).not.toHaveProperty('cognito:groups');
    const member = { UserPoolId: pool.output('PoolId'), Username: 'ada', GroupName: 'staff' };
    await pool.operator.send(new AdminAddUserToGroupCommand(member));
    const { body } = await refresh(pool, tokens);
    expect(decodeJwt(body.access_token)['cognito:groups']).toEqual(['staff']);
  });
});

describe('who has signed in', () => {
  it('is told to a client with the scope openid', async () => {
    const pool = await start();
    const { access_token } = await tokensOf(pool, ADA);
    const { status, body } = await userInfo(pool, access_token);
    expect(status).toBe(200);
    expect(body).toMatchObject({ sub: decodeJwt(access_token).sub, username: 'ada', email: 'ada@example.com' });
    expect(body.email_verified).toBe('true');
  });

  it('is not told for a token that was changed, nor for an ID token', async () => {
    const pool = await start();
    const { access_token, id_token } = await tokensOf(pool, ADA);
    const [header, , signature] = access_token.split('.');
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(access_token), username: 'eve' })).toString('base64url');
    for (const token of [`${header}.${claims}.${signature}`, id_token, '', 'x']) {
      expect((await userInfo(pool, token)).status).toBe(401);
    }
  });
});

describe('the function that is asked before tokens are made', () => {
  const LambdaArn = 'arn:aws:lambda:eu-west-1:000000000000:function:claims';
  const pool = { LambdaConfig: { PreTokenGenerationConfig: { LambdaArn, LambdaVersion: 'V2_0' } } };
  const answering = (claimsAndScopeOverrideDetails: unknown) => async () => {
    const response = { claimsAndScopeOverrideDetails };
    return { ok: true, payload: Buffer.from(JSON.stringify({ response })) } as const;
  };

  it('is told who signs in, by the pool', async () => {
    const asked: unknown[] = [];
    const started = await start({
      pool,
      async trigger(name, event, caller) {
        asked.push([name, event, caller]);
        return { ok: true, payload: Buffer.from(JSON.stringify(event)) };
      },
    });
    const tokens = await tokensOf(started, ADA);
    await refresh(started, tokens);
    const { sub } = decodeJwt(tokens.access_token);
    const event = {
      ...{ version: '2', triggerSource: 'TokenGeneration_HostedAuth', region: 'eu-west-1', userName: 'ada' },
      ...{ userPoolId: started.output('PoolId') },
      callerContext: { awsSdkVersion: expect.any(String), clientId: started.output('ClientId') },
      request: {
        userAttributes: {
          ...{ sub, 'cognito:user_status': 'CONFIRMED', name: 'Ada', email: 'ada@example.com', email_verified: 'true' },
          'custom:tenant': 'acme',
        },
        groupConfiguration: { groupsToOverride: ['staff'], iamRolesToOverride: [], preferredRole: null },
        scopes: ['openid', 'email'],
      },
      response: { claimsAndScopeOverrideDetails: null },
    };
    const caller = { kind: 'service', principal: 'cognito-idp.amazonaws.com', sourceArn: started.output('PoolArn') };
    const again = { ...event, triggerSource: 'TokenGeneration_RefreshTokens' };
    expect(asked).toEqual([
      ['claims', event, caller],
      ['claims', again, caller],
    ]);
  });

  it('adds and takes away claims, scopes and groups', async () => {
    const trigger = answering({
      accessTokenGeneration: {
        claimsToAddOrOverride: { 'app:tenant': 'acme', 'app:groups': ['a', 'b'] },
        claimsToSuppress: ['nothing'],
        scopesToAdd: ['app/read'],
        scopesToSuppress: ['email'],
      },
      idTokenGeneration: { claimsToAddOrOverride: { name: 'A.' }, claimsToSuppress: ['email'] },
      groupOverrideDetails: { groupsToOverride: ['readers'] },
    });
    const { access_token, id_token } = await tokensOf(await start({ pool, trigger }), ADA);
    expect(decodeJwt(access_token)).toMatchObject({
      ...{ 'app:tenant': 'acme', 'app:groups': ['a', 'b'], scope: 'openid app/read', 'cognito:groups': ['readers'] },
    });
    expect(decodeJwt(id_token)).toMatchObject({ name: 'A.', 'cognito:groups': ['readers'] });
    expect(decodeJwt(id_token)).not.toHaveProperty('email');
    expect(decodeJwt(id_token)).not.toHaveProperty('app:tenant');
  });

  it('cannot change who the token is for, nor how long', async () => {
    const claims = { sub: 'eve', exp: 9e9, iss: 'x', token_use: 'id', client_id: 'x', 'cognito:groups': ['x'] };
    const changes = { claimsToAddOrOverride: claims, claimsToSuppress: ['exp', 'sub'] };
    const started = await start({ pool, trigger: answering({ accessTokenGeneration: changes }) });
    const { access_token } = await tokensOf(started, ADA);
    const { payload } = await verified(started, access_token);
    expect(payload).toMatchObject({
      token_use: 'access',
      client_id: started.output('ClientId'),
      'cognito:groups': ['staff'],
    });
    expect(payload.sub).not.toBe('eve');
    expect(payload.exp).toBe(Number(payload.iat) + 3600);
  });

  it.each([
    ['fails', async () => ({ ok: false, type: 'Error', message: 'no such tenant' }) as const, 'no such tenant'],
    [
      'may not be invoked',
      async () => {
        throw new Error('no statement allows it');
      },
      'PreTokenGeneration invocation failed due to error no statement allows it',
    ],
    ['answers nonsense', answering({ accessTokenGeneration: 7 }), 'Invalid lambda function output'],
  ])('stops the sign-in when it %s', async (_, trigger, description) => {
    const body = await tokensOf(await start({ pool, trigger }), ADA);
    expect(body.error).toBe('invalid_grant');
    expect(body.error_description).toContain(description);
    expect(running.log.lines.join()).toContain(description);
  });
});
