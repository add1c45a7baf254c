import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { Client, type ClientOptions } from '../../cli/client.ts';
import { apiKeyIdentity } from '../../cli/identity.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer;
afterEach(() => server.close());

async function clientOf(replies: readonly ScriptedReply[], options: ClientOptions = {}): Promise<Client> {
  server = await startScriptedServer((_request, count) => replies[count - 1] ?? { status: 500 });
  const target = { restUrl: `${server.url}/v1/`, identity: apiKeyIdentity('key'), foundBy: 'the test' };
  return new Client(target, new AbortController().signal, options);
}

const reply = z.object({ id: z.string() });

it('asks as its identity, and tells of each request', async () => {
  const told: string[] = [];
  const client = await clientOf([{ status: 200, body: { id: 'a' } }], {
    onRequest: (method, path) => told.push(`${method} ${path}`),
  });
  const request = { method: 'POST', path: 'things', query: { of: 'two words', none: undefined }, body: {} } as const;
  expect(await client.get(reply, request)).toEqual({ id: 'a' });
  expect(told).toEqual(['POST /things']);
  expect(server.requests).toMatchObject([
    { method: 'POST', path: '/v1/things?of=two+words', headers: { 'x-api-key': 'key' }, body: '{}' },
  ]);
});

it('reads all pages', async () => {
  const client = await clientOf([
    { status: 200, body: { things: [{ id: 'a' }, { id: 'b' }], cursor: 'next' } },
    { status: 200, body: { things: [{ id: 'c' }] } },
  ]);
  const things = await Array.fromAsync(client.list('things', reply, { path: 'things' }));
  expect(things.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(server.requests[1]?.path).toContain('cursor=next');
});

it('tries a throttled request again, as often as it may', async () => {
  const client = await clientOf([{ status: 429 }, { status: 503 }, { status: 200, body: { id: 'a' } }]);
  expect(await client.get(reply, { path: 'things' })).toEqual({ id: 'a' });
  await server.close();
  const impatient = await clientOf([{ status: 429, body: { type: 'x', detail: 'Too many.' } }], { attempts: 1 });
  await expect(impatient.get(reply, { path: 'things' })).rejects.toMatchObject({ message: 'Too many.', exitCode: 1 });
  expect(server.requests).toHaveLength(1);
});

it('does not wait for a budget of tomorrow', async () => {
  const client = await clientOf([{ status: 429, headers: { 'retry-after': '40000' }, body: { type: 'x' } }]);
  await expect(client.get(reply, { path: 'things' })).rejects.toMatchObject({ exitCode: 1 });
  expect(server.requests).toHaveLength(1);
});

it.each([
  { status: 404, exitCode: 3 },
  { status: 401, exitCode: 4 },
  { status: 403, exitCode: 4 },
  { status: 400, exitCode: 1 },
])('tells $status by exit status $exitCode, with what the API said', async ({ status, exitCode }) => {
  const client = await clientOf([{ status, body: { type: 'x', title: 'Title', detail: 'What is wrong.' } }]);
  const error = { message: expect.stringContaining('What is wrong.'), exitCode };
  await expect(client.get(reply, { path: 'things' })).rejects.toMatchObject(error);
});

it('says so when a reply is not understood', async () => {
  const client = await clientOf([{ status: 200, body: { id: 7 } }]);
  await expect(client.get(reply, { path: 'things' })).rejects.toThrow(/\/things is not understood \(id\)/);
});
