import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishEndpoints } from '../../cli/endpoints.ts';
import { madeUpUsers } from '../../cli/made-up-users.ts';
import { startAwsAccount } from '../cli/aws-account.ts';
import { Browser } from '../local/cognito-browser.ts';
import { type CommandOptions, runCommand } from './support/command.ts';
import { completed, type Stack, startStack } from './support/stack.ts';

let folder: string;
let stack: Stack;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork-people-'));
  mkdirSync(join(folder, 'state'));
  stack = await startStack({ users: madeUpUsers });
  const { UserPoolDomain: userPoolDomain = '', CliClientId: cliClientId = '' } = stack.cloud.outputs;
  const { restUrl, apiKey, url, bucket, region } = stack.endpoint;
  const endpoints = { restUrl, apiKey, s3Endpoint: url, bucket, region, userPoolDomain, cliClientId };
  await publishEndpoints(join(folder, 'state'), endpoints);
  const put = (Key: string, Body: string) => stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  const forLeaders = { metadataAttributes: {}, allowedGroups: ['leadership'] };
  await put('documents/plans/move.md.metadata.json', JSON.stringify(forLeaders));
  await put('documents/plans/move.md', '# The move\n\nThe office moves to Fernhill in October.\n');
  await put('documents/lamp.md', '# The lamp\n\nThe lamp burns oil from the north.\n');
  await stack.waitForDocuments(completed(['documents/plans/move.md', 'documents/lamp.md']));
});
afterAll(async () => {
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A person at a machine of their own. */
const machineOf = (person: string) => ({ XDG_CONFIG_HOME: join(folder, person) });
const loginFile = (person: string) => join(folder, person, 'groundwork', 'login.json');
const groundwork = (person: string, args: readonly string[], options: CommandOptions = {}) =>
  runCommand([...args, '--state', join(folder, 'state')], {
    ...options,
    env: { ...machineOf(person), ...options.env },
  });

/** Signs in on the page that the command names. @returns the address that the browser is sent back to */
async function signInAt(address: string, person: string): Promise<string> {
  const user = madeUpUsers.find(({ username }) => username === person);
  if (!user) throw new Error(`There is no ${person}.`);
  const browser = new Browser();
  const { location } = await browser.open(address);
  const page = await browser.open(location);
  return (await browser.submit(page, location, { username: person, password: user.password })).location;
}

/**
 * @param comeBack what becomes of the address that the browser ends at; its text is typed in
 * @param run `login` as the person calls it
 */
async function logIn(
  person: string,
  comeBack: (address: string) => Promise<string>,
  run = (options: CommandOptions) => groundwork(person, ['login', '--no-browser'], options),
) {
  let shown = '';
  let begun: (address: string) => void;
  const typed = new Promise<string>(resolve => {
    begun = address => void signInAt(address, person).then(comeBack).then(resolve);
  });
  return run({
    stdin: typed,
    onStderr(text) {
      shown += text;
      const address = /http\S*\/oauth2\/authorize\S*/.exec(shown)?.[0];
      if (address) begun(address);
      if (address) shown = '';
    },
  });
}
const paste = async (address: string) => `${address}\n`;
/** As a browser on this machine does it. */
const follow = async (address: string) => {
  await fetch(address.replace('//localhost:', '//127.0.0.1:'));
  return '';
};

describe('people', () => {
  it('log in with the browser, and are who the user pool says', async () => {
    const { code, stdout, stderr } = await logIn('ada', follow);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('as Ada Okafor, administrator');
    expect(statSync(loginFile('ada')).mode & 0o777).toBe(0o600);
    const { json } = await groundwork('ada', ['whoami', '--json']);
    const ada = { name: 'Ada Okafor', tenant: 'default', role: 'administrator', groups: ['leadership'] };
    expect(json).toMatchObject([{ ...ada, identity: 'a login' }]);
  });

  it('log in from a machine without a browser, by the address that theirs ends at', async () => {
    expect((await logIn('ben', paste)).code).toBe(0);
    const { stdout } = await groundwork('ben', ['whoami']);
    expect(stdout).toMatch(/^Ben Sato, reader of tenant default, groups: staff\n/);
  });

  it('log in to a deployed stack, found by its outputs', async () => {
    const { restUrl: RestUrl } = stack.endpoint;
    const { UserPoolDomain = '', CliClientId = '' } = stack.cloud.outputs;
    const account = await startAwsAccount({ stacks: { 'Groundwork-dev': { RestUrl, UserPoolDomain, CliClientId } } });
    const env = { ...account.env, ...machineOf('traveller') };
    try {
      const login = (options: CommandOptions) =>
        runCommand(['login', '--stage', 'dev', '--no-browser'], { ...options, env });
      expect((await logIn('ben', paste, login)).code).toBe(0);
      const { stdout } = await runCommand(['whoami'], { env });
      expect(stdout).toMatch(/^Ben Sato, reader .*\nat \S+ \(found by groundwork login\), by a login\n$/);
    } finally {
      await account.close();
    }
  });

  it('log in by the address of the web page', async () => {
    const { WebUrl = '' } = stack.cloud.outputs;
    const env = machineOf('visitor');
    const login = (options: CommandOptions) =>
      runCommand(['login', `${WebUrl}#/documents`, '--no-browser'], { ...options, env });
    expect((await logIn('ben', paste, login)).code).toBe(0);
    expect((await runCommand(['whoami', '--json'], { env })).json).toMatchObject([
      { name: 'Ben Sato', identity: 'a login' },
    ]);
  });

  it('read what their groups may read', async () => {
    const question = ['search', 'where does the office move to', '--json'];
    const keysFor = async (person: string) =>
      (await groundwork(person, question)).json.map(match => (match as { key: string }).key);
    expect(await keysFor('ada')).toContain('documents/plans/move.md');
    expect(await keysFor('ben')).not.toContain('documents/plans/move.md');
    expect((await logIn('tessa', paste)).code).toBe(0);
    expect(await keysFor('tessa')).toEqual([]);
    expect((await groundwork('tessa', ['status', '--json'])).json).toEqual([]);
  });

  it('are refused what their role does not allow', async () => {
    for (const args of [['keys'], ['redrive'], ['jobs', 'start', 'INCREMENTAL']]) {
      expect((await groundwork('ben', args)).code).toBe(4);
    }
    expect((await groundwork('tessa', ['keys'])).code).toBe(4);
    expect((await groundwork('ada', ['keys'])).code).toBe(0);
  });

  it('stay logged in when the token ends, also in commands side by side', async () => {
    const before = JSON.parse(readFileSync(loginFile('ada'), 'utf8')) as { accessToken: string; refreshToken: string };
    writeFileSync(loginFile('ada'), JSON.stringify({ ...before, expiresAt: new Date(0).toISOString() }));
    const results = await Promise.all([1, 2, 3].map(() => groundwork('ada', ['status'])));
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(results.map(() => ({ code: 0, stderr: '' })));
    const after = JSON.parse(readFileSync(loginFile('ada'), 'utf8')) as typeof before;
    expect(after.accessToken).not.toBe(before.accessToken);
    expect(after.refreshToken).not.toBe(before.refreshToken);
  });

  it('log out, here and at the user pool', async () => {
    const kept = readFileSync(loginFile('ada'), 'utf8');
    expect((await groundwork('ada', ['logout'])).code).toBe(0);
    expect((await groundwork('ada', ['whoami', '--json'])).json).toMatchObject([{ identity: 'an API key' }]);
    // Whoever had copied the login can do nothing more once the token has ended.
    writeFileSync(loginFile('ada'), JSON.stringify({ ...JSON.parse(kept), expiresAt: new Date(0).toISOString() }));
    expect(await groundwork('ada', ['whoami'])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/log in again/),
    });
  });
});

describe('programs', () => {
  const me = async (key: string) => groundwork('program', ['whoami', '--json'], { env: { GROUNDWORK_API_KEY: key } });

  it('have keys of their own, until those are revoked', async () => {
    const made = await groundwork('operator', ['keys', 'create', 'nightly report', '--group', 'leadership']);
    expect(made.code).toBe(0);
    const key = made.stdout.trim();
    expect(key).toMatch(/^gwk_/);
    const { json } = await me(key);
    expect(json).toMatchObject([{ role: 'reader', tenant: 'default', groups: ['leadership'], identity: 'an API key' }]);
    expect((await groundwork('program', ['keys'], { env: { GROUNDWORK_API_KEY: key } })).code).toBe(4);

    const [keyId = ''] = /(?<=^Key )\S+(?=,)/m.exec(made.stderr) ?? [];
    expect((await groundwork('operator', ['keys'])).stdout).toMatch(
      new RegExp(`^${keyId}  .*until .*nightly report$`, 'm'),
    );
    expect((await groundwork('operator', ['keys', 'revoke', keyId])).code).toBe(0);
    expect((await me(key)).code).toBe(4);
    expect((await groundwork('operator', ['keys', 'revoke', 'unknown'])).code).toBe(3);
  });

  it('may come with AWS credentials', async () => {
    const { code, json } = await groundwork('service', ['whoami', '--json', '--aws']);
    expect(code).toBe(0);
    expect(json).toMatchObject([{ role: 'administrator', identity: 'AWS credentials' }]);
    const answer = await groundwork('service', ['chat', 'What does the lamp burn?', '--aws']);
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining('documents/lamp.md') });
  });
});
