import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ownKey } from '../../cli/own-key.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

let state: string;
let server: ScriptedServer;
let told: string[];
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'own-key-'));
  told = [];
});
afterEach(async () => {
  rmSync(state, { recursive: true });
  await server.close();
});

const me = { userId: 'key-1', tenant: 'default', role: 'administrator', groups: [] };
const created: ScriptedReply = {
  status: 201,
  body: {
    ...{ key: 'gwk_new', keyId: 'new', name: 'npm start', role: 'administrator', groups: [] },
    ...{ createdAt: '2026-11-21T12:00:00.000Z', expiresAt: '2027-11-22T12:00:00.000Z' },
  },
};
const refused: ScriptedReply = {
  status: 401,
  body: { type: '/problems/unauthorized', title: 'Who asks is not known' },
};

/** The API answers in this order. */
async function keyWith(...replies: ScriptedReply[]): Promise<string> {
  server = await startScriptedServer((_, count) => replies[count - 1] ?? { status: 500 });
  const onRequest = (method: string, path: string) => void told.push(`${method} ${path}`);
  return ownKey(state, { restUrl: `${server.url}/v1/`, region: 'eu-west-1', onRequest });
}
const file = () => join(state, 'api-key');

it('is made with AWS credentials the first time, and kept where its owner alone reads it', async () => {
  expect(await keyWith(created)).toBe('gwk_new');
  expect(server.requests).toMatchObject([
    {
      ...{ method: 'POST', path: '/v1/iam/keys' },
      headers: {
        authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=local\/\d+\/eu-west-1\/execute-api/),
      },
    },
  ]);
  expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ role: 'administrator' });
  expect(readFileSync(file(), 'utf8')).toBe('gwk_new');
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(told).toEqual(['POST /iam/keys']);
});

it('is kept as long as it is taken', async () => {
  writeFileSync(file(), 'gwk_kept');
  expect(await keyWith({ status: 200, body: me })).toBe('gwk_kept');
  expect(server.requests).toMatchObject([{ method: 'GET', path: '/v1/me', headers: { 'x-api-key': 'gwk_kept' } }]);
});

it('is made anew when it was revoked or has ended', async () => {
  writeFileSync(file(), 'gwk_old');
  expect(await keyWith(refused, created)).toBe('gwk_new');
  expect(readFileSync(file(), 'utf8')).toBe('gwk_new');
  expect(told).toEqual(['GET /me', 'POST /iam/keys']);
});

it('stays when the API fails for another reason, which is told', async () => {
  writeFileSync(file(), 'gwk_kept');
  await expect(keyWith({ status: 500, body: { type: 'x', detail: 'Broken.' } })).rejects.toThrow('Broken.');
  expect(readFileSync(file(), 'utf8')).toBe('gwk_kept');
});
