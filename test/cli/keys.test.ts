import { afterEach, expect, it } from 'vitest';
import { runCommand } from '../cloud/support/command.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer;
afterEach(() => server.close());

async function groundwork(args: readonly string[], ...replies: readonly ScriptedReply[]) {
  server = await startScriptedServer((_request, count) => replies[count - 1] ?? { status: 500 });
  const env = { GROUNDWORK_URL: server.url, GROUNDWORK_API_KEY: 'admin', XDG_CONFIG_HOME: '/nowhere' };
  return runCommand(args, { env });
}

const key = {
  keyId: '01K',
  name: 'nightly report',
  tenant: 'default',
  role: 'reader',
  groups: ['staff'],
  createdAt: '2026-01-01T00:00:00Z',
  expiresAt: '2026-04-01T00:00:00Z',
};

it('prints a new key alone, so that it can be piped', async () => {
  const args = ['keys', 'create', 'nightly report', '--group', 'staff', '--group', 'hr', '--expires', '30'];
  const { code, stdout, stderr } = await groundwork(args, { status: 201, body: { key: 'gwk_01K_secret', ...key } });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'gwk_01K_secret\n' });
  expect(stderr).toContain('Key 01K, reader, good until 2026-04-01.');
  expect(server.requests).toMatchObject([{ method: 'POST', path: '/keys', headers: { 'x-api-key': 'admin' } }]);
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
    ...{ name: 'nightly report', groups: ['staff', 'hr'], expiresInDays: 30 },
  });
});

it('lists keys with their state', async () => {
  const keys = [
    key,
    { ...key, keyId: '02K', expiresAt: '2999-01-01T00:00:00Z' },
    { ...key, keyId: '03K', revokedAt: '2026-02-03T00:00:00Z' },
  ];
  const { code, stdout } = await groundwork(['keys'], { status: 200, body: { keys } });
  expect(code).toBe(0);
  expect(stdout.split('\n').map(line => line.split(/ {2,}/)[2])).toEqual([
    ...['ended 2026-04-01', 'until 2999-01-01', 'revoked 2026-02-03', undefined],
  ]);
});

it('revokes keys', async () => {
  const { code, json } = await groundwork(['keys', 'revoke', '01K', '02K', '--json'], { status: 204 }, { status: 204 });
  expect({ code, json }).toEqual({ code: 0, json: ['01K', '02K'].map(keyId => ({ keyId, revoked: true })) });
  expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'DELETE /keys/01K',
    'DELETE /keys/02K',
  ]);
});

it.each([
  ['keys', 'create'],
  ['keys', 'create', 'x', '--role', 'king'],
  ['keys', 'create', 'x', '--expires', '400'],
  ['keys', 'revoke'],
  ['keys', 'turn'],
])('tells wrong usage: %s %s %s %s', async (...args) => {
  expect((await groundwork(args.filter(arg => arg !== undefined))).code).toBe(2);
  expect(server.requests).toEqual([]);
});

it('tells who one is, and where', async () => {
  const me = { userId: 'u-1', name: 'Ada', tenant: 'acme', role: 'administrator', groups: ['leadership'] };
  const { code, stdout } = await groundwork(['whoami'], { status: 200, body: me });
  expect(code).toBe(0);
  expect(stdout).toBe(
    `Ada, administrator of tenant acme, groups: leadership\nat ${server.url}/ (found by its address), by an API key\n`,
  );
});

it('says what a role does not allow, and not to log in again', async () => {
  const problem = { type: '/problems/not-allowed', title: 'Not allowed', detail: 'That takes an administrator.' };
  const { code, stderr } = await groundwork(['keys'], { status: 403, body: problem });
  expect({ code, stderr }).toEqual({ code: 4, stderr: 'That takes an administrator.\n' });
});
