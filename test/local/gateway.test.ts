import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { AccessDenied, type Exchange, type Handler, type Log } from '../../local/contracts.ts';
import { type Gateway, type Routes, startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { jsonReply } from '../../local/wire.ts';

const region = 'eu-central-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const lines: string[] = [];
const log: Log = { line: (source, text) => lines.push(`${source}: ${text}`) };
const open: Gateway[] = [];

async function gateway(routes: Routes): Promise<Gateway> {
  lines.length = 0;
  const started = await startGateway({ port: 0, routes, identify: createIdentify({ iam: createIam() }), log });
  open.push(started);
  return started;
}
afterEach(async () => {
  for (const started of open.splice(0)) await started.close();
});

/** Answers with its own name and what it was given. */
const echo =
  (name: string): Handler =>
  async exchange => {
    const { method, path, caller } = exchange;
    jsonReply(exchange.response, { name, method, path, caller, body: (await exchange.body()).toString() });
  };

const everyRoute: Routes = Object.fromEntries(
  ['s3', 'sqs', 'dynamodb', 'secretsmanager', 'bedrock', '_api', '_pinecone', '_cloudformation'].map(name => [
    name,
    echo(name),
  ]),
);

async function ask(url: string, init?: RequestInit) {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000), ...init });
  return { status: response.status, body: await response.text(), type: response.headers.get('content-type') };
}

/** Which route a real client's call reached. */
function recording(): { routes: Routes; reached: string[] } {
  const reached: string[] = [];
  const record = (name: string): Handler => {
    return async ({ response, caller, request, body }) => {
      reached.push(`${name} HTTP/${request.httpVersion} ${caller.kind}`);
      await body();
      response.writeHead(400, { 'content-type': 'application/json', 'x-amzn-errortype': 'Recorded' }).end('{}');
    };
  };
  const names = ['s3', 'sqs', 'dynamodb', 'secretsmanager', 'bedrock'];
  return { reached, routes: Object.fromEntries(names.map(name => [name, record(name)])) };
}

describe('routing', () => {
  it('sends each SDK client to its service, HTTP/2 included', async () => {
    const { routes, reached } = recording();
    const { url: endpoint } = await gateway(routes);
    const config = { endpoint, region, credentials, maxAttempts: 1 };
    await expect(new S3Client(config).send(new ListBucketsCommand())).rejects.toThrow();
    await expect(new SQSClient(config).send(new GetQueueUrlCommand({ QueueName: 'q' }))).rejects.toThrow();
    await expect(new DynamoDBClient(config).send(new DescribeTableCommand({ TableName: 'Table' }))).rejects.toThrow();
    await expect(new SecretsManagerClient(config).send(new ListSecretsCommand())).rejects.toThrow();
    const bedrock = new BedrockRuntimeClient(config);
    await expect(bedrock.send(new InvokeModelCommand({ modelId: 'a:0', body: '{}' }))).rejects.toThrow();
    bedrock.destroy();
    expect(reached).toEqual([
      's3 HTTP/1.1 operator',
      'sqs HTTP/1.1 operator',
      'dynamodb HTTP/1.1 operator',
      'secretsmanager HTTP/1.1 operator',
      'bedrock HTTP/2.0 operator',
    ]);
  });

  it.each([
    ['/_api/abc/dev/chat', {}, '_api'],
    ['/_api/abc/dev/chat', { 'api-key': 'k', authorization: 'AWS4-HMAC-SHA256 nonsense' }, '_api'],
    ['/_pinecone/indexes', {}, '_pinecone'],
    ['/vectors/upsert', { 'Api-Key': 'k' }, '_pinecone'],
    ['/_cloudformation/token', {}, '_cloudformation'],
    ['/bucket/_api/key', {}, 's3'],
    ['/_apikeys', {}, 's3'],
  ])('sends an unsigned %s with headers %o to %s', async (path, headers, name) => {
    const { url } = await gateway(everyRoute);
    const { body } = await ask(url + path, { method: 'POST', headers, body: 'x' });
    expect(JSON.parse(body)).toMatchObject({ name, path, caller: { kind: 'anonymous' }, body: 'x' });
  });

  it('tells at / that it runs', async () => {
    const { url } = await gateway(everyRoute);
    const { status, body } = await ask(url);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ status: 'running', services: expect.arrayContaining(['s3', 'sts']) });
  });

  it('says of a service that it does not have it', async () => {
    const { url: endpoint } = await gateway({});
    const client = new DynamoDBClient({ endpoint, region, credentials, maxAttempts: 1 });
    await expect(client.send(new DescribeTableCommand({ TableName: 'Table' }))).rejects.toMatchObject({
      name: 'NotImplementedException',
      message: 'The local cloud has no dynamodb. It has: sts.',
      $metadata: { httpStatusCode: 501 },
    });
    await expect(
      new S3Client({ endpoint, region, credentials, maxAttempts: 1 }).send(new ListBucketsCommand()),
    ).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('does not take a property of every object for a service', async () => {
    const { url } = await gateway({});
    const authorization =
      'AWS4-HMAC-SHA256 Credential=k/20260101/r/constructor/aws4_request, SignedHeaders=host, Signature=0';
    const { status } = await ask(url, { headers: { authorization, 'x-amz-date': '20260101T000000Z' } });
    expect(status).toBe(501);
  });

  it('asks for a signature where only a signature tells the service', async () => {
    const { url } = await gateway(everyRoute);
    const { status, body } = await ask(url, { method: 'POST', headers: { 'x-amz-target': 'AmazonSQS.ListQueues' } });
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ __type: 'MissingAuthenticationToken' });
  });

  it('keeps the path and decodes the query', async () => {
    let seen: Exchange | undefined;
    const { url } = await gateway({
      s3: async exchange => {
        seen = exchange;
        exchange.response.end();
      },
    });
    const { port } = new URL(url);
    await once(httpRequest({ port, path: '/b//../a%2Fb%20c?prefix=%C3%BC+x&list-type=2' }).end(), 'response');
    expect(seen?.path).toBe('/b//../a%2Fb%20c');
    expect(seen?.query.get('prefix')).toBe('ü x');
  });
});

describe('get-caller-identity', () => {
  it('answers the operator', async () => {
    const { url } = await gateway({});
    const authorization = 'AWS4-HMAC-SHA256 Credential=k/20260101/r/sts/aws4_request, SignedHeaders=host, Signature=0';
    const { status, body, type } = await ask(url, {
      method: 'POST',
      headers: {
        authorization,
        'x-amz-date': '20260101T000000Z',
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });
    expect([status, type]).toEqual([200, 'application/xml']);
    expect(body).toContain('<Arn>arn:aws:iam::000000000000:root</Arn>');
    expect(body).toContain('<Account>000000000000</Account>');
  });
});

describe('the connection', () => {
  it('says when the port is taken', async () => {
    const { port } = await gateway({});
    const identify = createIdentify({ iam: createIam() });
    await expect(startGateway({ port, routes: {}, identify, log })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('recognizes the protocol from first bytes that come one by one', async () => {
    const { port } = await gateway(everyRoute);
    const socket = connect(port, '127.0.0.1');
    for (const byte of 'PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx') {
      socket.write(byte);
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(await text(socket)).toContain('"method":"PUT"');
  });

  it('answers Expect: 100-continue before the body comes', async () => {
    const { port } = await gateway(everyRoute);
    const request = httpRequest({ port, method: 'PUT', path: '/b/k', headers: { expect: '100-continue' } });
    request.flushHeaders();
    await once(request, 'continue', { signal: AbortSignal.timeout(10_000) });
    request.end('late');
    const [response] = await once(request, 'response');
    expect(await text(response)).toContain('"body":"late"');
  });

  it('lets many requests share an HTTP/2 connection', async () => {
    const { url } = await gateway(everyRoute);
    const session = connectHttp2(url);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const stream = session.request({ ':method': 'POST', ':path': `/b/${index}` });
        stream.end(`body ${index}`);
        return text(stream);
      }),
    );
    session.destroy();
    expect(replies.map(reply => JSON.parse(reply).body)).toEqual(replies.map((_, index) => `body ${index}`));
  });

  it('survives clients that go away at any point', async () => {
    const { port, url } = await gateway(everyRoute);
    const starts = [
      '',
      'P',
      'PRI * HTTP/2.0\r\n',
      'GET',
      'PUT /b/k HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 9\r\n\r\nx',
      '\0\0',
    ];
    for (const start of starts) {
      const socket: Socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => socket.destroy());
      if (start) await new Promise(resolve => socket.write(start, resolve));
      socket.resetAndDestroy();
    }
    expect((await ask(url)).status).toBe(200);
  });

  it('ends open connections when it closes', async () => {
    let arrived: () => void = () => expect.unreachable();
    const waiting = new Promise<void>(resolve => {
      arrived = resolve;
    });
    const { url, close } = await gateway({ s3: async () => arrived() });
    const reply = ask(`${url}/never-answered`);
    const refused = expect(reply).rejects.toThrow();
    await waiting;
    await close();
    await refused;
    await expect(ask(url)).rejects.toThrow();
  });
});

describe('a handler that fails', () => {
  it('is not reported when only its client went away', async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
    const readAll: Handler = async ({ body }) => {
      const reading = body();
      reading.then(end, end);
      await reading;
    };
    const { port, url } = await gateway({ s3: readAll });
    const request = httpRequest({ port, method: 'PUT', path: '/b/k', headers: { 'content-length': 100 } });
    request.on('error', () => request.destroy());
    await new Promise<void>(resolve => request.write('part', () => resolve()));
    request.destroy();
    expect(await ended).toMatchObject({ code: 'ECONNRESET' });
    // By the time that another request is answered, the first one's failure has been dealt with.
    await ask(url);
    expect(lines).toEqual([]);
  });

  it('costs one request and a log line', async () => {
    const broken: Handler = async ({ path }) => {
      if (path === '/broken') throw new Error('out of luck');
    };
    const { url } = await gateway({ ...everyRoute, s3: broken });
    const { status, body } = await ask(`${url}/broken`);
    expect(status).toBe(500);
    expect(body).toContain('<Code>InternalError</Code>');
    expect(body).not.toContain('out of luck');
    expect(lines.join('\n')).toContain('GET /broken failed: Error: out of luck');
    expect((await ask(url)).status).toBe(200);
  });

  it('breaks a reply off rather than ending it as if complete', async () => {
    const { url } = await gateway({
      s3: async ({ response }) => {
        response.writeHead(200, { 'content-length': 100 });
        await new Promise<void>(resolve => response.write('half', () => resolve()));
        throw new Error('midway');
      },
    });
    await expect(ask(`${url}/half`)).rejects.toThrow();
  });

  it('is worded as a denial when it lets one through', async () => {
    const deny: Handler = async () => {
      throw new AccessDenied('chat may not.');
    };
    const { url: endpoint } = await gateway({ s3: deny, dynamodb: deny });
    const config = { endpoint, region, credentials, maxAttempts: 1 };
    await expect(new S3Client(config).send(new ListBucketsCommand())).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'chat may not.',
    });
    await expect(
      new DynamoDBClient(config).send(new DescribeTableCommand({ TableName: 'Table' })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'chat may not.' });
  });

  it('refuses a body that is too long for its reader', async () => {
    const { url } = await gateway({
      s3: async ({ body, response }) => {
        await body(10);
        response.end();
      },
    });
    const { status, body } = await ask(`${url}/b`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect(status).toBe(413);
    expect(body).toContain('longer than 10 bytes');
  });
});
