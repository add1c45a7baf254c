import { afterEach, describe, expect, it, vi } from 'vitest';
import { AwsClient, readJson } from '../../../lambdas/adapters/aws/client.ts';
import { throttleOf } from '../../../lambdas/throttling.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from '../../support/scripted-server.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const fine: ScriptedReply = { status: 200, body: { fine: true } };
const throttled: ScriptedReply = {
  status: 400,
  body: { __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException', message: 'slow down' },
};

describe('a client of an AWS service', () => {
  let server: ScriptedServer | undefined;
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server?.close();
    server = undefined;
  });
  const start = async (replies: readonly ScriptedReply[], maxAttempts = 3) => {
    server = await startScriptedServer((_, count) => replies[count - 1] ?? replies.at(-1) ?? fine);
    const options = { endpoint: server.url, region: 'us-east-1', credentials, maxAttempts, waitMs: () => 1 };
    const client = new AwsClient({ host: 'dynamodb', signingName: 'dynamodb' }, options);
    const call = (signal?: AbortSignal) => client.send({ body: '{}' }, readJson, signal);
    return { call, requests: server.requests };
  };

  it('asks again after a throttle, a failure of the server and a lost connection', async () => {
    const { call, requests } = await start([throttled, { status: 503 }, 'hang-up', fine], 4);
    expect(await call()).toEqual({ fine: true });
    expect(requests).toHaveLength(4);
  });

  it('names an error as the service does, by its JSON or a header', async () => {
    const { call, requests } = await start([
      { status: 400, body: { __type: 'ns#ConditionalCheckFailedException', message: 'no' } },
      { status: 400, headers: { 'x-amzn-errortype': 'ValidationException:http://x/' }, body: { message: 'wrong' } },
    ]);
    const named = (name: string, message: string) => ({ name, message, $metadata: { httpStatusCode: 400 } });
    await expect(call()).rejects.toMatchObject(named('ConditionalCheckFailedException', 'no'));
    await expect(call()).rejects.toMatchObject(named('ValidationException', 'wrong'));
    expect(requests).toHaveLength(2);
  });

  it.each<[string, ScriptedReply]>([
    ['throttled', throttled],
    ['refused with 429', { status: 429 }],
    ['failing', { status: 500 }],
    ['out of reach', 'hang-up'],
  ])('gives up after its attempts, with an error that counts as a throttle, when it stays %s', async (_, reply) => {
    const { call, requests } = await start([reply], 2);
    const failure = await call().catch((error: unknown) => error);
    // DynamoDB's own throttles have another status than the others, so the name must tell.
    expect(throttleOf(failure)).toEqual({ retryAfterSeconds: 0 });
    expect(requests).toHaveLength(2);
  });

  it('ends with the reason of its signal', async () => {
    const { call } = await start(['silence']);
    const controller = new AbortController();
    const waiting = call(controller.signal);
    const reason = new Error('nobody listens');
    setTimeout(() => controller.abort(reason), 30);
    await expect(waiting).rejects.toBe(reason);
    await expect(call(AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('sends Lambda’s trace, and signs with what Lambda gives', async () => {
    const { requests } = await start([fine]);
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'chat');
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-abc');
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ENDPOINT_URL', server?.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDLAMBDA');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'session');
    await new AwsClient({ host: 'dynamodb', signingName: 'dynamodb' }).send({}, readJson);
    expect(requests[0]?.headers).toMatchObject({
      'x-amzn-trace-id': 'Root=1-abc',
      'x-amz-security-token': 'session',
      authorization: expect.stringMatching(/Credential=AKIDLAMBDA\/\d{8}\/eu-west-1\/dynamodb\/aws4_request/),
    });
  });

  it('says which variable is missing', async () => {
    vi.stubEnv('AWS_REGION', '');
    expect(() => new AwsClient({ host: 'dynamodb', signingName: 'dynamodb' })).toThrow('AWS_REGION');
  });

  it('finds the service’s own address', () => {
    vi.stubEnv('AWS_ENDPOINT_URL', undefined);
    const addressIn = (region: string) =>
      new AwsClient({ host: 'dynamodb', signingName: 'dynamodb' }, { region }).endpoint.href;
    expect(addressIn('us-east-1')).toBe('https://dynamodb.us-east-1.amazonaws.com/');
    expect(addressIn('cn-north-1')).toBe('https://dynamodb.cn-north-1.amazonaws.com.cn/');
  });
});
