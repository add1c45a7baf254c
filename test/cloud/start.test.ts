import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Endpoints } from '../../cli/endpoints.ts';
import { madeUpUsers } from '../../cli/made-up-users.ts';
import { answerShape } from './support/stack.ts';
import { isAlive, StartProcess, synthesizedState } from './support/start-process.ts';

let folder: string;
/** Has been started and stopped in order, with the samples in it. */
let state: string;
let firstRun: StartProcess;
let running: StartProcess[] = [];

function start(...args: ConstructorParameters<typeof StartProcess>): StartProcess {
  const process = new StartProcess(...args);
  running.push(process);
  return process;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork-start-'));
  state = synthesizedState(join(folder, 'state'));
});
afterEach(async () => {
  await Promise.all(running.filter(({ child }) => child.exitCode === null).map(process => process.stop('SIGKILL')));
  running = [];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a shell would make of a printed command: its quoted and unquoted words. */
const words = (command: string) =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** The printed line of `curl`, as a request. */
function requestOf(line: string): Request {
  const [, , url = '', ...rest] = words(line);
  const valuesOf = (flag: string) => rest.filter((_, index) => rest[index - 1] === flag);
  const headers = valuesOf('-H').map(header => header.split(/: (.*)/, 2) as [string, string]);
  const [body] = valuesOf('-d');
  return new Request(url, { headers, ...(body && { method: 'POST', body }) });
}

async function documentsOf({ restUrl, apiKey }: Endpoints): Promise<{ key: string; status: string }[]> {
  const response = await fetch(`${restUrl}documents`, { headers: { 'x-api-key': apiKey } });
  expect(response.status).toBe(200);
  const { documents } = (await response.json()) as { documents: { key: string; status: string }[] };
  return documents.map(({ key, status }) => ({ key, status })).sort((a, b) => (a.key < b.key ? -1 : 1));
}

describe('the first start', () => {
  let endpoints: Endpoints;
  let commands: string[];

  beforeAll(async () => {
    firstRun = new StartProcess(state, ['--port', '0']);
    endpoints = await firstRun.ready();
    commands = firstRun.stdout.split('\n').filter(line => /^ {2}(?:curl|AWS_)/.test(line));
  });
  afterAll(async () => {
    await firstRun.stop('SIGKILL');
  });

  it('shows its steps in plain lines, and no line of a function', () => {
    expect(firstRun.stdout).toMatch(/✓ Synthesizing the stack: unchanged/);
    expect(firstRun.stdout).toMatch(/✓ Starting the local cloud: http:\/\/127\.0\.0\.1:\d+ /);
    expect(firstRun.stdout).toMatch(/✓ Ingesting the sample documents: \d+ documents/);
    expect(firstRun.stdout).not.toMatch(/\bINFO\b/);
    expect(firstRun.stdout).not.toContain('\x1b');
  });

  it('prints commands that work when pasted', async () => {
    const [ask = '', watch = '', copy = '', list = ''] = commands;
    const answered = await fetch(requestOf(ask));
    expect(answerShape.parse(await answered.json()).citations.length).toBeGreaterThan(0);

    const streamed = await fetch(requestOf(watch));
    expect(streamed.headers.get('content-type')).toContain('text/event-stream');
    const events = await streamed.text();
    expect(events).toContain('event: citation');
    expect(events).toContain('event: completed');

    const listed = await fetch(requestOf(list));
    expect(await listed.text()).toContain('"status":"COMPLETED"');

    // `aws s3 cp FILE s3://BUCKET/documents/`, by its printed words.
    const [accessKeyId, secretAccessKey, , , endpoint, , region, , , file = '', target = ''] = words(copy).map(word =>
      word.replace(/^AWS_\w+=/, ''),
    );
    const [, Bucket, prefix] = /^s3:\/\/([^/]+)\/(.*)$/.exec(target) ?? [];
    const s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey } } as never);
    await s3.send(new PutObjectCommand({ Bucket, Key: `${prefix}${file}`, Body: readFileSync(file) }));
    await firstRun.until('the upload has ended', () => firstRun.stdout.includes(`documents/${file} COMPLETED`));
    s3.destroy();
  });

  it('tells the page, and who can sign in there', async () => {
    const { webUrl = '', userPoolDomain, cliClientId } = endpoints;
    expect(firstRun.stdout).toContain(`Web page      ${webUrl}`);
    expect((await fetch(webUrl)).status).toBe(200);
    for (const { username, password } of madeUpUsers)
      expect(firstRun.stdout).toMatch(new RegExp(`^ +${username} +${password} `, 'm'));
    const { authUrl } = (await (await fetch(new URL('config.json', webUrl))).json()) as { authUrl: string };
    expect([userPoolDomain, cliClientId]).toEqual([authUrl, expect.stringMatching(/^\w+$/)]);
  });

  it('shows each request once, and why a document failed', async () => {
    const before = firstRun.stdout.split('GET /health').length;
    await fetch(`${endpoints.restUrl}health`, { headers: { 'x-api-key': endpoints.apiKey } });
    await firstRun.until('the request is shown', () => firstRun.stdout.split('GET /health').length > before);
    const form = await fetch(`${endpoints.restUrl}documents`, {
      method: 'POST',
      headers: { 'x-api-key': endpoints.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'empty.md' }),
    });
    const { upload } = (await form.json()) as { upload: { url: string; fields: Record<string, string> } };
    const body = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) body.set(name, value);
    body.set('file', new Blob(['']));
    await fetch(upload.url, { method: 'POST', body });
    await firstRun.until('the failure is shown', () => firstRun.stdout.includes('! documents/empty.md FAILED: '));
    // The list that finds the document's end is read by the command itself, and is no news.
    expect(firstRun.stdout.split('\n').filter(line => line.includes('GET /documents '))).toHaveLength(1);
    expect(firstRun.stdout.split('\n').filter(line => line.includes('POST /documents '))).toHaveLength(1);
  });

  it('keeps what functions log in files', () => {
    const folder = join(state, 'data', 'logs');
    expect(firstRun.stdout).toContain(folder);
    const intake = readdirSync(folder).find(name => name.includes('Intake') && name.endsWith('.log')) ?? '';
    expect(readFileSync(join(folder, intake), 'utf8')).toContain('"documentId"');
  });

  it('refuses a second start in the same folder, and at the same port', async () => {
    const sameFolder = start(state);
    expect(await sameFolder.exited).toBe(1);
    expect(sameFolder.stderr).toBe(
      `The state folder ${state} is in use by process ${firstRun.child.pid}: stop that one, or choose another folder with --state.`,
    );
    const { port } = new URL(endpoints.s3Endpoint);
    const samePort = start(join(folder, 'unused'), ['--port', port]);
    expect(await samePort.exited).toBe(1);
    expect(samePort.stderr).toMatch(new RegExp(`^Port ${port} is in use, .* --port 4600$`));
    expect([samePort.stdout, existsSync(join(folder, 'unused'))]).toEqual(['', false]);
    expect(firstRun.isPublished).toBe(true);
  });

  it('ends in order at Ctrl-C, even when it comes twice through npm, and leaves no process', async () => {
    const processes = firstRun.descendants();
    expect(processes.length).toBeGreaterThan(1);
    firstRun.child.kill('SIGINT');
    firstRun.child.kill('SIGINT');
    expect(await firstRun.exited).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(firstRun.isPublished).toBe(false);
    expect(firstRun.stderr).toBe('');
  });
});

describe('the next start', () => {
  it('finds the documents again, and uploads only the sample that has changed', async () => {
    const record = join(state, 'samples.json');
    const uploaded = JSON.parse(readFileSync(record, 'utf8'));
    const key = 'documents/handbook/leave.docx';
    writeFileSync(record, JSON.stringify({ ...uploaded, [key]: { sha256: 'of another file', ended: true } }));
    const process = start(state, ['--port', '0']);
    const endpoints = await process.ready();
    expect(process.stdout).toContain('✓ Synthesizing the stack: unchanged');
    expect(process.stdout).toContain('✓ Ingesting the sample documents: 1 documents');
    expect(await documentsOf(endpoints)).toEqual(
      [...Object.keys(uploaded), 'documents/README.md', 'documents/empty.md']
        .sort()
        .map(key => ({ key, status: key.endsWith('empty.md') ? 'FAILED' : 'COMPLETED' })),
    );
    expect(await process.stop('SIGTERM')).toBe(0);
  });

  it('goes on after a kill, of which no process is left', async () => {
    const killed = start(state);
    const first = await killed.ready();
    const before = await documentsOf(first);
    const processes = killed.descendants();
    expect(processes.length).toBeGreaterThan(1);
    await killed.stop('SIGKILL');
    await expect.poll(() => processes.filter(isAlive), { timeout: 20_000 }).toEqual([]);
    expect(killed.isPublished).toBe(true); // nobody could remove it

    const next = start(state);
    const endpoints = await next.ready();
    expect(await documentsOf(endpoints)).toEqual(before);
    expect(endpoints.apiKey).toBe(first.apiKey);
    expect(await next.stop('SIGHUP')).toBe(0);
    expect(next.isPublished).toBe(false);
  });
});

describe('a broken state folder', () => {
  it('is refused in one line, and --reset starts clean, whatever the AWS settings of the person', async () => {
    copyFileSync(join(state, 'cdk.out.sha256'), join(state, 'state.db'));
    const refused = start(state);
    expect(await refused.exited).toBe(1);
    expect(refused.stderr).toMatch(/^The state folder \S+ is damaged \(.+\): start clean with --reset, .+$/);
    expect(refused.stdout).toBe('');

    const clean = start(state, ['--port', '0', '--no-samples', '--reset'], {
      AWS_PROFILE: 'none',
      AWS_REGION: 'eu-north-1',
      CDK_DEFAULT_ACCOUNT: '123456789012',
      CDK_DEFAULT_REGION: 'eu-north-1',
    });
    const endpoints = await clean.ready();
    expect(endpoints.region).toBe('us-east-1');
    expect(await documentsOf(endpoints)).toEqual([]);
    expect(await clean.stop()).toBe(0);
  });
});

describe('a start that is interrupted', () => {
  it('stops the synthesis, and leaves neither process nor half a result', async () => {
    const empty = join(folder, 'interrupted');
    const process = start(empty);
    await process.until('the synthesis runs', () => process.descendants().length > 1);
    const processes = process.descendants();
    expect(await process.stop()).toBe(130);
    expect(process.stderr).toBe('Interrupted before it was ready.');
    await expect.poll(() => processes.filter(isAlive), { timeout: 20_000 }).toEqual([]);
    expect([existsSync(join(empty, 'cdk.out')), process.isPublished]).toEqual([false, false]);
  });
});

it('refuses options that it does not know', async () => {
  const process = start(join(folder, 'unused'), ['--prot', '1']);
  expect(await process.exited).toBe(2);
  expect(process.stderr).toBe("Unknown option '--prot'. See npm start -- --help");
});
