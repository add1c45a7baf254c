import { BedrockRuntimeClient, ConverseStreamCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createBedrock } from '../../local/bedrock/bedrock.ts';
import { faultAdmin } from '../../local/faults/admin.ts';
import { createFaults } from '../../local/faults/faults.ts';
import { type FaultPlanInput, parseFaultPlan } from '../../local/faults/plan.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { jsonReply } from '../../local/wire.ts';

const region = 'us-east-1';
const lines: string[] = [];
const log = { line: (source: string, text: string) => void lines.push(`${source}: ${text}`) };
const iam = createIam();
const arn = 'arn:aws:iam::000000000000:role/worker';
const statement = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' } as const;
iam.putRole({ arn, name: 'worker', trust: { Statement: [trust] }, policies: [{ Statement: [statement] }] });
const worker = iam.issueCredentials(arn, 'worker');
const operator = { accessKeyId: 'me', secretAccessKey: 'me' };

const faults = createFaults({}, log);
let gateway: Gateway;
beforeAll(async () => {
  const served = async ({ response }: { response: Parameters<typeof jsonReply>[0] }) => jsonReply(response, {});
  gateway = await startGateway({
    port: 0,
    routes: {
      ...{ s3: served, sqs: served, dynamodb: served, secretsmanager: served, lambda: served, _pinecone: served },
      bedrock: createBedrock({ iam, region, log, faults }).handler,
      _local: faultAdmin(faults),
    },
    identify: createIdentify({ iam }),
    faults,
    log,
  });
});
afterEach(() => faults.change({}));
afterAll(() => gateway?.close());

const as = (credentials: typeof operator, maxAttempts = 1) => ({
  ...{ region, credentials, maxAttempts },
  endpoint: gateway.url,
});
const admin = (init?: RequestInit) => fetch(`${gateway.url}/_local/faults`, init);
const modelId = 'amazon.titan-embed-text-v2:0';
const embed = (config = as(worker)) =>
  new BedrockRuntimeClient(config).send(new InvokeModelCommand({ modelId, body: '{"inputText":"a"}' }));

const calls: [service: string, operation: string, call: () => Promise<unknown>, throttle: RegExp, error: RegExp][] = [
  ['bedrock', 'InvokeModel', () => embed(), /ThrottlingException/, /ServiceUnavailableException/],
  [
    'dynamodb',
    'GetItem',
    () => new DynamoDBClient(as(worker)).send(new GetItemCommand({ TableName: 'a', Key: {} })),
    /ProvisionedThroughputExceededException/,
    /InternalServerError/,
  ],
  [
    's3',
    'GetObject',
    () => new S3Client({ ...as(worker), forcePathStyle: true }).send(new GetObjectCommand({ Bucket: 'a', Key: 'b/c' })),
    /SlowDown/,
    /InternalError/,
  ],
  [
    's3',
    'Bucket',
    () => new S3Client({ ...as(worker), forcePathStyle: true }).send(new ListObjectsV2Command({ Bucket: 'a' })),
    /SlowDown/,
    /InternalError/,
  ],
  [
    'sqs',
    'SendMessage',
    () =>
      new SQSClient({ ...as(worker), md5: false }).send(
        new SendMessageCommand({ QueueUrl: `${gateway.url}/000000000000/a`, MessageBody: 'b' }),
      ),
    /RequestThrottled/,
    /ServiceUnavailable/,
  ],
  [
    'secretsmanager',
    'GetSecretValue',
    () => new SecretsManagerClient(as(worker)).send(new GetSecretValueCommand({ SecretId: 'a' })),
    /ThrottlingException/,
    /InternalServiceError/,
  ],
  [
    'lambda',
    'Invoke',
    () => new LambdaClient(as(worker)).send(new InvokeCommand({ FunctionName: 'a' })),
    /TooManyRequestsException/,
    /ServiceException/,
  ],
  [
    'pinecone',
    'query',
    () =>
      new Pinecone({ apiKey: 'key', maxRetries: 0 })
        .index({ host: `${gateway.url}/_pinecone/i/x` })
        .query({ vector: [1], topK: 1 }),
    /injected this: throttle/,
    /MaxRetriesExceeded/,
  ],
];
const failureOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: Error & { $metadata?: object }) => `${error.name}: ${error.message}`,
  );

describe('a call of a function', () => {
  it.each(calls)('%s %s fails as its client understands', async (service, operation, call, throttle, error) => {
    const rule = { service, operation } as { service: 'bedrock' };
    faults.change({ calls: [{ ...rule, fault: 'throttle' }] });
    expect(await failureOf(call())).toMatch(throttle);
    faults.change({ calls: [{ ...rule, fault: 'error' }] });
    expect(await failureOf(call())).toMatch(error);
    faults.change({ calls: [{ ...rule, fault: 'disconnect' }] });
    expect(await failureOf(call())).not.toBe('none');
    expect(faults.report().injected).toEqual({ [`${service} ${operation} disconnect`]: 1 });
  });

  it('fails as often as said, and is repeated by its client', async () => {
    faults.change({ calls: [{ service: 'bedrock', fault: 'throttle', times: 2 }] });
    await embed(as(worker, 3));
    expect(faults.report().injected).toEqual({ 'bedrock InvokeModel throttle': 2 });
  });

  it('is served when it was slow', async () => {
    faults.change({ calls: [{ operation: 'Invoke*', fault: 'delay', delayMs: 100 }] });
    await embed();
    expect(faults.report().injected).toEqual({ 'bedrock InvokeModel delay': 1 });
  });

  it('that is slow ends when its client has gone', async () => {
    faults.change({ calls: [{ fault: 'delay', delayMs: 600_000 }, { fault: 'error' }] });
    const client = new BedrockRuntimeClient(as(worker));
    const abortSignal = AbortSignal.timeout(200);
    await expect(client.send(new InvokeModelCommand({ modelId, body: '{}' }), { abortSignal })).rejects.toThrow();
  });

  it('is left alone when another service or operation is meant, and so is the operator', async () => {
    faults.change({
      calls: [
        { service: 's3', fault: 'error' },
        { operation: 'Converse*', fault: 'error' },
      ],
    });
    await embed();
    faults.change({ calls: [{ fault: 'error' }] });
    await embed(as(operator));
    expect(faults.report().injected).toEqual({});
  });
});

describe('a stream of the model', () => {
  const stream = async () => {
    const prompt =
      '<source-k3x id="1" title="T">\nThe tower has 212 steps in all.\n</source-k3x>\n\n<question>How many steps has the tower?</question>';
    const client = new BedrockRuntimeClient(as(worker));
    const input = {
      modelId: 'amazon.nova-2-lite-v1:0',
      messages: [{ role: 'user' as const, content: [{ text: prompt }] }],
    };
    const { stream: events } = await client.send(new ConverseStreamCommand(input));
    let text = '';
    for await (const event of events ?? []) text += event.contentBlockDelta?.delta?.text ?? '';
    return text;
  };

  it('fails midway', async () => {
    expect(await stream()).toContain('212');
    faults.change({ streams: [{ fault: 'break', pieces: 1 }] });
    await expect(stream()).rejects.toMatchObject({ name: 'ModelStreamErrorException' });
    expect(faults.report().injected).toEqual({ 'stream break': 1 });
  });
});

describe('the plan', () => {
  it('is changed and read while the cloud runs', async () => {
    const plan: FaultPlanInput = { seed: 7, calls: [{ service: 'bedrock', fault: 'throttle', rate: 0.5 }] };
    const changed = await admin({ method: 'PUT', body: JSON.stringify(plan) });
    expect(await changed.json()).toMatchObject({ seed: 7, plan: { calls: [{ operation: '*', rate: 0.5 }] } });
    expect(lines.at(-1)).toBe('faults: things go wrong on purpose now, with the seed 7');
    expect(await (await admin()).json()).toMatchObject({ seed: 7, injected: {} });
    expect(await (await admin({ method: 'DELETE' })).json()).toMatchObject({ plan: { calls: [] } });
  });

  it('that cannot be read is refused, each fault named, and the old one stays', async () => {
    faults.change({ seed: 3 });
    for (const body of ['{', JSON.stringify({ calls: [{ service: 'nosuch', fault: 'throttle' }], more: 1 })]) {
      const response = await admin({ method: 'PUT', body });
      expect(response.status).toBe(400);
    }
    expect(() => parseFaultPlan({ calls: [{ service: 'nosuch', fault: 'throttle', rate: 2 }] })).toThrow(
      /calls\.0\.service: .*; calls\.0\.rate: /,
    );
    expect(faults.report().seed).toBe(3);
  });

  it('is not for pages of other sites, under whatever name they reach this port', async () => {
    const { request } = await import('node:http');
    const status = await new Promise(resolve => {
      const asked = request(`${gateway.url}/_local/faults`, { headers: { host: 'attacker.example' } });
      asked.on('response', response => resolve(response.resume().statusCode)).end();
    });
    expect(status).toBe(403);
    expect((await admin({ method: 'OPTIONS' })).status).toBe(405);
  });

  it('decides alike with the same seed, and at the rate that it says', () => {
    const strikes = (seed: number) => {
      const planned = createFaults({ seed, calls: [{ fault: 'error', rate: 0.2 }] }, log);
      return Array.from({ length: 2_000 }, () => planned.ofCall('s3', 'GetObject') !== undefined);
    };
    const share = strikes(1).filter(Boolean).length / 2_000;
    expect(strikes(1)).toEqual(strikes(1));
    expect(strikes(1)).not.toEqual(strikes(2));
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.25);
  });

  it('says which seed was taken when it names none', () => {
    const { seed } = createFaults({ calls: [{ fault: 'error' }] }, log).report();
    expect(lines.at(-1)).toContain(`with the seed ${seed}`);
  });
});
