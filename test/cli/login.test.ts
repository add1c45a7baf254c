import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPage } from '../../cli/login/page.ts';
import { personIdentity } from '../../cli/login/person-identity.ts';
import { type SignInOptions, signIn } from '../../cli/login/sign-in.ts';
import { type PersonLogin, readLogin, removeLogin, writeLogin } from '../../cli/login-file.ts';
import { Output } from '../../cli/output.ts';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { type OauthServer, startOauthServer } from './oauth-server.ts';

let server: OauthServer;
let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  server = await startOauthServer();
  folder = await mkdtemp(join(tmpdir(), 'groundwork-oauth-'));
  env = { XDG_CONFIG_HOME: folder };
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Begins a login, and tells the address that it shows to `browse`. */
async function logIn(browse: (address: string, input: PassThrough) => unknown, options: Partial<SignInOptions> = {}) {
  const input = new PassThrough();
  const shown = new PassThrough();
  shown.on('data', data => {
    const address = /http\S*authorize\S*/.exec(String(data))?.[0];
    if (address) void browse(address, input);
  });
  const output = new Output(false, new PassThrough(), shown, env);
  const { signal } = new AbortController();
  // Any free port, in place of those that are registered.
  const ours = { output, env, signal, opensBrowser: false, input, ports: [0] };
  return signIn({ domain: server.url, clientId: 'cli' }, { ...ours, ...options });
}

const comeBack = (address: string, query: Readonly<Record<string, string>>): string => {
  const { searchParams } = new URL(address);
  const back = new URL(searchParams.get('redirect_uri') ?? '');
  back.search = new URLSearchParams({ state: searchParams.get('state') ?? '', ...query }).toString();
  back.hostname = '127.0.0.1'; // where localhost is looked up as IPv6 first
  return back.href;
};

describe('a login with the browser', () => {
  it('ends when the browser comes back', async () => {
    let page = '';
    const tokens = await logIn(async address => {
      const { searchParams } = new URL(address);
      expect(searchParams.get('code_challenge_method')).toBe('S256');
      expect(searchParams.get('redirect_uri')).toMatch(/^http:\/\/localhost:\d+\/callback$/);
      page = await (await fetch(comeBack(address, { code: server.codeFor(address) }))).text();
    });
    expect(tokens).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-1' });
    expect(Date.parse(tokens.expiresAt)).toBeGreaterThan(Date.now());
    expect(page).toContain('You can close this window');
  });

  it('ends with the address pasted, where the browser runs elsewhere', async () => {
    const tokens = await logIn((address, input) => {
      input.write(`\n${comeBack(address, { code: server.codeFor(address) })}\n`);
    });
    expect(tokens.accessToken).toBe('access-1');
  });

  it('takes the next port when another command has the first', async () => {
    const ports: string[] = [];
    const portOf = (address: string) => new URL(new URL(address).searchParams.get('redirect_uri') ?? '').port;
    await logIn(async first => {
      ports.push(portOf(first));
      await logIn(
        second => {
          ports.push(portOf(second));
          void fetch(comeBack(second, { code: server.codeFor(second) }));
        },
        { ports: [Number(portOf(first)), 0] },
      );
      void fetch(comeBack(first, { code: server.codeFor(first) }));
    });
    expect(new Set(ports).size).toBe(2);
  });

  it.each([
    ['of another login', { state: 'another', code: 'x' }, /not of this login/],
    ['that tells of a refusal', { error: 'access_denied', error_description: 'Not you.' }, /Not you\./],
    ['without a code', {}, /has no code/],
  ])('refuses an address %s', async (_what, query, message) => {
    await expect(logIn((address, input) => input.write(`${comeBack(address, query)}\n`))).rejects.toThrow(message);
    expect(server.requests).toEqual([]);
  });

  it('ends with the command', async () => {
    const interrupt = new AbortController();
    const begun = logIn(() => interrupt.abort(), { signal: interrupt.signal });
    await expect(begun).rejects.toThrow(/abort/i);
  });

  it('says nothing that is secret', async () => {
    const shown = new PassThrough();
    const output = new Output(false, shown, shown, env);
    const input = new PassThrough();
    const pages: string[] = [];
    shown.on('data', data => {
      pages.push(String(data));
      const address = /http\S*authorize\S*/.exec(String(data))?.[0];
      if (address) input.write(`${comeBack(address, { code: server.codeFor(address) })}\n`);
    });
    const options = { output, env, signal: new AbortController().signal, opensBrowser: false, input, ports: [0] };
    const { accessToken, refreshToken } = await signIn({ domain: server.url, clientId: 'cli' }, options);
    shown.end();
    await text(shown);
    const verifier = new URLSearchParams(server.requests[0]?.body).get('code_verifier') ?? '';
    expect(verifier.length).toBeGreaterThanOrEqual(43);
    for (const secret of [accessToken, refreshToken, verifier]) expect(pages.join('')).not.toContain(secret);
  });
});

describe('the page of a Groundwork', () => {
  const { signal } = new AbortController();
  const config = { restUrl: 'https://api.example/v1', authUrl: 'https://login.example/', cliClientId: 'cli' };
  let page: ScriptedServer;
  afterEach(() => page.close());

  it('tells where to log in, whatever view is open', async () => {
    page = await startScriptedServer(() => ({ status: 200, body: { ...config, clientId: 'web', stage: 'dev' } }));
    expect(await readPage(`${page.url}/_site/abc/#/documents/1`, signal)).toEqual({
      restUrl: 'https://api.example/v1/',
      loginServer: { domain: 'https://login.example', clientId: 'cli' },
    });
    expect(page.requests).toMatchObject([{ method: 'GET', path: '/_site/abc/config.json' }]);
  });

  it.each([
    ['another page', { status: 404, body: 'no' }],
    ['a page that does not answer', 'hang-up'],
    ['a page of another kind', { status: 200, body: { restUrl: 'x' } }],
  ] as const)('is not mistaken for %s', async (_what, reply) => {
    page = await startScriptedServer(() => reply);
    await expect(readPage(page.url, signal)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(page.url),
    });
  });
});

describe('a person’s identity', () => {
  const request = { method: 'GET', url: new URL('https://api.example/v1/me'), headers: {} };
  const soon = () => new Date(Date.now() + 5_000).toISOString();
  const later = () => new Date(Date.now() + 3_600_000).toISOString();

  /** As it is after a login. */
  async function loggedIn(expiresAt: string): Promise<PersonLogin> {
    const tokens = await logIn((address, input) => {
      input.write(`${comeBack(address, { code: server.codeFor(address) })}\n`);
    });
    const place = { restUrl: 'https://api.example/v1/', domain: server.url, clientId: 'cli' };
    const login = { ...place, ...tokens, expiresAt };
    await writeLogin(env, login);
    return login;
  }

  it('is told by the access token, as long as that is good', async () => {
    const identity = personIdentity(env, await loggedIn(later()));
    expect(await identity.sign(request)).toMatchObject({ headers: { authorization: 'Bearer access-1' } });
    expect(server.refreshes).toBe(0);
  });

  it('renews a token that ends once, for all requests and commands side by side', async () => {
    const login = await loggedIn(soon());
    const identities = [personIdentity(env, login), personIdentity(env, login), personIdentity(env, login)];
    const signed = await Promise.all(identities.flatMap(identity => [identity.sign(request), identity.sign(request)]));
    expect(new Set(signed.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer access-2']));
    expect(server.refreshes).toBe(1);
    expect(await readLogin(env)).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' });
  });

  it('says that a login is over, and after a logout too', async () => {
    const login = await loggedIn(soon());
    await writeLogin(env, { ...login, refreshToken: 'of yesterday' });
    await expect(personIdentity(env, login).sign(request)).rejects.toMatchObject({
      message: expect.stringContaining('log in again'),
      exitCode: 4,
    });
    await removeLogin(env);
    await expect(personIdentity(env, login).sign(request)).rejects.toMatchObject({ exitCode: 4 });
  });
});
