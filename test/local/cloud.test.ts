import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { Progress } from '../../local/deployer/deploy.ts';
import { greeting, type Resources, stack, writeAssembly } from './cloud-fixture.ts';
import { tokensOf } from './cognito-browser.ts';
import { notingLog } from './deployer-fixture.ts';

const WAIT = { timeout: 30_000, interval: 100 };
const folder = mkdtempSync(join(tmpdir(), 'cloud-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const client = (cloud: Cloud) => ({
  endpoint: cloud.url,
  region: cloud.region,
  credentials: { accessKeyId: 'me', secretAccessKey: 'me' },
});
const output = (cloud: Cloud, name: string): string => {
  const value = cloud.outputs[name];
  if (value === undefined) throw new Error(`The stack has no output ${name}.`);
  return value;
};
const ask = (cloud: Cloud, path: string, init: RequestInit = {}) =>
  fetch(output(cloud, 'RestUrl') + path, {
    headers: { 'x-api-key': cloud.apiKeys[0]?.value ?? '' },
    signal: AbortSignal.timeout(30_000),
    ...init,
  });
/** What the custom resource's function was asked, in no certain order. */
async function requestsToMaker(cloud: Cloud): Promise<string[]> {
  const dynamo = new DynamoDBClient(client(cloud));
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: output(cloud, 'TableName') }));
  return Items.filter(item => item.id?.S?.startsWith('request-'))
    .map(item => item.event?.S ?? '')
    .sort();
}

describe('a stack on the local cloud', () => {
  const log = notingLog();
  const progress: Progress[] = [];
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud({
      assembly: writeAssembly(join(folder, 'whole'), stack()),
      port: 0,
      region: 'eu-west-1',
      secrets: { 'outside/key': 'hush' },
      users: [{ username: 'tessa', password: 'made up', attributes: { 'custom:tenant': 'acme' } }],
      log,
      onProgress: step => progress.push(step),
    });
  });
  afterAll(() => cloud?.close());

  it('has local addresses in its outputs', () => {
    expect(output(cloud, 'RestUrl')).toMatch(new RegExp(`^${cloud.url}/_api/[a-z0-9]{10}/v1/$`));
    expect(output(cloud, 'QueueUrl')).toMatch(new RegExp(`^${cloud.url}/000000000000/App-Queue-[0-9a-f]{8}$`));
    expect(output(cloud, 'BucketName')).toMatch(/^app-bucket-[0-9a-f]{8}$/);
    expect(cloud.apiKeys).toEqual([expect.objectContaining({ id: output(cloud, 'KeyId') })]);
    expect(cloud.recorded).toContain('AWS::S3::Bucket LifecycleConfiguration');
  });

  it('reports each resource as it is made', () => {
    expect(progress[0]).toMatchObject({ done: 0, total: progress.length });
    expect(progress.map(({ logicalId }) => logicalId).sort()).toEqual(Object.keys(stack()).sort());
  });

  it('signs a made-up user in, with the claims that a function adds', async () => {
    const pool = { url: cloud.url, output: (name: string) => output(cloud, name) };
    const { access_token } = await tokensOf(pool, { username: 'tessa', password: 'made up' });
    expect(decodeJwt(access_token)).toMatchObject({
      ...{ username: 'tessa', 'app:tenant': 'acme', 'app:source': 'TokenGeneration_HostedAuth' },
    });
  });

  it('carries an object through bucket, queue, function and table to the REST API', async () => {
    const s3 = new S3Client(client(cloud));
    const Bucket = output(cloud, 'BucketName');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'documents/a b.txt', Body: 'hello' }));
    const id = encodeURIComponent('documents/a b.txt');
    await expect.poll(async () => (await ask(cloud, `records/${id}`)).status, WAIT).toBe(200);
    expect(await (await ask(cloud, `records/${id}`)).json()).toMatchObject({ event: 'ObjectCreated:Put' });
  });

  it('gives functions what the template says, with local addresses and what a custom resource answered', async () => {
    const response = await ask(cloud, 'records/none');
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      event: null,
      greeting: 'hello Create',
      restUrl: output(cloud, 'RestUrl'),
      queueUrl: output(cloud, 'QueueUrl'),
    });
  });

  it('lets a function do only what its role allows', async () => {
    const denied = await (await ask(cloud, 'records/x', { method: 'PUT' })).json();
    expect(denied).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(/App-Reader-\w+ may not dynamodb:PutItem/),
    });
  });

  it('streams a reply through the REST API', async () => {
    const response = await ask(cloud, 'records?count=3');
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await response.text()).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\n');
  });

  it('refuses a call without its key', async () => {
    expect((await ask(cloud, 'records/x', { headers: {} })).status).toBe(403);
  });

  it('leaves what a function refuses on its queue', async () => {
    const s3 = new S3Client(client(cloud));
    await s3.send(new PutObjectCommand({ Bucket: output(cloud, 'BucketName'), Key: 'documents/bad.txt', Body: 'x' }));
    const sqs = new SQSClient(client(cloud));
    const command = new GetQueueAttributesCommand({ QueueUrl: output(cloud, 'QueueUrl'), AttributeNames: ['All'] });
    await expect
      .poll(async () => (await sqs.send(command)).Attributes?.ApproximateNumberOfMessagesNotVisible, WAIT)
      .toBe('1');
  });

  it('holds secrets that the template does not make', async () => {
    const secrets = new SecretsManagerClient(client(cloud));
    expect((await secrets.send(new GetSecretValueCommand({ SecretId: 'outside/key' }))).SecretString).toBe('hush');
  });
});

describe('a state folder', () => {
  it('brings everything back at the next start, and follows a changed template', async () => {
    const state = join(folder, 'state');
    const withTemplate = (resources: Resources) => writeAssembly(join(folder, 'changing'), resources);
    const start = (resources: Resources, port = 0) => startCloud({ assembly: withTemplate(resources), state, port });

    const first = await start(stack());
    const { port, apiKeys } = first;
    const Bucket = output(first, 'BucketName');
    await new S3Client(client(first)).send(new PutObjectCommand({ Bucket, Key: 'kept.txt', Body: 'kept' }));
    await first.close();
    await expect(fetch(first.url)).rejects.toThrow();

    const second = await start(stack(), port);
    expect(second.apiKeys).toEqual(apiKeys);
    const kept = await new S3Client(client(second)).send(new GetObjectCommand({ Bucket, Key: 'kept.txt' }));
    expect(await kept.Body?.transformToString()).toBe('kept');
    expect(await requestsToMaker(second)).toEqual(['Create >hello']);
    expect(await (await ask(second, 'records/none')).json()).toMatchObject({ greeting: 'hello Create' });
    await second.close();

    const third = await start(stack(greeting({ Word: 'goodbye' })), port);
    expect(await requestsToMaker(third)).toEqual(['Create >hello', 'Update hello>goodbye']);
    expect(await (await ask(third, 'records/none')).json()).toMatchObject({ greeting: 'goodbye Update' });
    await third.close();

    // Neither the custom resource nor the function that must be told of its end is in this template.
    const { Reader, ...others } = stack({});
    const variables = { Environment: { Variables: { TABLE: { Ref: 'Table' } } } };
    const reader = { Type: 'AWS::Lambda::Function', ...Reader, Properties: { ...Reader?.Properties, ...variables } };
    const fourth = await start({ ...others, Reader: reader }, port);
    expect(await requestsToMaker(fourth)).toContain('Delete >goodbye');
    await fourth.close();
  });

  it('updates a custom resource when the port moved, because it may have kept an address', async () => {
    const options = { assembly: writeAssembly(join(folder, 'moving'), stack()), state: join(folder, 'moved'), port: 0 };
    const first = await startCloud(options);
    const second = await startCloud({ ...options, state: join(folder, 'other') });
    const { port } = first;
    await first.close();
    await second.close();
    const moved = await startCloud({ ...options, port: second.port });
    expect(moved.port).not.toBe(port);
    expect(await requestsToMaker(moved)).toEqual(['Create >hello', 'Update hello>hello']);
    await moved.close();
  });
});

describe('local/main.ts', () => {
  it('runs an assembly until it is interrupted', async () => {
    const assembly = writeAssembly(join(folder, 'main'), stack());
    const main = join(import.meta.dirname, '..', '..', 'local', 'main.ts');
    const child = spawn(process.execPath, [
      ...[main, assembly, '--port', '0', '--state', join(folder, 'main-state')],
      ...['--user', JSON.stringify({ username: 'tessa', password: 'made up' })],
    ]);
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(60_000) });
    let printed = '';
    const collect = (data: Buffer) => {
      printed += data;
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', collect);
    try {
      await expect.poll(() => printed, WAIT).toMatch(/^API key \S+: \S+$/m);
      const [, key = ''] = /^API key \S+: (\S+)$/m.exec(printed) ?? [];
      const [, url = ''] = /^RestUrl: (\S+)$/m.exec(printed) ?? [];
      const response = await fetch(`${url}records/none`, { headers: { 'x-api-key': key } });
      expect(response.status).toBe(404);
      const printedOutput = (name: string) => new RegExp(`^${name}: (\\S+)$`, 'm').exec(printed)?.[1] ?? '';
      const pool = { url: new URL(url).origin, output: printedOutput };
      const { id_token } = await tokensOf(pool, { username: 'tessa', password: 'made up' });
      expect(decodeJwt(id_token)['cognito:username']).toBe('tessa');
      child.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('local/main.ts with a plan of faults', () => {
  it('refuses one that it cannot read, in one line', async () => {
    const main = join(import.meta.dirname, '..', '..', 'local', 'main.ts');
    const plan = join(folder, 'faults.json');
    const assembly = writeAssembly(join(folder, 'faulty'), {}, { withOutputs: false });
    const said = async (text: string) => {
      writeFileSync(plan, text);
      const child = spawn(process.execPath, [main, assembly, '--port', '0', '--faults', plan]);
      const errors: Buffer[] = [];
      child.stderr.on('data', data => errors.push(data));
      const [code] = await once(child, 'close', { signal: AbortSignal.timeout(60_000) });
      return `${code} ${Buffer.concat(errors)}`;
    };
    expect(await said('{')).toMatch(/^1 .*faults\.json cannot be read: .*\n$/);
    expect(await said('{ "calls": [{ "fault": "fire" }] }')).toMatch(
      /^1 The faults cannot be read: calls\.0\.fault: .*\n$/,
    );
  });
});

describe('local/main.ts with a user', () => {
  it('refuses one that it cannot read, in one line', async () => {
    const main = join(import.meta.dirname, '..', '..', 'local', 'main.ts');
    const assembly = writeAssembly(join(folder, 'unread'), {}, { withOutputs: false });
    const said = async (user: string) => {
      const child = spawn(process.execPath, [main, assembly, '--port', '0', '--user', user]);
      const errors: Buffer[] = [];
      child.stderr.on('data', data => errors.push(data));
      const [code] = await once(child, 'close', { signal: AbortSignal.timeout(60_000) });
      return `${code} ${Buffer.concat(errors)}`;
    };
    expect(await said('ada')).toMatch(/^1 --user cannot be read: .*\n$/);
    expect(await said('{ "username": "ada" }')).toMatch(/^1 --user cannot be read: password: .*\n$/);
  });
});

describe('a start that fails', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('names everything that the local cloud lacks, and leaves nothing behind', async () => {
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const resources: Resources = {
      Search: { Type: 'AWS::OpenSearchServerless::Collection' },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
    };
    const assembly = writeAssembly(join(folder, 'unknown'), resources, { withOutputs: false });
    await expect(startCloud({ assembly, port: 0 })).rejects.toThrow(
      /Search \(AWS::OpenSearchServerless::Collection\)[\s\S]*Queue \(AWS::SQS::Queue\): property FifoQueue/,
    );
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("tells a custom resource's own reason, and goes on at the next start", async () => {
    const state = join(folder, 'failing');
    const assembly = join(folder, 'failing-assembly');
    const failing = writeAssembly(assembly, stack(greeting({ Fail: true })));
    await expect(startCloud({ assembly: failing, state, port: 0 })).rejects.toThrow(
      'Greeting (Custom::Greeting) could not be deployed: asked to fail',
    );
    const cloud = await startCloud({ assembly: writeAssembly(assembly, stack()), state, port: 0 });
    expect(await requestsToMaker(cloud)).toEqual(['Create >hello', 'Create >hello']);
    await cloud.close();
  });

  it('says that the port is taken', async () => {
    const assembly = writeAssembly(join(folder, 'port'), {}, { withOutputs: false });
    const cloud = await startCloud({ assembly, port: 0 });
    await expect(startCloud({ assembly, port: cloud.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await cloud.close();
  });
});
