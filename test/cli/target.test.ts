import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loginFileOf, readLogin, removeLogin, writeLogin } from '../../cli/login-file.ts';
import { findTarget } from '../../cli/target.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'groundwork-login-'));
  env = { XDG_CONFIG_HOME: join(folder, 'config') };
});
afterEach(() => rm(folder, { recursive: true }));

/** Whose key requests to it would carry. */
async function found(...args: Parameters<typeof findTarget>) {
  const { restUrl, identity } = await findTarget(...args);
  const { headers } = await identity.sign({ method: 'GET', url: new URL(restUrl), headers: {} });
  return { restUrl, apiKey: headers['x-api-key'] };
}

const login = { restUrl: 'https://api.example/v1/', apiKey: 'secret' };

it('keeps a login where only its owner reads it, also over a file that others could read', async () => {
  const file = loginFileOf(env);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, 'old', { mode: 0o644 });
  await writeLogin(env, login);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readLogin(env)).toEqual(login);
  await removeLogin(env);
  expect(await readLogin(env)).toBeUndefined();
});

it('says what to do with a damaged login', async () => {
  await writeLogin(env, login);
  await writeFile(loginFileOf(env), '{"restUrl":');
  await expect(readLogin(env)).rejects.toThrow(/log in again/);
  expect(await readFile(loginFileOf(env), 'utf8')).toBe('{"restUrl":');
});

it('prefers the address that was given, then the login, then what runs here', async () => {
  const state = join(folder, 'state');
  await mkdir(state);
  await writeFile(join(state, 'endpoints.json'), JSON.stringify({ restUrl: 'http://127.0.0.1:1/', apiKey: 'local' }));
  expect(await found({ state }, env)).toMatchObject({ apiKey: 'local' });
  await writeLogin(env, login);
  expect(await found({}, env)).toMatchObject(login);
  expect(await found({ state }, env)).toMatchObject({ apiKey: 'local' });
  expect(await found({ url: 'https://api.example/v1' }, env)).toMatchObject(login);
  const given = { ...env, GROUNDWORK_URL: 'https://other.example/v1', GROUNDWORK_API_KEY: 'theirs' };
  expect(await found({}, given)).toMatchObject({ restUrl: 'https://other.example/v1/', apiKey: 'theirs' });
});

it('gives the key of one address to no other', async () => {
  await writeLogin(env, login);
  await expect(findTarget({ url: 'https://other.example/v1/' }, env)).rejects.toMatchObject({ exitCode: 3 });
});

it('sends the key of the environment to the address beside it, and to no other', async () => {
  const state = join(folder, 'state');
  await mkdir(state);
  await writeFile(join(state, 'endpoints.json'), JSON.stringify({ restUrl: 'http://127.0.0.1:1/', apiKey: 'local' }));
  expect(await found({ state }, { ...env, GROUNDWORK_API_KEY: 'mine' })).toMatchObject({ apiKey: 'mine' });
  const elsewhere = { ...env, GROUNDWORK_API_KEY: 'mine', GROUNDWORK_URL: 'https://other.example/v1' };
  expect(await found({ state }, elsewhere)).toMatchObject({ apiKey: 'local' });
});

it('calls as the person who has logged in there, and with AWS credentials when that is asked for', async () => {
  const tokens = { accessToken: 'token', refreshToken: 'r', expiresAt: '2999-01-01T00:00:00.000Z' };
  const person = { restUrl: 'http://127.0.0.1:1/', domain: 'https://login.example', clientId: 'cli', ...tokens };
  await writeLogin(env, person);
  const state = join(folder, 'state');
  await mkdir(state);
  await writeFile(join(state, 'endpoints.json'), JSON.stringify({ restUrl: person.restUrl, apiKey: 'local' }));
  const request = { method: 'GET', url: new URL('me', person.restUrl), headers: {} };
  for (const options of [{}, { state }]) {
    const { identity } = await findTarget(options, env);
    expect((await identity.sign(request)).headers).toEqual({ authorization: 'Bearer token' });
  }
  const { identity } = await findTarget({ state, aws: true }, { ...env, GROUNDWORK_API_KEY: 'mine' });
  const signed = await identity.sign(request);
  expect(signed.url.href).toBe('http://127.0.0.1:1/iam/me');
  expect(signed.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=local\//);
  expect(signed.headers).not.toHaveProperty('x-api-key');
});
