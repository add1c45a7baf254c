import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { publishEndpoints } from '../../cli/endpoints.ts';
import { startAwsAccount } from '../cli/aws-account.ts';
import { type CommandOptions, runCommand } from './support/command.ts';
import { completed, type Stack, startStack } from './support/stack.ts';

let folder: string;
let stack: Stack;
/** On the stack of these tests, found by its state folder. */
const groundwork = (args: readonly string[], options: CommandOptions = {}) =>
  runCommand([...args, '--state', join(folder, 'state')], options);
/** Nobody has logged in here. */
const nowhere = () => ({ XDG_CONFIG_HOME: join(folder, 'nowhere') });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork-command-'));
  mkdirSync(join(folder, 'state'));
  stack = await startStack();
  const { restUrl, apiKey, url, bucket, region } = stack.endpoint;
  await publishEndpoints(join(folder, 'state'), {
    ...{ restUrl, apiKey, s3Endpoint: url, bucket, region },
    ...{ userPoolDomain: stack.cloud.outputs.UserPoolDomain ?? '', cliClientId: stack.cloud.outputs.CliClientId ?? '' },
  });
  const put = (key: string, Body: string) => stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
  await put('documents/tower/visit.md', '# Visiting\n\nThe watch tower opens at seven in the morning.\n');
  await put('documents/tower/broken.pdf', '%PDF-1.7 and no more');
  await stack.waitForDocuments(
    documents =>
      completed(['documents/tower/visit.md'])(documents) && documents.some(({ status }) => status === 'FAILED'),
  );
});
afterAll(async () => {
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the command', () => {
  it.each([['--help'], ...Object.keys(commands).map(name => [name, '--help'])])(
    'explains itself: %s %s',
    async (...args) => {
      const { code, stdout, stderr } = await runCommand(args.filter(arg => arg !== undefined));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^Usage: groundwork /);
      expect(stdout).toContain('--json');
    },
  );

  it.each([
    { args: [], says: '' },
    { args: ['fly'], says: 'There is no command "fly". See groundwork --help\n' },
    { args: ['status', '--fly'], says: "Unknown option '--fly'. See groundwork status --help\n" },
    { args: ['search'], says: /^Say what to search for.* See groundwork search --help\n$/ },
    { args: ['retry'], says: /^Name documents, or give --all\./ },
    { args: ['jobs', 'start', 'BATCH'], says: /^BATCH needs --prefix/ },
    { args: ['status', '--status', 'LOST'], says: /^--status must be/ },
    { args: ['keys', 'create'], says: /^Say what it is for/ },
    { args: ['chat', '--top-k', '99', 'x'], says: /^--top-k must be a number from 1 to 20/ },
  ])('tells wrong usage by exit status 2: $args', async ({ args, says }) => {
    const { code, stderr } = await groundworkOrBare(args);
    expect(code).toBe(2);
    if (says instanceof RegExp) expect(stderr).toMatch(says);
    else expect(stderr).toBe(says);
  });
  const groundworkOrBare = (args: readonly string[]) => (args.length < 2 ? runCommand(args) : groundwork(args));

  it('says what to do when no Groundwork is there, with exit status 3', async () => {
    const { code, stdout, stderr } = await runCommand(['status', '--state', join(folder, 'none')], { env: nowhere() });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^No npm start runs with the state folder .*\n$/);
  });

  it('says what does not answer, with exit status 1', async () => {
    const env = { ...nowhere(), GROUNDWORK_URL: 'http://127.0.0.1:9/', GROUNDWORK_API_KEY: 'x' };
    const { code, stderr } = await runCommand(['status'], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:9\/ .* does not answer: .*\n$/);
  });
});

describe('login', () => {
  it('remembers address and key where only their owner reads them, and forgets them', async () => {
    const env = { XDG_CONFIG_HOME: join(folder, 'config') };
    const { restUrl, apiKey } = stack.endpoint;
    const byKey = ['login', '--api-key', '--url', restUrl];
    const refused = await runCommand(byKey, { env, stdin: 'wrong' });
    expect(refused.code).toBe(4);
    expect(refused.stderr).not.toContain('wrong');
    expect((await runCommand(['logout'], { env })).code).toBe(3);

    const { code, json } = await runCommand([...byKey, '--json'], { env, stdin: `${apiKey}\n` });
    expect({ code, json }).toMatchObject({ code: 0, json: [{ restUrl }] });
    expect(JSON.stringify(json)).not.toContain(apiKey);
    const file = join(folder, 'config', 'groundwork', 'login.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await runCommand(['status', '--json'], { env })).json).toHaveLength(2);

    expect((await runCommand(['logout'], { env })).code).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('sends no key in the clear', async () => {
    const { code, stderr } = await runCommand(['login', '--api-key', '--url', 'http://api.example/v1/'], {
      env: nowhere(),
      stdin: 'key',
    });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/https/) });
    const restUrl = 'https://api.example/v1/';
    const args = ['login', '--url', restUrl, '--domain', 'http://login.example', '--client', 'x', '--no-browser'];
    expect(await runCommand(args, { env: nowhere() })).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('a deployed stack', () => {
  it('is found by its outputs, with the AWS credentials of who asks', async () => {
    const outputs = { RestUrl: stack.endpoint.restUrl };
    const account = await startAwsAccount({ stacks: { 'Groundwork-dev': outputs } });
    try {
      const me = await runCommand(['whoami', '--stage', 'dev', '--json'], { env: account.env });
      expect(me.json).toMatchObject([{ role: 'administrator', identity: 'AWS credentials' }]);
      const { code, json } = await runCommand(['status', '--stage', 'dev', '--json'], { env: account.env });
      expect({ code, documents: json.length }).toEqual({ code: 0, documents: 2 });
      const other = await runCommand(['status', '--stage', 'prod'], { env: account.env });
      expect(other).toMatchObject({
        code: 3,
        stderr: expect.stringMatching(/^There is no stack Groundwork-prod .*\n$/),
      });
    } finally {
      await account.close();
    }
  });

  it('takes credentials', async () => {
    const env = { ...nowhere(), HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'us-east-1' };
    const { code, stderr } = await runCommand(['status', '--stage', 'dev'], { env });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^There are no AWS credentials: .*\n$/),
    });
  });
});

describe('status and retry', () => {
  it('show each document, and why one failed', async () => {
    const { code, stdout } = await groundwork(['status', 'tower/']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^COMPLETED {2}\s+1 chunks {2}documents\/tower\/visit\.md$/m);
    expect(stdout).toMatch(/^FAILED\s+0 chunks {2}documents\/tower\/broken\.pdf\n\s+\S.* \([a-z-]+\)$/m);
    expect(stdout).toContain('2 documents: 1 COMPLETED, 1 FAILED');
    expect(stdout).not.toContain('\u001b');
    const failed = await groundwork(['status', '--status', 'FAILED', '--json']);
    expect(failed.json).toMatchObject([{ key: 'documents/tower/broken.pdf', error: {} }]);
  });

  it('process a failed document once more, and tell by exit status that one failed', async () => {
    const { code, json } = await groundwork(['retry', 'tower/broken.pdf', '--json']);
    expect({ code, json }).toMatchObject({ code: 0, json: [{ key: 'documents/tower/broken.pdf' }] });
    const waited = await groundwork(['status', 'tower/', '--wait', '--json']);
    expect(waited.code).toBe(1);
    expect(waited.json).toHaveLength(2);
    expect((await groundwork(['retry', 'tower/none.md'])).code).toBe(3);
    const visit = await groundwork(['retry', 'tower/visit.md']);
    expect(visit).toMatchObject({ code: 1, stderr: expect.stringContaining('COMPLETED') });
  });
});

describe('doctor', () => {
  it('finds a running Groundwork in order, and needs no account for that', async () => {
    const { code, json } = await groundwork(['doctor', '--json'], { env: { ...nowhere(), HOME: folder } });
    expect(json).toMatchObject([
      { check: 'Node', state: 'ok' },
      { check: 'settings', state: 'ok' },
      { check: 'AWS', state: 'unknown' },
      { check: 'Groundwork', state: 'ok' },
    ]);
    expect(code).toBe(0);
  });

  it('asks the account before a deployment', async () => {
    const account = await startAwsAccount({
      stacks: { CDKToolkit: { BootstrapVersion: '30' } },
      models: { 'amazon.titan-embed-text-v2:0': 'Titan Text Embeddings V2' },
      quotas: {
        'On-demand model inference requests per minute for Amazon Titan Text Embeddings V2': 6_000,
        'Batch inference job size for Titan Text Embeddings V2': 5,
      },
    });
    try {
      const { code, json } = await groundwork(['doctor', '--json'], { env: account.env });
      expect(code).toBe(1);
      expect(json).toEqual(
        expect.arrayContaining(
          [
            { check: 'AWS credentials', state: 'ok', detail: expect.stringMatching(/^123456789012 in us-east-1/) },
            { check: 'bootstrap', state: 'ok' },
            { check: 'model amazon.titan-embed-text-v2:0', state: 'ok' },
            { check: 'quotas of amazon.titan-embed-text-v2:0', detail: expect.stringMatching(/V2: 6000$/) },
            { check: 'model us.amazon.nova-2-lite-v1:0', state: 'problem', detail: 'has no agreement' },
            { check: 'Pinecone key', state: 'problem', detail: expect.stringContaining('groundwork/pinecone-api-key') },
            { check: 'Pinecone index', state: 'unknown' },
          ].map(finding => expect.objectContaining(finding)),
        ),
      );
    } finally {
      await account.close();
    }
  });

  it('names the fix for what is wrong', async () => {
    const { code, stdout } = await runCommand(['doctor', '--offline', '--stage', 'nowhere'], { env: nowhere() });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ settings: .*nowhere.*\n {4}fix: correct cdk\.json/);
  });
});

describe('ingest', () => {
  const actions = (json: unknown[]) =>
    (json as { action: string; key?: string }[])
      .filter(({ action }) => action !== 'finished')
      .map(({ action, key }) => `${action} ${key}`)
      .sort();
  let book: string;
  beforeAll(() => {
    book = join(folder, 'book');
    mkdirSync(join(book, 'deep'), { recursive: true });
    writeFileSync(join(book, 'one.md'), '# One\n\nThe lamp burns oil.\n');
    writeFileSync(join(book, 'deep', 'two.md'), '# Two\n\nThe bell rings at noon.\n');
    writeFileSync(join(book, 'deep', 'two.md.metadata.json'), '{"metadataAttributes":{"year":2026}}');
  });

  it('uploads a folder with its sidecars, and nothing again that did not change', async () => {
    const dry = await groundwork(['ingest', book, '--dry-run', '--json']);
    expect(actions(dry.json)).toEqual(['uploaded documents/book/deep/two.md', 'uploaded documents/book/one.md']);
    const first = await groundwork(['ingest', book, '--json']);
    expect({ code: first.code, actions: actions(first.json) }).toEqual({
      code: 0,
      actions: ['ended', 'uploaded'].flatMap(action => [
        `${action} documents/book/deep/two.md`,
        `${action} documents/book/one.md`,
      ]),
    });
    const [two] = await stack.documents('prefix=documents/book/deep/');
    expect(two).toMatchObject({ status: 'COMPLETED', version: 1, attributes: { year: 2026 } });

    writeFileSync(join(book, 'one.md'), '# One\n\nThe lamp burns gas.\n');
    const second = await groundwork(['ingest', book]);
    expect(second).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 uploaded, 1 unchanged, 0 deleted, 0 failed\n'),
    });
    expect(await stack.documents('prefix=documents/book/one')).toMatchObject([{ version: 2, status: 'COMPLETED' }]);

    writeFileSync(join(book, 'deep', 'two.md.metadata.json'), '{"metadataAttributes":{"year":2027}}');
    expect(actions((await groundwork(['ingest', `${book}/**/*.md`, '--json'])).json)).toEqual([
      'unchanged documents/book/one.md',
      'uploaded documents/book/deep/two.md',
    ]);
    await stack.waitForDocuments(documents =>
      documents.some(({ attributes }) => (attributes as { year?: number } | undefined)?.year === 2027),
    );
  });

  it('goes on where another run was interrupted', async () => {
    const many = join(folder, 'many');
    mkdirSync(many);
    const names = Array.from({ length: 30 }, (_, index) => `${index}.md`);
    for (const name of names) writeFileSync(join(many, name), `# ${name}\n\nStory ${name} ends well.\n`);
    const interrupt = new AbortController();
    const interrupted = runCommand(['ingest', many, '--concurrency', '1', '--state', join(folder, 'state')], {
      signal: interrupt.signal,
      onStdout: text => text.includes('documents/many/11.md') && interrupt.abort(),
    });
    expect((await interrupted).code).toBe(130);
    await stack.waitForDocuments(documents => documents.some(({ key }) => key === 'documents/many/11.md'));
    const { code, json } = await groundwork(['ingest', many, '--no-wait', '--json']);
    expect(code).toBe(0);
    const { uploaded, unchanged } = json.at(-1) as { uploaded: number; unchanged: number };
    expect(uploaded + unchanged).toBe(30);
    expect(uploaded).toBeLessThan(30);
  });

  it('tells by exit status what failed, and goes on with the others', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    writeFileSync(join(mixed, 'bad.pdf'), '%PDF-1.7 and no more');
    writeFileSync(join(mixed, 'good.md'), '# Good\n\nAll is well.\n');
    writeFileSync(join(mixed, 'unsure.md'), '# Unsure\n');
    writeFileSync(join(mixed, 'unsure.md.metadata.json'), '{"allowedGroup":["hr"]}');
    const { code, json } = await groundwork(['ingest', mixed, '--json']);
    expect(code).toBe(1);
    expect(actions(json)).toEqual([
      'ended documents/mixed/bad.pdf',
      'ended documents/mixed/good.md',
      'failed documents/mixed/unsure.md',
      'uploaded documents/mixed/bad.pdf',
      'uploaded documents/mixed/good.md',
    ]);
  });

  it('mirrors a folder, but never an empty one', async () => {
    rmSync(join(book, 'one.md'));
    const { code, json } = await groundwork(['ingest', book, '--delete', '--json']);
    expect({ code, actions: actions(json) }).toEqual({
      code: 0,
      actions: ['deleted documents/book/one.md', 'unchanged documents/book/deep/two.md'],
    });
    await stack.waitForDocuments(documents => !documents.some(({ key }) => key === 'documents/book/one.md'));
    const empty = join(folder, 'empty', 'book');
    mkdirSync(empty, { recursive: true });
    expect((await groundwork(['ingest', empty, '--delete'])).code).toBe(1);
    expect((await groundwork(['ingest', book, '--delete', '--prefix', ''])).code).toBe(2);
    expect(await stack.documents('prefix=documents/book/')).toHaveLength(1);
  });

  it('watches a folder until it is interrupted', async () => {
    const watched = join(folder, 'watched');
    mkdirSync(watched);
    writeFileSync(join(watched, 'a.md'), '# A\n\nThe first.\n');
    const interrupt = new AbortController();
    let said = '';
    const watching = runCommand(['ingest', watched, '--watch', '--json', '--state', join(folder, 'state')], {
      signal: interrupt.signal,
      onStderr: text => {
        if (text.includes('Watching') && !said.includes('Watching'))
          writeFileSync(join(watched, 'b.md'), '# B\n\nThe second.\n');
        said += text;
      },
    });
    await stack.waitForDocuments(completed(['documents/watched/a.md', 'documents/watched/b.md']));
    interrupt.abort();
    const { code, json } = await watching;
    expect(code).toBe(0);
    expect(actions(json)).toContain('uploaded documents/watched/b.md');
  });
});

describe('chat, search and conversations', () => {
  const question = 'When does the watch tower open in the morning?';

  it('answer with citations, asked by an argument or a pipe', async () => {
    const asked = await groundwork(['chat', question]);
    expect(asked.code).toBe(0);
    expect(asked.stdout).toMatch(/opens at seven in the morning.*\[1\]/s);
    expect(asked.stdout).toMatch(/^\[1\] .*: ".*seven.*" \(documents\/tower\/visit\.md\)$/m);
    const { code, json } = await groundwork(['chat', '--json', '--folder', 'tower'], { stdin: `${question}\n` });
    expect({ code, json }).toMatchObject({ code: 0, json: [{ refused: false, citations: [{ n: 1 }] }] });
  });

  it('find passages', async () => {
    const { json } = await groundwork(['search', 'watch tower', '--top-k', '1', '--json']);
    expect(json).toMatchObject([{ key: 'documents/tower/visit.md', text: expect.stringContaining('seven') }]);
    expect((await groundwork(['search', 'watch tower', '--folder', 'elsewhere'])).stdout).toBe('Nothing was found.\n');
  });

  it('keep a conversation that can be shown, renamed, exported and deleted', async () => {
    const first = await groundwork(['chat', question, '--json']);
    const { conversationId } = first.json[0] as { conversationId: string };
    const second = await groundwork(['chat', 'And why?', '--conversation', conversationId, '--json']);
    expect(second.json).toMatchObject([{ conversationId }]);
    const renamed = await groundwork(['conversations', 'rename', conversationId, 'The', 'tower', '--json']);
    expect(renamed.json).toMatchObject([{ title: 'The tower' }]);
    expect((await groundwork(['conversations'])).stdout).toMatch(
      new RegExp(`^${conversationId}  .*2 turns  The tower$`, 'm'),
    );
    const exported = await groundwork(['conversations', 'export', conversationId]);
    expect(exported.stdout).toMatch(/^# The tower\n/);
    expect(exported.stdout).toContain(`\n> ${question}\n`);
    expect(exported.stdout).toContain('`documents/tower/visit.md`');
    const shown = await groundwork(['conversations', 'show', conversationId, '--json']);
    expect(shown.json).toMatchObject([{ turns: [{ question }, { question: 'And why?' }] }]);
    expect((await groundwork(['conversations', 'delete', conversationId])).code).toBe(0);
    expect((await groundwork(['conversations', 'show', conversationId])).code).toBe(3);
  });
});

describe('eval', () => {
  it('measures a set on the Groundwork that runs here', async () => {
    const set = join(folder, 'set');
    mkdirSync(join(set, 'sea'), { recursive: true });
    writeFileSync(join(set, 'set.json'), '{"documents":{"sea":"sea"}}');
    writeFileSync(join(set, 'sea', 'buoy.md'), '# Buoys\n\nThe red buoy weighs forty kilograms.\n');
    const question = {
      id: 'q',
      question: 'How heavy is the red buoy?',
      answers: ['forty'],
      relevantIds: ['sea/buoy.md'],
    };
    writeFileSync(
      join(set, 'questions.jsonl'),
      `${JSON.stringify({ ...question, language: 'en', answerable: true })}\n`,
    );
    const { code, json, stderr } = await groundwork(['eval', '--set', set, '--out', join(folder, 'report'), '--json']);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('Written to') });
    expect(json).toMatchObject([{ set: 'set' }]);
    expect(existsSync(join(folder, 'report', 'set.md'))).toBe(true);
  });
});

describe('jobs and redrive', () => {
  it('are started, waited for, shown and listed', async () => {
    const { code, json } = await groundwork(['jobs', 'start', 'batch', '--prefix', 'tower/visit', '--wait', '--json']);
    expect({ code, json }).toMatchObject({ code: 0, json: [{ kind: 'BATCH', status: 'COMPLETED', processed: 1 }] });
    const { jobId } = json[0] as { jobId: string };
    expect((await groundwork(['jobs', 'show', jobId])).stdout).toContain(`Job ${jobId}, BATCH: COMPLETED, 1 of 1`);
    expect((await groundwork(['jobs', 'cancel', jobId])).code).toBe(1);
    expect((await groundwork(['redrive'])).stdout).toContain('No dead-letter queue holds messages.');
    const kinds = (await groundwork(['jobs', '--json'])).json.map(job => (job as { kind: string }).kind);
    expect(kinds).toEqual(expect.arrayContaining(['BATCH', 'RETRY']));
  });
});
