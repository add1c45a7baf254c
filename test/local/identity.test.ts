import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller, Credentials, Exchange } from '../../local/contracts.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { jsonReply } from '../../local/wire.ts';

const region = 'eu-central-1';
const roleArn = 'arn:aws:iam::000000000000:role/chat';
const iam = createIam();
const MINUTE = 60_000;

let nowMs = Date.now();
let seen: Caller[] = [];
let gateway: Gateway;
let endpoint: string;
let credentials: Credentials;

beforeAll(async () => {
  const Principal = { Service: 'lambda.amazonaws.com' };
  const trust = { Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' } as const] };
  iam.putRole({ arn: roleArn, name: 'chat', trust, policies: [] });
  credentials = iam.issueCredentials(roleArn, 'chat-function');
  const record = async ({ caller, response, body }: Exchange) => {
    seen.push(caller);
    await body();
    jsonReply(response, {});
  };
  const recordS3 = async ({ caller, response, body }: Exchange) => {
    seen.push(caller);
    await body();
    response.setHeader('content-type', 'application/xml');
    response.end('<ListBucketResult/>');
  };
  gateway = await startGateway({
    port: 0,
    routes: { s3: recordS3, dynamodb: record, sqs: record, secretsmanager: record, bedrock: record },
    identify: createIdentify({ iam, now: () => nowMs }),
    log: { line: (_source, line) => expect.unreachable(line) },
  });
  endpoint = gateway.url;
});
afterAll(() => gateway.close());
beforeEach(() => {
  nowMs = Date.now();
  seen = [];
});

const config = (overrides: Partial<Credentials> = {}) => ({
  endpoint,
  region,
  credentials: { ...credentials, ...overrides },
  maxAttempts: 1,
});
const theFunction = () => ({
  kind: 'role',
  accessKeyId: credentials.accessKeyId,
  roleArn,
  functionName: 'chat-function',
});

/** The names that `s3`'s and the JSON protocols' clients see for a refused call. */
async function refusals(overrides: Partial<Credentials>) {
  const calls = [
    new S3Client(config(overrides)).send(new GetObjectCommand({ Bucket: 'bucket', Key: 'a' })),
    new DynamoDBClient(config(overrides)).send(new ListTablesCommand()),
    new BedrockRuntimeClient(config(overrides)).send(new ConverseCommand({ modelId: 'm', messages: [] })),
  ];
  const results = await Promise.allSettled(calls);
  return results.map(result => (result.status === 'rejected' ? result.reason.name : 'allowed'));
}

async function ask(url: string, init: RequestInit = {}) {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000), ...init });
  return { status: response.status, body: await response.text() };
}

describe('a call signed by a real client with issued credentials', () => {
  it.each([
    'a.txt',
    'documents/a b+c%d&e=f?g#h.txt',
    'ünï/文書/🦄.pdf',
    "quotes'(and)*stars!~_-.",
    'double//slash/../up/./dot',
    '$,;:@[]{}|\\^`"<>',
  ])('is the function’s, for the S3 key %s', async Key => {
    const s3 = new S3Client(config());
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'text', Metadata: { note: '  two   spaces ' } }));
    await s3.send(new ListObjectsV2Command({ Bucket: 'bucket', Prefix: Key, Delimiter: '/', StartAfter: 'ü +' }));
    expect(seen).toEqual([theFunction(), theFunction()]);
  });

  it('is the function’s, for a streamed upload', async () => {
    const Body = Readable.from([Buffer.alloc(60_000), Buffer.alloc(40_000)]);
    await new S3Client(config()).send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body, ContentLength: 100_000 }));
    expect(seen).toEqual([theFunction()]);
  });

  it('is the function’s, in every other protocol', async () => {
    await new DynamoDBClient(config()).send(new ListTablesCommand());
    await new SQSClient(config()).send(new ListQueuesCommand());
    await new SecretsManagerClient(config()).send(new ListSecretsCommand());
    const modelId = 'arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-2-lite-v1:0';
    const bedrock = new BedrockRuntimeClient(config());
    await bedrock.send(new ConverseCommand({ modelId, messages: [{ role: 'user', content: [{ text: 'ü' }] }] }));
    bedrock.destroy();
    expect(seen).toEqual([theFunction(), theFunction(), theFunction(), theFunction()]);
  });

  it('is refused with another secret', async () => {
    expect(await refusals({ secretAccessKey: 'guessed' })).toEqual([
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
      'InvalidSignatureException',
    ]);
    expect(seen).toEqual([]);
  });

  it('is refused with another session token', async () => {
    const names = ['InvalidToken', 'UnrecognizedClientException', 'UnrecognizedClientException'];
    expect(await refusals({ sessionToken: 'stolen' })).toEqual(names);
  });

  it('is refused when the key is of an earlier run', async () => {
    const names = ['InvalidAccessKeyId', 'UnrecognizedClientException', 'UnrecognizedClientException'];
    expect(await refusals({ accessKeyId: `${credentials.accessKeyId.slice(0, -2)}AA` })).toEqual(names);
  });

  it.each([
    ['late', 16 * MINUTE],
    ['early', -16 * MINUTE],
  ])('is refused when it comes 16 minutes %s', async (_when, offsetMs) => {
    nowMs += offsetMs;
    const names = ['RequestTimeTooSkewed', 'InvalidSignatureException', 'InvalidSignatureException'];
    expect(await refusals({})).toEqual(names);
  });

  it('is let through within 15 minutes', async () => {
    nowMs += 14 * MINUTE;
    expect(await refusals({})).toEqual(['allowed', 'allowed', expect.anything()]);
    expect(seen).toHaveLength(3);
  });
});

describe('a request that was changed after it was signed', () => {
  /** Signs by hand, so that any part can be changed; the body's hash is not sent, as botocore does. */
  async function signed(change: { path?: string; body?: string; header?: string; method?: string } = {}) {
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const scope = `${date.slice(0, 8)}/${region}/dynamodb/aws4_request`;
    const host = new URL(endpoint).host;
    const hash = (content: string) => createHash('sha256').update(content).digest('hex');
    const names = 'host;x-amz-date;x-amz-security-token;x-note';
    const headers = [`host:${host}`, `x-amz-date:${date}`, `x-amz-security-token:${credentials.sessionToken}`];
    const canonical = ['POST', '/a%2520b', 'k=', ...headers, 'x-note:a b', '', names, hash('{}')].join('\n');
    const key = [date.slice(0, 8), region, 'dynamodb', 'aws4_request'].reduce<Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      Buffer.from(`AWS4${credentials.secretAccessKey}`),
    );
    const toSign = ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n');
    const signature = createHmac('sha256', key).update(toSign).digest('hex');
    const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
    return send(change.path ?? '/a%20b?k=', change.method ?? 'POST', change.body ?? '{}', {
      authorization,
      'x-amz-date': date,
      'x-amz-security-token': credentials.sessionToken,
      'x-note': change.header ?? '  a   b ',
    });
  }

  it('was let through unchanged', async () => {
    expect((await signed()).status).toBe(200);
    expect(seen).toEqual([theFunction()]);
  });

  it.each([
    ['path', { path: '/a%20c?k=' }],
    ['query', { path: '/a%20b?k=&l=' }],
    ['body', { body: '{ }' }],
    ['header', { header: 'a c' }],
    ['method', { method: 'PUT' }],
  ])('is refused for its %s', async (_part, change) => {
    const { status, body } = await signed(change);
    expect([status, body]).toEqual([403, expect.stringContaining('InvalidSignatureException')]);
    expect(seen).toEqual([]);
  });
});

/** Unlike fetch, sends the path as it is given. */
async function send(path: string, method: string, body: string, headers: Record<string, string>) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const request = httpRequest(`${endpoint}`, { path, method, headers, signal: AbortSignal.timeout(10_000) });
  request.on('error', reject);
  request.on('response', response => {
    text(response).then(reply => resolve({ status: response.statusCode ?? 0, body: reply }), reject);
  });
  request.end(body);
  return promise;
}

describe('a presigned URL', () => {
  const presign = (overrides: Partial<Credentials> = {}, Key = 'a b+ü/‰.pdf') =>
    getSignedUrl(
      new S3Client(config(overrides)),
      new GetObjectCommand({ Bucket: 'bucket', Key, ResponseContentDisposition: 'inline; filename="a b.pdf"' }),
      { expiresIn: 300 },
    );

  it('is the function’s that made it', async () => {
    expect((await ask(await presign())).status).toBe(200);
    expect(seen).toEqual([theFunction()]);
  });

  it('lets a browser put an object', async () => {
    const s3 = new S3Client({ ...config(), requestChecksumCalculation: 'WHEN_REQUIRED' });
    const put = new PutObjectCommand({ Bucket: 'bucket', Key: 'a.txt', ContentType: 'text/plain' });
    const url = await getSignedUrl(s3, put, { expiresIn: 60, signableHeaders: new Set(['content-type']) });
    expect((await ask(url, { method: 'PUT', body: 'x', headers: { 'content-type': 'text/plain' } })).status).toBe(200);
    expect((await ask(url, { method: 'PUT', body: 'x', headers: { 'content-type': 'text/html' } })).status).toBe(403);
    expect(seen).toEqual([theFunction()]);
  });

  it('is refused for another key, method or response header', async () => {
    const url = await presign();
    const tampered = [
      ask(url.replace('a%20b', 'a%20c')),
      ask(url, { method: 'DELETE' }),
      ask(url.replace('inline', 'attachment')),
      ask(`${url}&versionId=1`),
      ask(url.replace(/X-Amz-Expires=300/, 'X-Amz-Expires=3000')),
    ];
    for (const reply of await Promise.all(tampered)) {
      expect([reply.status, reply.body]).toEqual([403, expect.stringContaining('<Code>SignatureDoesNotMatch</Code>')]);
    }
    expect(seen).toEqual([]);
  });

  it.each([
    ['the function’s', {}],
    ['the operator’s', { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'any' }],
  ])('ends, as %s own', async (_whose, overrides) => {
    const url = await presign(overrides);
    nowMs += 4 * MINUTE;
    expect((await ask(url)).status).toBe(200);
    nowMs += 2 * MINUTE;
    const reply = await ask(url);
    expect([reply.status, reply.body]).toEqual([
      403,
      expect.stringContaining('<Message>Request has expired</Message>'),
    ]);
  });

  it('lives a week at most', async () => {
    const reply = await ask((await presign()).replace('X-Amz-Expires=300', 'X-Amz-Expires=604801'));
    expect([reply.status, reply.body]).toEqual([400, expect.stringContaining('at most a week')]);
  });
});

describe('a key that the cloud did not issue', () => {
  it('is the operator’s, whatever its secret', async () => {
    const client = new DynamoDBClient({ ...config(), credentials: { accessKeyId: 'AKIA', secretAccessKey: 'any' } });
    await client.send(new ListTablesCommand());
    expect(seen).toEqual([{ kind: 'operator', accessKeyId: 'AKIA' }]);
  });
});

describe('a page that a browser on this machine shows', () => {
  const operatorUrl = () => {
    const s3 = new S3Client(config({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'any', sessionToken: '' }));
    return getSignedUrl(s3, new GetObjectCommand({ Bucket: 'bucket', Key: 'a' }), { expiresIn: 60 });
  };
  const version2Url = () =>
    `${endpoint}/bucket/key?AWSAccessKeyId=AKIA&Signature=abc%3D&Expires=${Math.floor(nowMs / 1000) + 60}`;

  it.each([
    'https://attacker.example',
    'http://127.0.0.1.attacker.example',
    'http://localhost@attacker.example',
    'null',
  ])('is not the operator, from %s', async origin => {
    for (const url of [await operatorUrl(), version2Url()]) {
      const reply = await ask(url, { headers: { origin } });
      expect([reply.status, reply.body]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    }
    expect(seen).toEqual([]);
  });

  it.each(['http://127.0.0.1:4566', 'http://localhost:3000', 'http://[::1]:3000', 'http://app.localhost'])(
    'may be the operator, from %s',
    async origin => {
      expect((await ask(await operatorUrl(), { headers: { origin } })).status).toBe(200);
    },
  );

  it('may use what a function signed, wherever it is from', async () => {
    const url = await getSignedUrl(new S3Client(config()), new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect((await ask(url, { headers: { origin: 'https://app.example' } })).status).toBe(200);
    expect(seen).toEqual([theFunction()]);
  });

  it('does not reach the cloud under a name of its own', async () => {
    const { port } = new URL(endpoint);
    const asked = (host: string) => send('/bucket/a', 'GET', '', { host });
    for (const host of [`attacker.example:${port}`, 'localhost.attacker.example', '127.0.0.1.nip.example']) {
      expect(await asked(host)).toMatchObject({ status: 403 });
    }
    expect(seen).toEqual([]);
    for (const host of [`localhost:${port}`, `[::1]:${port}`, `my.bucket.localhost:${port}`]) {
      expect(await asked(host)).toMatchObject({ status: 200 });
    }
  });
});

describe('a request without Signature Version 4', () => {
  it('is anonymous when it has no credentials', async () => {
    await ask(`${endpoint}/bucket/key`);
    await ask(`${endpoint}/bucket/key`, { headers: { authorization: 'Bearer abc' } });
    expect(seen).toEqual([{ kind: 'anonymous' }, { kind: 'anonymous' }]);
  });

  it('is the operator’s with Signature Version 2, until it expires', async () => {
    const expires = Math.floor(nowMs / 1000) + 60;
    const url = `${endpoint}/bucket/key?AWSAccessKeyId=AKIA&Signature=abc%3D&Expires=${expires}`;
    expect((await ask(url)).status).toBe(200);
    expect(seen).toEqual([{ kind: 'operator', accessKeyId: 'AKIA' }]);
    nowMs += 2 * MINUTE;
    expect((await ask(url)).body).toContain('Request has expired');
  });

  it('is never a function’s: its key must be proved', async () => {
    const { accessKeyId } = credentials;
    const header = await ask(`${endpoint}/b/k`, { headers: { authorization: `AWS ${accessKeyId}:abc=` } });
    const expires = Math.floor(nowMs / 1000) + 60;
    const url = await ask(`${endpoint}/b/k?AWSAccessKeyId=${accessKeyId}&Signature=abc&Expires=${expires}`);
    expect([header.status, url.status, seen]).toEqual([400, 400, []]);
  });

  it.each([
    'AWS4-HMAC-SHA256 nonsense',
    'AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0',
    'AWS4-HMAC-SHA256 Credential=k/20260101/r/s3/aws4_request, SignedHeaders=host, Signature=0',
    'AWS4-ECDSA-P256-SHA256 Credential=k/20260101/s3/aws4_request, SignedHeaders=host, Signature=0',
  ])('is refused when its signature cannot be read: %s', async authorization => {
    const { status } = await ask(`${endpoint}/b/k`, { headers: { authorization } });
    expect([status, seen]).toEqual([400, []]);
  });
});
