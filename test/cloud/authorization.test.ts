import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { madeUpUsers } from '../../cli/made-up-users.ts';
import { tokensOf } from '../local/cognito-browser.ts';
import { completed, type Stack, startStack } from './support/stack.ts';

const apiShape = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ 'x-role': z.string().optional(), security: z.array(z.unknown()).optional() })),
  ),
});
interface Operation {
  readonly method: string;
  readonly path: string;
  /** Undefined: open. */
  readonly role: string | undefined;
}

let stack: Stack;
let operations: Operation[];
beforeAll(async () => {
  stack = await startStack({ users: madeUpUsers });
  const { paths } = apiShape.parse(await (await stack.request('openapi.json', { headers: {} })).json());
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ method: method.toUpperCase(), path, role: operation['x-role'] },
    })),
  );
  const put = (Key: string, Body: string) => stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
  await put('documents/board.md.metadata.json', JSON.stringify({ allowedGroups: ['leadership'] }));
  await put('documents/board.md', '# Salaries\n\nThe salaries of the board grow by 212 percent.');
  await stack.waitForDocuments(completed(['documents/board.md']));
});
afterAll(() => stack?.close());

/** Sends a request without the stack's own key. */
async function send({ method, path }: Pick<Operation, 'method' | 'path'>, headers: Record<string, string> = {}) {
  const filled = path.slice(1).replaceAll(/\{\w+\}/g, '0'.repeat(32));
  const response = await fetch(`${stack.endpoint.restUrl}${filled}`, {
    ...{ method, headers: { 'content-type': 'application/json', ...headers } },
    ...(method !== 'GET' && { body: '{}' }),
  });
  const text = await response.text();
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : undefined };
}

async function makeKey(body: object): Promise<{ key: string; keyId: string }> {
  const headers = { 'content-type': 'application/json' };
  const response = await stack.request('keys', { method: 'POST', headers, body: JSON.stringify(body) });
  return z.object({ key: z.string(), keyId: z.string() }).parse(await response.json());
}

async function signedIn(username: string) {
  const password = madeUpUsers.find(user => user.username === username)?.password ?? '';
  const outputs: Record<string, string> = { ClientId: 'CliClientId', Domain: 'UserPoolDomain' };
  const output = (name: string) => stack.cloud.outputs[outputs[name] ?? ''] ?? '';
  return tokensOf({ output, url: stack.endpoint.url }, { username, password });
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('every operation', () => {
  it.each([
    ['no identity', {}],
    ['a key that nobody made', { 'x-api-key': `gwk_${'0'.repeat(16)}_${'0'.repeat(43)}` }],
    ['a token that nobody signed', bearer('eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.')],
  ])('answers nobody with %s, unless it is open', async (_, headers) => {
    for (const operation of operations) {
      const { status, json } = await send(operation, headers);
      const told = { ...operation, status, type: json?.type };
      if (operation.role === undefined) expect(told.status).not.toBeOneOf([401, 403]);
      else expect(told).toEqual({ ...operation, status: 401, type: '/problems/unauthorized' });
    }
  });

  it('answers nobody below /iam without a signature', async () => {
    for (const operation of operations) {
      const { status } = await send({ ...operation, path: `/iam${operation.path}` });
      expect({ ...operation, status }).toEqual({ ...operation, status: 401 });
    }
  });

  it('cannot be reached round its authorizer', async () => {
    const { key } = await makeKey({ name: 'a reader' });
    const ways = ['/', '/iam/iam', '/%69am', '/health%2f..', '/csp-reports/%2e%2e%2f', '/openapi.json/..%2f'];
    for (const path of [...ways.map(way => `${way}/keys`), '/keys/', '/%6Beys']) {
      const operation = { method: 'POST', path }; // a few requests only, as the stage is throttled
      expect({ path, ...(await send(operation)) }).toMatchObject({ path, status: 401 });
      const { status } = await send(operation, { 'x-api-key': key });
      expect({ path, isRefused: [401, 403, 404].includes(status) }).toEqual({ path, isRefused: true });
    }
  });

  it('is closed to a role that does not reach so far', async () => {
    const { key } = await makeKey({ name: 'a reader' });
    const guarded = operations.filter(({ role }) => role === 'contributor' || role === 'administrator');
    expect(guarded.length).toBeGreaterThan(10);
    for (const operation of guarded) {
      const { status, json } = await send(operation, { 'x-api-key': key });
      expect({ ...operation, status, type: json?.type }).toEqual({
        ...operation,
        ...{ status: 403, type: '/problems/not-allowed' },
      });
    }
  });
});

describe('an API key', () => {
  it('is what it was made for, until it is revoked', async () => {
    const { key, keyId } = await makeKey({ name: 'the intranet', groups: ['leadership'] });
    const me = { method: 'GET', path: '/me' };
    const identity = { userId: keyId, apiKeyId: keyId, tenant: 'default', role: 'reader', groups: ['leadership'] };
    expect(await send(me, { 'x-api-key': key })).toMatchObject({ status: 200, json: identity });
    expect(await send(me, bearer(key))).toMatchObject({ status: 200, json: identity });
    expect((await stack.request(`keys/${keyId}`, { method: 'DELETE' })).status).toBe(204);
    expect(await send(me, { 'x-api-key': key })).toMatchObject({ status: 401 });
  });
});

describe('somebody who signed in', () => {
  it('is who the user pool says', async () => {
    const me = { method: 'GET', path: '/me' };
    const who = async (username: string) => (await send(me, bearer((await signedIn(username)).access_token))).json;
    expect(await who('ada')).toMatchObject({ tenant: 'default', role: 'administrator', groups: ['leadership'] });
    expect(await who('ben')).toMatchObject({ tenant: 'default', role: 'reader', groups: ['staff'], name: 'Ben Sato' });
    expect(await who('tessa')).toMatchObject({ tenant: 'acme', role: 'contributor', groups: [] });
    expect((await send(me, bearer((await signedIn('ada')).id_token))).status).toBe(401);
  });

  it('sees what is for them, and the others nothing', async () => {
    const matches = async (username: string) => {
      const headers = { ...bearer((await signedIn(username)).access_token), 'content-type': 'application/json' };
      const body = JSON.stringify({ query: 'salaries of the board' });
      const response = await fetch(`${stack.endpoint.restUrl}search`, { method: 'POST', headers, body });
      const found = z.object({ matches: z.array(z.looseObject({ key: z.string() })) }).parse(await response.json());
      return found.matches.map(({ key }) => key);
    };
    expect(await matches('ada')).toEqual(['documents/board.md']);
    expect(await matches('ben')).toEqual([]);
    expect(await matches('tessa')).toEqual([]);
  });
});
