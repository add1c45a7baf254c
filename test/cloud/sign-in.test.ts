/** People who sign in: on the pool's page, by the command line's own code, with what they may do then. */
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeIn,
  type LoginServer,
  loginAddress,
  makePkce,
  refreshTokens,
  revokeToken,
  tokensOfCode,
} from '../../cli/login/oauth.ts';
import { Browser, tokensOf } from '../local/cognito-browser.ts';
import { type Stack, startStack } from './support/stack.ts';

const REDIRECT = 'http://localhost:8976/callback';
const PASSWORD = 'Once-and-for-all-1';

let stack: Stack;
let server: LoginServer;
beforeAll(async () => {
  stack = await startStack();
  server = { domain: outputOf('UserPoolDomain'), clientId: outputOf('CliClientId') };
  await addUser('ada', { groups: ['administrators', 'leadership'] });
  await addUser('ben', { groups: ['staff'] });
  await addUser('tessa', { groups: ['contributors'], tenant: 'acme' });
});
afterAll(() => stack?.close());

function outputOf(name: string): string {
  const value = stack.cloud.outputs[name];
  if (value === undefined) throw new Error(`The stack has no output ${name}.`);
  return value;
}

async function addUser(name: string, { groups, tenant }: { groups: readonly string[]; tenant?: string }) {
  const { url: endpoint, region } = stack.endpoint;
  const cognito = new CognitoIdentityProviderClient({
    ...{ endpoint, region, credentials: { accessKeyId: 'me', secretAccessKey: 'me' } },
  });
  const user = { UserPoolId: outputOf('UserPoolId'), Username: `${name}@example.com` };
  const UserAttributes = [
    { Name: 'name', Value: name },
    ...(tenant === undefined ? [] : [{ Name: 'custom:tenant', Value: tenant }]),
  ];
  await cognito.send(new AdminCreateUserCommand({ ...user, UserAttributes }));
  await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }));
  for (const GroupName of groups) {
    await cognito.send(new CreateGroupCommand({ ...user, GroupName })).catch((error: Error) => {
      if (error.name !== 'GroupExistsException') throw error;
    });
    await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }));
  }
  cognito.destroy();
}

async function signIn(name: string) {
  const pkce = makePkce();
  const browser = new Browser();
  const { location } = await browser.open(loginAddress(server, pkce, REDIRECT));
  const fields = { username: `${name}@example.com`, password: PASSWORD };
  const back = await browser.submit(await browser.open(location), server.domain, fields);
  const code = codeIn(back.location, pkce);
  return tokensOfCode(server, { code, verifier: pkce.verifier, redirect: REDIRECT });
}

const ask = (path: string, token: string, init: RequestInit = {}) =>
  fetch(stack.endpoint.restUrl + path, {
    ...{ signal: AbortSignal.timeout(30_000), ...init },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
const meOf = async (token: string) => (await ask('me', token)).json();

describe('somebody who signed in', () => {
  it('is who the pool says, with the role and groups of the pool', async () => {
    const ada = await signIn('ada');
    expect(await meOf(ada.accessToken)).toEqual({
      ...{ userId: expect.any(String), name: 'ada', tenant: 'default', role: 'administrator', groups: ['leadership'] },
    });
    const tessa = await signIn('tessa');
    expect(await meOf(tessa.accessToken)).toMatchObject({ tenant: 'acme', role: 'contributor', groups: [] });
  });

  it('may do what the role says', async () => {
    const [ada, ben] = [await signIn('ada'), await signIn('ben')];
    const makeKey = (token: string) => ask('keys', token, { method: 'POST', body: JSON.stringify({ name: 'a key' }) });
    expect((await makeKey(ada.accessToken)).status).toBe(201);
    const refused = await makeKey(ben.accessToken);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
    expect((await ask('documents', ben.accessToken)).status).toBe(200);
  });

  it('stays signed in by refresh tokens, until they are revoked', async () => {
    const first = await signIn('ben');
    const second = await refreshTokens(server, first.refreshToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await meOf(second.accessToken)).toMatchObject({ role: 'reader', groups: ['staff'] });
    await revokeToken(server, second.refreshToken);
    await expect(refreshTokens(server, second.refreshToken)).rejects.toThrow('The login is over');
  });

  it('is refused with a token that was changed, or of another kind', async () => {
    const { accessToken, refreshToken } = await signIn('ben');
    const pool = {
      url: server.domain,
      output: (name: string) => (name === 'Domain' ? server.domain : server.clientId),
    };
    const { id_token } = await tokensOf(pool, { username: 'ben@example.com', password: PASSWORD });
    const [header, claims = '', signature] = accessToken.split('.');
    const changed = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...changed, 'groundwork:role': 'administrator' })).toString(
      'base64url',
    );
    for (const token of [[header, forged, signature].join('.'), id_token, refreshToken, 'nonsense']) {
      expect((await ask('me', token)).status).toBe(401);
    }
  });
});
