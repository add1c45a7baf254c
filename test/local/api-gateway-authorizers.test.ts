import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { APIGatewayProxyEvent, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import type { Value } from '../../local/assembly.ts';
import { AccessDenied, type Caller, type InvocationResult, type PolicyStatement } from '../../local/contracts.ts';
import { buffered, method, ok, resource, startApi } from './api-gateway-fixture.ts';

type Api = Awaited<ReturnType<typeof startApi>>;
let open: Api[] = [];
afterEach(async () => {
  await Promise.all(open.map(api => api.close()));
  open = [];
});
const start = async (...args: Parameters<typeof startApi>) => {
  const api = await startApi(...args);
  open.push(api);
  return api;
};

interface Told {
  readonly authorizer?: Record<string, unknown>;
  readonly identity: Record<string, unknown>;
  readonly message: string;
}
const told = async (response: Response) => (await response.json()) as Told;

/** The hash that the signing library asks for. */
class NodeSha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error('A hash is used once.');
  }
}
const bytesOf = (data: string | ArrayBuffer | ArrayBufferView) =>
  ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data as string);

/** Tells what the function gets to know of who asks. */
const backend = (event: unknown): InvocationResult => {
  const { authorizer, identity } = (event as APIGatewayProxyEvent).requestContext;
  return ok({ statusCode: 200, body: JSON.stringify({ authorizer, identity }) });
};

describe('a Lambda authorizer', () => {
  const tree = (authorizer: Record<string, Value> = {}) => ({
    Authorizer: {
      type: 'AWS::ApiGateway::Authorizer',
      properties: {
        ...{ RestApiId: { Ref: 'Api' }, Name: 'who', Type: 'REQUEST', AuthorizerResultTtlInSeconds: 0 },
        AuthorizerUri: buffered('authorizer').Uri ?? '',
        ...authorizer,
      },
    },
    Documents: resource('documents'),
    Document: resource('{id}', 'Documents'),
    Get: method('GET', 'Document', buffered('backend'), {
      ...{ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } },
    }),
    Open: method('GET', 'Documents', buffered('backend')),
  });
  const statement = (Effect: 'Allow' | 'Deny', Resource: string | string[]) => ({
    ...{ Effect, Resource, Action: 'execute-api:Invoke' },
  });
  const decision = (...Statement: unknown[]) => ({
    ...{ principalId: 'ada', policyDocument: { Version: '2012-10-17', Statement } },
  });
  /** An API whose authorizer answers so; what it was asked is in `seen`. */
  async function guarded(
    answer: (event: APIGatewayRequestAuthorizerEvent) => InvocationResult,
    authorizer?: Record<string, Value>,
  ) {
    const seen: { event: APIGatewayRequestAuthorizerEvent; caller: Caller }[] = [];
    const api = await start(
      tree(authorizer),
      {
        async invoke(name, event, caller) {
          if (name === 'backend') return backend(event);
          const asked = event as APIGatewayRequestAuthorizerEvent;
          seen.push({ event: asked, caller });
          return answer(asked);
        },
      },
      { stage: { Variables: { colour: 'red' } } },
    );
    return { api, seen };
  }
  const thrown = (message: string): InvocationResult => ({ ok: false, type: 'Error', message });

  it('is asked with the whole request, as the service that its permission names', async () => {
    const { api, seen } = await guarded(({ methodArn }) => ok(decision(statement('Allow', methodArn))));
    const response = await api.fetch('documents/a%20b?tag=x&tag=y', { headers: { 'X-Api-Key': 'k', accept: 'a/b' } });
    expect(response.status).toBe(200);

    const base = `arn:aws:execute-api:eu-west-1:000000000000:${api.apiId}`;
    expect(seen[0]?.event).toMatchObject({
      type: 'REQUEST',
      methodArn: `${base}/v1/GET/documents/a%20b`,
      resource: '/documents/{id}',
      path: '/documents/a%20b',
      httpMethod: 'GET',
      headers: { accept: 'a/b', 'X-Forwarded-For': '127.0.0.1' },
      multiValueHeaders: { accept: ['a/b'] },
      queryStringParameters: { tag: 'y' },
      multiValueQueryStringParameters: { tag: ['x', 'y'] },
      pathParameters: { id: 'a b' },
      stageVariables: { colour: 'red' },
      requestContext: { apiId: api.apiId, stage: 'v1', resourcePath: '/documents/{id}', httpMethod: 'GET' },
    });
    expect(seen[0]?.event).not.toHaveProperty('body');
    expect(seen[0]?.caller).toEqual({
      ...{ kind: 'service', principal: 'apigateway.amazonaws.com' },
      sourceArn: expect.stringMatching(new RegExp(`^${base}/authorizers/[a-z0-9]{6}$`)),
    });
  });

  it('hands its context to the function as strings, and is asked anew each time', async () => {
    const context = { tenant: 'acme', count: 3, admin: true };
    const { api, seen } = await guarded(() => ok({ ...decision(statement('Allow', '*')), context }));
    const { authorizer } = await told(await api.fetch('documents/1'));
    expect(authorizer).toEqual({
      ...{ tenant: 'acme', count: '3', admin: 'true', principalId: 'ada', integrationLatency: expect.any(Number) },
    });
    await api.fetch('documents/1');
    expect(seen).toHaveLength(2);
  });

  it('is not asked for a method without authorization', async () => {
    const { api, seen } = await guarded(() => thrown('not expected'));
    const response = await api.fetch('documents');
    expect([response.status, (await told(response)).authorizer, seen.length]).toEqual([200, undefined, 0]);
  });

  it.each<[string, number, string, (arn: string) => unknown[]]>([
    [
      'allows another method only',
      403,
      'User is not authorized to access this resource',
      arn => [statement('Allow', arn.replace('/GET/', '/POST/'))],
    ],
    [
      'allows all, and denies this',
      403,
      'User is not authorized to access this resource with an explicit deny',
      arn => [statement('Allow', '*'), statement('Deny', arn)],
    ],
  ])('refuses a request when its policy %s', async (_, status, message, statements) => {
    const { api } = await guarded(({ methodArn }) => ok(decision(...statements(methodArn))));
    const response = await api.fetch('documents/1');
    expect([response.status, await response.json()]).toEqual([status, { message }]);
  });

  it('takes a policy for the whole stage', async () => {
    const { api } = await guarded(({ methodArn }) =>
      ok(decision(statement('Allow', methodArn.split('/').slice(0, 2).join('/').concat('/*')))),
    );
    expect((await api.fetch('documents/1')).status).toBe(200);
  });

  it.each<[string, () => InvocationResult, number, string, RegExp]>([
    ['throws Unauthorized', () => thrown('Unauthorized'), 401, 'Unauthorized', /^/],
    [
      'throws something else',
      () => thrown('no table'),
      500,
      'Internal server error',
      /authorizer failed: Error: no table/,
    ],
    ['answers nothing', () => ok(null), 500, 'Internal server error', /authorizer .*answered wrongly/],
    ['answers no policy', () => ok({ principalId: 'ada' }), 500, 'Internal server error', /policyDocument: /],
    [
      'has a list in its context',
      () => ok({ ...decision(statement('Allow', '*')), context: { groups: ['a'] } }),
      500,
      'Internal server error',
      /context\.groups: /,
    ],
    [
      'has no action in its policy',
      () => ok(decision({ Effect: 'Allow', Resource: '*' })),
      500,
      'Internal server error',
      /Statement\.0\.Action: /,
    ],
  ])('answers for a function that %s', async (_, answer, status, message, logged) => {
    const { api } = await guarded(answer);
    const response = await api.fetch('documents/1');
    expect([response.status, await response.json()]).toEqual([status, { message }]);
    expect(api.log.lines.join('\n')).toMatch(logged);
  });

  it('answers 500 when API Gateway may not invoke it', async () => {
    const { api } = await guarded(() => {
      throw new AccessDenied('apigateway.amazonaws.com may not lambda:InvokeFunction');
    });
    expect((await api.fetch('documents/1')).status).toBe(500);
    expect(api.log.lines.join('\n')).toContain('may not lambda:InvokeFunction');
  });

  it('is not asked when the request lacks an identity source', async () => {
    const identity = { IdentitySource: 'method.request.header.Authorization, method.request.querystring.t' };
    const { api, seen } = await guarded(() => ok(decision(statement('Allow', '*'))), identity);
    const headers = { authorization: 'Bearer x' };
    expect((await api.fetch('documents/1?t=1')).status).toBe(401);
    expect((await api.fetch('documents/1', { headers })).status).toBe(401);
    expect(seen).toHaveLength(0);
    expect((await api.fetch('documents/1?t=1', { headers })).status).toBe(200);
  });

  it.each<[string, Record<string, Value>, RegExp]>([
    ['decisions are to be cached', { AuthorizerResultTtlInSeconds: 300 }, /not cached here/],
    ['it looks at a token alone', { Type: 'TOKEN' }, /type REQUEST/],
    ['an identity source is no part of a request', { IdentitySource: 'context.path' }, /identity sources/],
  ])('stops the deploy when %s', async (_, properties, message) => {
    await expect(guarded(() => ok({}), properties)).rejects.toThrow(message);
  });
});

describe('a method that asks IAM', () => {
  const tree = {
    Services: resource('services'),
    Any: method('ANY', 'Services', buffered('backend'), { AuthorizationType: 'AWS_IAM' }),
  };
  const roleArn = 'arn:aws:iam::000000000000:role/worker';
  const operator = { accessKeyId: 'AKIAOPERATOR', secretAccessKey: 'whatever' };

  const startSigned = () => start(tree, { invoke: async (_, event) => backend(event) });

  /** Credentials of a function whose role has these statements. */
  function roleKeys(api: Api, ...Statement: PolicyStatement[]) {
    const trust = {
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' } as const,
      ],
    };
    api.iam.putRole({ arn: roleArn, name: 'worker', trust, policies: [{ Statement }] });
    return api.iam.issueCredentials(roleArn, 'worker-function');
  }
  const mayInvoke = (api: Api, httpMethod = 'POST'): PolicyStatement => ({
    ...{ Effect: 'Allow', Action: 'execute-api:Invoke' },
    Resource: `arn:aws:execute-api:eu-west-1:000000000000:${api.apiId}/v1/${httpMethod}/services`,
  });

  interface Signing {
    readonly service?: string;
    readonly method?: string;
    /** Sent in place of what was signed. */
    readonly body?: string;
  }
  async function ask(
    api: Api,
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined,
    { service = 'execute-api', method: httpMethod = 'POST', body }: Signing = {},
  ) {
    const signed = '{"a":1}';
    const url = new URL(`${api.base}services?b=2&a=1`);
    const request = {
      ...{ method: httpMethod, protocol: url.protocol, hostname: url.hostname, port: Number(url.port) },
      ...{ path: url.pathname, query: Object.fromEntries(url.searchParams), body: signed },
      headers: { host: url.host, 'content-type': 'application/json' },
    };
    const signer = credentials && new SignatureV4({ service, region: 'eu-west-1', credentials, sha256: NodeSha256 });
    const { headers } = signer ? await signer.sign(request) : request;
    return fetch(url, { method: httpMethod, headers, body: body ?? signed, signal: AbortSignal.timeout(10_000) });
  }

  it('lets the operator in, and says who that is', async () => {
    const api = await startSigned();
    const response = await ask(api, operator);
    expect(response.status).toBe(200);
    expect((await told(response)).identity).toMatchObject({
      accessKey: 'AKIAOPERATOR',
      accountId: '000000000000',
      userArn: 'arn:aws:iam::000000000000:root',
    });
  });

  it('lets a role in that may invoke it, and names its session', async () => {
    const api = await startSigned();
    const response = await ask(api, roleKeys(api, mayInvoke(api)));
    expect(response.status).toBe(200);
    expect((await told(response)).identity).toMatchObject({
      accountId: '000000000000',
      userArn: 'arn:aws:sts::000000000000:assumed-role/worker/worker-function',
      user: expect.stringMatching(/:worker-function$/),
    });
  });

  it('denies a role that may invoke another method only', async () => {
    const api = await startSigned();
    const response = await ask(api, roleKeys(api, mayInvoke(api, 'GET')));
    expect(response.status).toBe(403);
    expect((await told(response)).message).toMatch(
      /assumed-role\/worker\/worker-function is not authorized to perform/,
    );
    expect(api.log.lines.join('\n')).toContain('worker-function may not execute-api:Invoke');
  });

  it('asks for a signature', async () => {
    const api = await startSigned();
    const response = await ask(api, undefined);
    expect([response.status, await response.json()]).toEqual([403, { message: 'Missing Authentication Token' }]);
  });

  it.each<[string, Signing, Partial<typeof operator>, RegExp]>([
    ['made with another secret', {}, { secretAccessKey: 'wrong' }, /signature we calculated does not match/],
    ['for another service', { service: 's3' }, {}, /correct service: 'execute-api'/],
    ['of another body', { body: '{"a":2}' }, {}, /body is not the one that was signed/],
  ])('refuses a signature %s', async (_, signing, keys, message) => {
    const api = await startSigned();
    const response = await ask(api, { ...roleKeys(api, mayInvoke(api)), ...keys }, signing);
    expect(response.status).toBe(403);
    expect((await told(response)).message).toMatch(message);
  });
});
