/** Programs: by API keys of one's own, and with AWS credentials, through the authorizer and the signature of the deployed API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { awsIdentity } from '../../cli/aws-identity.ts';
import { createdKeyShape } from '../../cli/shapes.ts';
import { type Stack, startStack } from './support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

const json = { 'content-type': 'application/json' };
const problem = z.object({ type: z.string(), status: z.int() });

async function makeKey(body: object, headers: Record<string, string> = {}) {
  const request = { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) };
  const response = await stack.request('keys', request);
  expect(response.status).toBe(201);
  return createdKeyShape.parse(await response.json());
}
const asKey = (key: string, path: string, init: RequestInit = {}) =>
  stack.request(path, { ...init, headers: { ...json, 'x-api-key': key } });
const me = async (response: Response) => ({ status: response.status, ...((await response.json()) as object) });

describe('an API key', () => {
  it('is somebody of its own, with the role and the groups that it was made with', async () => {
    const { key, keyId } = await makeKey({ name: 'nightly report', role: 'contributor', groups: ['finance'] });
    const expected = {
      ...{ status: 200, userId: keyId, apiKeyId: keyId, name: 'nightly report' },
      ...{ tenant: 'default', role: 'contributor', groups: ['finance'] },
    };
    expect(await me(await asKey(key, 'me'))).toEqual(expected);
    // As a bearer, for programs that know no other header.
    const bearer = await fetch(`${stack.endpoint.restUrl}me`, { headers: { authorization: `Bearer ${key}` } });
    expect(await me(bearer)).toEqual(expected);
  });

  it('may do what its role says, and nothing else', async () => {
    const { key } = await makeKey({ name: 'reader' });
    expect((await asKey(key, 'documents')).status).toBe(200);
    for (const [path, method] of [
      ['keys', 'GET'],
      ['documents', 'POST'],
      ['jobs', 'GET'],
    ] as const) {
      const refused = await asKey(key, path, { method, ...(method === 'POST' && { body: '{"name":"a.md"}' }) });
      expect(problem.parse(await refused.json())).toEqual({ type: '/problems/not-allowed', status: 403 });
    }
  });

  it('is refused from the next request on when it is revoked, and listed as such', async () => {
    const { key, keyId } = await makeKey({ name: 'short-lived', expiresInDays: 1 });
    expect((await asKey(key, 'documents')).status).toBe(200);
    expect((await stack.request(`keys/${keyId}`, { method: 'DELETE' })).status).toBe(204);
    const refused = await asKey(key, 'documents');
    expect(problem.parse(await refused.json())).toEqual({ type: '/problems/unauthorized', status: 401 });
    const { keys } = z
      .object({ keys: z.array(z.looseObject({ keyId: z.string() })) })
      .parse(await (await stack.request('keys')).json());
    expect(keys.find(one => one.keyId === keyId)).toMatchObject({ name: 'short-lived', revokedAt: expect.any(String) });
    expect(JSON.stringify(keys)).not.toContain(key.split('_')[2]);
  });

  it.each([
    ['its secret is another', (key: string) => `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`],
    ['its id is another', (key: string) => key.replace(/_.{16}_/, '_AAAAAAAAAAAAAAAA_')],
    ['it is cut', (key: string) => key.slice(0, 30)],
  ])('is refused, readable across origins, when %s', async (_, change) => {
    const { key } = await makeKey({ name: 'changed' });
    const refused = await asKey(change(key), 'documents', {});
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(problem.parse(await refused.json())).toEqual({ type: '/problems/unauthorized', status: 401 });
  });
});

describe('AWS credentials', () => {
  const signed = async (path: string, init: { method?: string; body?: string } = {}) => {
    const { restUrl, region } = stack.endpoint;
    const credentials = async () => ({ accessKeyId: 'AKIAME', secretAccessKey: 'me' });
    const { method = 'GET', body } = init;
    const url = new URL(path, restUrl);
    const request = await awsIdentity(restUrl, { region, credentials }).sign({ method, url, headers: json, body });
    return fetch(request.url, { method, headers: request.headers, ...(body !== undefined && { body }) });
  };

  it('are an administrator below /iam, for the account lets them', async () => {
    expect(await me(await signed('me'))).toEqual({
      ...{
        status: 200,
        userId: 'arn:aws:iam::000000000000:root',
        tenant: 'default',
        role: 'administrator',
        groups: [],
      },
    });
    expect((await signed('documents?limit=1')).status).toBe(200);
    expect((await signed('nowhere')).status).toBe(404);
  });

  it('are answered as a stream, too', async () => {
    const answer = await signed('chat', { method: 'POST', body: JSON.stringify({ message: 'What is kept here?' }) });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ refused: true });
  });

  it('are needed there: neither a key nor nothing will do', async () => {
    for (const headers of [{ 'x-api-key': stack.endpoint.apiKey }, { authorization: 'Bearer x' }, {}]) {
      const refused = await fetch(`${stack.endpoint.restUrl}iam/documents`, { headers });
      expect(problem.parse(await refused.json())).toEqual({ type: '/problems/unauthorized', status: 401 });
    }
  });

  it('open nothing elsewhere', async () => {
    const { restUrl, region } = stack.endpoint;
    const caller = { region, credentials: async () => ({ accessKeyId: 'AKIAME', secretAccessKey: 'me' }) };
    const url = new URL('documents', restUrl);
    const { headers } = await awsIdentity(restUrl, caller).sign({ method: 'GET', url, headers: {} });
    expect((await fetch(url, { headers })).status).toBe(401);
  });
});
