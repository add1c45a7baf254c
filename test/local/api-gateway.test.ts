import type { APIGatewayProxyEvent } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import type { Value } from '../../local/assembly.ts';
import { AccessDenied, type Caller } from '../../local/contracts.ts';
import { buffered, method, ok, prelude, resource, startApi, streamed, streamOf } from './api-gateway-fixture.ts';

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

describe('routing', () => {
  const tell = async (name: string, event: unknown) => {
    const { pathParameters, resource } = event as APIGatewayProxyEvent;
    return ok({ statusCode: 200, body: JSON.stringify({ name, resource, pathParameters }) });
  };
  const tree = {
    Documents: resource('documents'),
    Document: resource('{id}', 'Documents'),
    Recent: resource('recent', 'Documents'),
    Everything: resource('{proxy+}'),
    GetRoot: method('GET', undefined, buffered('root')),
    GetDocuments: method('GET', 'Documents', buffered('list')),
    AnyDocuments: method('ANY', 'Documents', buffered('any')),
    GetDocument: method('GET', 'Document', buffered('one')),
    GetRecent: method('GET', 'Recent', buffered('recent')),
    AnyElse: method('ANY', 'Everything', buffered('else')),
  };

  it.each([
    ['GET', '', { name: 'root', resource: '/', pathParameters: null }],
    ['GET', 'documents', { name: 'list', resource: '/documents', pathParameters: null }],
    ['GET', 'documents/', { name: 'list', resource: '/documents', pathParameters: null }],
    ['POST', 'documents', { name: 'any', resource: '/documents', pathParameters: null }],
    ['GET', 'documents/recent', { name: 'recent', resource: '/documents/recent', pathParameters: null }],
    ['GET', 'documents/a%2Fb%20c', { name: 'one', resource: '/documents/{id}', pathParameters: { id: 'a/b c' } }],
    [
      'PUT',
      'documents/1/chunks',
      { name: 'else', resource: '/{proxy+}', pathParameters: { proxy: 'documents/1/chunks' } },
    ],
  ])('%s /%s goes to the most specific resource', async (httpMethod, path, expected) => {
    const api = await start(tree, { invoke: tell });
    const response = await api.fetch(path, { method: httpMethod });
    expect(await response.json()).toEqual(expected);
  });

  it('does not fall back to a less specific resource when the method is missing', async () => {
    const api = await start(tree, { invoke: tell });
    const response = await api.fetch('documents/1', { method: 'DELETE' });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ message: 'Missing Authentication Token' });
  });

  it('forbids an unknown stage', async () => {
    const api = await start(tree, { invoke: tell });
    const response = await fetch(`${api.url}/_api/${api.apiId}/v2/documents`);
    expect(response.status).toBe(403);
  });
});

describe('a buffered Lambda integration', () => {
  it('hands the function the whole request in the form of version 1', async () => {
    const seen: { event?: APIGatewayProxyEvent; caller?: Caller } = {};
    const api = await start(
      {
        Documents: resource('documents'),
        Document: resource('{id}', 'Documents'),
        Post: method('POST', 'Document', buffered('f')),
      },
      {
        async invoke(_, event, caller) {
          Object.assign(seen, { event, caller });
          return ok({ statusCode: 204 });
        },
      },
      { stage: { Variables: { colour: 'red' } }, now: () => Date.UTC(2026, 10, 21, 3, 58, 21) },
    );
    const headers = { 'X-Custom': 'one', 'content-type': 'text/plain', 'user-agent': 'test/1' };
    const response = await api.fetch('documents/a?tag=x&tag=y%20z&empty=', { method: 'POST', body: 'Grüße', headers });
    expect(response.status).toBe(204);

    expect(seen.event).toMatchObject({
      resource: '/documents/{id}',
      path: '/documents/a',
      httpMethod: 'POST',
      queryStringParameters: { tag: 'y z', empty: '' },
      multiValueQueryStringParameters: { tag: ['x', 'y z'], empty: [''] },
      pathParameters: { id: 'a' },
      stageVariables: { colour: 'red' },
      body: 'Grüße',
      isBase64Encoded: false,
      requestContext: {
        accountId: '000000000000',
        apiId: api.apiId,
        stage: 'v1',
        httpMethod: 'POST',
        resourcePath: '/documents/{id}',
        path: '/v1/documents/a',
        protocol: 'HTTP/1.1',
        requestTime: '21/Nov/2026:03:58:21 +0000',
        requestTimeEpoch: Date.UTC(2026, 10, 21, 3, 58, 21),
        identity: { sourceIp: '127.0.0.1', userAgent: 'test/1', user: null },
      },
    });
    const lower = Object.fromEntries(
      Object.entries(seen.event?.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
    );
    expect(lower).toMatchObject({ 'x-custom': 'one', 'x-forwarded-for': '127.0.0.1' });
    expect(lower).not.toHaveProperty('connection');
    expect(seen.event?.requestContext.requestId).toBe(response.headers.get('x-amzn-requestid'));
    expect(seen.caller).toEqual({
      kind: 'service',
      principal: 'apigateway.amazonaws.com',
      sourceArn: `arn:aws:execute-api:eu-west-1:000000000000:${api.apiId}/v1/POST/documents/*`,
    });
  });

  it('hands over binary bodies as base64, and no body as null', async () => {
    const bodies: unknown[] = [];
    const api = await start(
      { Any: method('ANY', undefined, buffered('f')) },
      {
        async invoke(_, event) {
          const { body, isBase64Encoded, queryStringParameters } = event as APIGatewayProxyEvent;
          bodies.push({ body, isBase64Encoded, queryStringParameters });
          return ok({ statusCode: 200 });
        },
      },
      { restApi: { BinaryMediaTypes: ['image/*'] } },
    );
    await api.fetch('', { method: 'POST', body: Buffer.from([0xff, 0]), headers: { 'content-type': 'image/png' } });
    await api.fetch('');
    expect(bodies).toEqual([
      { body: '/wA=', isBase64Encoded: true, queryStringParameters: null },
      { body: null, isBase64Encoded: false, queryStringParameters: null },
    ]);
  });

  it('passes on status, headers with one and several values, and the body', async () => {
    const reply = {
      statusCode: 418,
      headers: { 'Content-Type': 'text/plain', 'X-One': 1, 'content-length': '3' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      body: 'short and stout',
    };
    const api = await start({ Get: method('GET', undefined, buffered('f')) }, { invoke: async () => ok(reply) });
    const response = await api.fetch('');
    expect(response.status).toBe(418);
    expect(response.headers.get('x-one')).toBe('1');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('short and stout');
  });

  it('decodes a base64 reply only when the client accepts a binary type', async () => {
    const reply = { statusCode: 200, headers: { 'content-type': 'image/png' }, body: '/wA=', isBase64Encoded: true };
    const api = await start(
      { Get: method('GET', undefined, buffered('f')) },
      { invoke: async () => ok(reply) },
      { restApi: { BinaryMediaTypes: ['image/png'] } },
    );
    const binary = await api.fetch('', { headers: { accept: 'image/png, */*' } });
    expect([...new Uint8Array(await binary.arrayBuffer())]).toEqual([0xff, 0]);
    expect(await (await api.fetch('', { headers: { accept: 'text/html' } })).text()).toBe('/wA=');
  });

  it.each<[string, unknown]>([
    ['no status', { body: 'x' }],
    ['a body that is no string', { statusCode: 200, body: { a: 1 } }],
    ['no object', 'hello'],
  ])('answers 502 to a reply with %s, and says why in the log', async (_, reply) => {
    const api = await start({ Get: method('GET', undefined, buffered('f')) }, { invoke: async () => ok(reply) });
    const response = await api.fetch('');
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ message: 'Internal server error' });
    expect(api.log.lines.join('\n')).toContain("the function's reply is malformed");
  });

  it('answers 502 when the function fails, 500 when it may not be invoked', async () => {
    const api = await start(
      {
        Fails: resource('fails'),
        Get1: method('GET', 'Fails', buffered('fails')),
        Get2: method('GET', undefined, buffered('denied')),
      },
      {
        async invoke(name) {
          if (name === 'denied') throw new AccessDenied('apigateway.amazonaws.com may not lambda:InvokeFunction');
          return { ok: false, type: 'TypeError', message: 'x is not a function' };
        },
      },
    );
    expect((await api.fetch('fails')).status).toBe(502);
    expect((await api.fetch('')).status).toBe(500);
    expect(api.log.lines.join('\n')).toMatch(/TypeError: x is not a function[\s\S]*may not lambda:InvokeFunction/);
  });

  it('answers 504 when the function takes longer than the integration waits', async () => {
    const integration = buffered('f', { TimeoutInMillis: 50 });
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof ok>>();
    const api = await start({ Get: method('GET', undefined, integration) }, { invoke: () => promise });
    const response = await api.fetch('');
    expect(response.status).toBe(504);
    expect(await response.json()).toEqual({ message: 'Endpoint request timed out' });
    resolve(ok({ statusCode: 200 }));
  });

  it('refuses a body over 10 MB, and takes one just below', async () => {
    const api = await start(
      { Post: method('POST', undefined, buffered('f')) },
      { invoke: async () => ok({ statusCode: 200 }) },
    );
    const tooLong = await api.fetch('', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(tooLong.status).toBe(413);
    expect((await api.fetch('', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024) })).status).toBe(200);
  });

  it('logs a line for each request', async () => {
    const api = await start(
      { Get: method('GET', undefined, buffered('f')) },
      { invoke: async () => ok({ statusCode: 201 }) },
    );
    await (await api.fetch('?a=b')).text();
    await expect.poll(() => api.log.lines.join('\n')).toMatch(/^Api: GET \/ 201 \(\d+ ms\)$/m);
  });
});

describe('a streamed Lambda integration', () => {
  const streaming = (stream: Parameters<typeof startApi>[1]['stream'], more: Record<string, Value> = {}) =>
    start({ Get: method('GET', undefined, streamed('f', more)) }, { ...(stream && { stream }) });

  it('takes status and headers from the prelude, and passes the body on piece by piece', async () => {
    const second = Promise.withResolvers<string>();
    async function* pieces() {
      // The prelude comes in two pieces, the second one with the start of the body.
      const head = prelude({
        statusCode: 201,
        headers: { 'content-type': 'text/event-stream' },
        cookies: ['a=1', 'b=2'],
      });
      yield head.slice(0, 20);
      yield `${head.slice(20)}first `;
      yield await second.promise;
    }
    const api = await streaming(() => streamOf(pieces()));
    const response = await api.fetch('');
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    // The first piece is here while the function has not yet written the second.
    expect(await reader?.read()).toEqual({ done: false, value: 'first ' });
    second.resolve('second');
    expect(await reader?.read()).toEqual({ done: false, value: 'second' });
    expect((await reader?.read())?.done).toBe(true);
  });

  it('answers 502 when the function fails before the prelude', async () => {
    const result = { ok: false as const, type: 'Error', message: 'no model' };
    const api = await streaming(() => streamOf([], { result }));
    const response = await api.fetch('');
    expect(response.status).toBe(502);
    expect(api.log.lines.join('\n')).toContain('no model');
  });

  it('answers 502 when the reply has no prelude, and says what to do', async () => {
    const api = await streaming(() => streamOf(['{"statusCode":200}']));
    expect((await api.fetch('')).status).toBe(502);
    expect(api.log.lines.join('\n')).toContain('HttpResponseStream.from');
  });

  it('breaks the connection when the function fails midway', async () => {
    const result = { ok: false as const, type: 'Error', message: 'lost the model' };
    const api = await streaming(() => streamOf([prelude({ statusCode: 200 }), 'half an ans'], { result }));
    const response = await api.fetch('');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it('cancels the function when the client goes away', async () => {
    const cancelled = Promise.withResolvers<string>();
    async function* pieces() {
      yield prelude({ statusCode: 200 });
      yield 'first';
      yield await cancelled.promise;
    }
    const api = await streaming(() => streamOf(pieces(), { cancel: () => cancelled.resolve('the end') }));
    const client = new AbortController();
    const response = await api.fetch('', { signal: client.signal });
    await response.body?.getReader().read();
    client.abort();
    expect(await cancelled.promise).toBe('the end');
  });

  it('answers 504 and cancels when no prelude comes in time', async () => {
    let cancelled = false;
    const never = (async function* () {
      await new Promise(() => undefined);
      yield '';
    })();
    const api = await streaming(
      () =>
        streamOf(never, {
          cancel: () => {
            cancelled = true;
          },
        }),
      { TimeoutInMillis: 50 },
    );
    expect((await api.fetch('')).status).toBe(504);
    expect(cancelled).toBe(true);
  });
});

describe('a MOCK integration', () => {
  it('answers CORS preflight as CDK writes it', async () => {
    const preflight = {
      Type: 'MOCK',
      RequestTemplates: { 'application/json': '{ statusCode: 200 }' },
      IntegrationResponses: [
        {
          StatusCode: '204',
          ResponseParameters: {
            'method.response.header.Access-Control-Allow-Origin': "'*'",
            'method.response.header.Access-Control-Allow-Methods': "'OPTIONS,GET'",
          },
        },
      ],
    };
    const api = await start({ Options: method('OPTIONS', undefined, preflight, { ApiKeyRequired: false }) }, {});
    const response = await api.fetch('', { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-methods')).toBe('OPTIONS,GET');
  });

  it('refuses at deploy a template that is a program', async () => {
    const program = {
      Type: 'MOCK',
      RequestTemplates: { 'application/json': '#set($a = 1){"statusCode": $a}' },
      IntegrationResponses: [],
    };
    await expect(start({ Get: method('GET', undefined, program) }, {})).rejects.toThrow(/only \$context values/);
  });
});

describe('keys and limits', () => {
  const keyed = (plan: Record<string, Value> = {}) => ({
    Key: { type: 'AWS::ApiGateway::ApiKey', properties: { Name: 'first', Enabled: true } },
    Plan: {
      type: 'AWS::ApiGateway::UsagePlan',
      properties: { ApiStages: [{ ApiId: { Ref: 'Api' }, Stage: { Ref: 'Stage' } }], ...plan },
    },
    PlanKey: {
      type: 'AWS::ApiGateway::UsagePlanKey',
      properties: { KeyId: { Ref: 'Key' }, KeyType: 'API_KEY', UsagePlanId: { Ref: 'Plan' } },
    },
    Loose: { type: 'AWS::ApiGateway::ApiKey', properties: { Name: 'of no plan', Enabled: true } },
    Off: { type: 'AWS::ApiGateway::ApiKey', properties: { Name: 'off', Enabled: false, Value: 'v'.repeat(20) } },
    Get: method('GET', undefined, buffered('f'), { ApiKeyRequired: true }),
  });
  const invoke = async (_: string, event: unknown) => {
    const { apiKey, apiKeyId } = (event as APIGatewayProxyEvent).requestContext.identity;
    return ok({ statusCode: 200, body: JSON.stringify({ apiKey, apiKeyId }) });
  };
  const keyNamed = (api: Api, name: string) => {
    const key = api.apiGateway.apiKeys().find(known => known.name === name);
    if (!key) throw new Error(`no key ${name}`);
    return key;
  };

  it('lets in a key of the usage plan, and tells the function which', async () => {
    const api = await start(keyed(), { invoke });
    const key = keyNamed(api, 'first');
    expect(key.value).toMatch(/^[A-Za-z0-9]{40}$/);
    const response = await api.fetch('', { headers: { 'x-api-key': key.value } });
    expect(await response.json()).toEqual({ apiKey: key.value, apiKeyId: key.id });
  });

  it.each([
    ['no key', () => undefined],
    ['a wrong key', () => 'wrong'],
    ['a key of no plan', (api: Api) => keyNamed(api, 'of no plan').value],
    ['a key that is off', (api: Api) => keyNamed(api, 'off').value],
  ])('refuses %s', async (_, keyOf) => {
    const api = await start(keyed(), { invoke });
    const value = keyOf(api);
    const response = await api.fetch('', { headers: value ? { 'x-api-key': value } : {} });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ message: 'Forbidden' });
  });

  it('throttles a key beyond its burst, and lets it in again as time passes', async () => {
    let now = 1_000_000;
    const api = await start(keyed({ Throttle: { RateLimit: 1, BurstLimit: 2 } }), { invoke }, { now: () => now });
    const headers = { 'x-api-key': keyNamed(api, 'first').value };
    const ask = async () => (await api.fetch('', { headers })).status;
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
    now += 1000;
    expect([await ask(), await ask()]).toEqual([200, 429]);
  });

  it('refuses what goes beyond the quota until the next period', async () => {
    let now = Date.UTC(2026, 10, 21, 23, 59);
    const api = await start(keyed({ Quota: { Limit: 1, Period: 'DAY' } }), { invoke }, { now: () => now });
    const headers = { 'x-api-key': keyNamed(api, 'first').value };
    expect((await api.fetch('', { headers })).status).toBe(200);
    const spent = await api.fetch('', { headers });
    expect([spent.status, await spent.json()]).toEqual([429, { message: 'Limit Exceeded' }]);
    now += 2 * 60_000;
    expect((await api.fetch('', { headers })).status).toBe(200);
  });

  it('throttles a method by the setting of the stage that fits it best', async () => {
    const stage = {
      MethodSettings: [
        { ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 1000 },
        { ResourcePath: '/~1chat', HttpMethod: 'POST', ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 },
      ],
    };
    const tree = {
      Chat: resource('chat'),
      Post: method('POST', 'Chat', buffered('f')),
      Get: method('GET', 'Chat', buffered('f')),
    };
    const api = await start(tree, { invoke }, { stage, now: () => 0 });
    const ask = async (httpMethod: string) => (await api.fetch('chat', { method: httpMethod })).status;
    expect([await ask('POST'), await ask('POST'), await ask('GET'), await ask('GET')]).toEqual([200, 429, 200, 200]);
  });
});

describe("API Gateway's own API", () => {
  const key = { type: 'AWS::ApiGateway::ApiKey', properties: { Name: 'first', Enabled: true, Value: 'k'.repeat(40) } };
  // Keys that the cloud did not issue are the operator's, whatever the signature.
  const credential = 'Credential=me/20261121/eu-west-1/apigateway/aws4_request';
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host;x-amz-date, Signature=0`;
  const ask = async (path: string) => {
    const api = await start({ Key: key }, {});
    const id = api.apiGateway.apiKeys()[0]?.id ?? '';
    const headers = { authorization, 'x-amz-date': new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '') };
    const response = await fetch(api.url + path.replace(':id', id), { headers });
    return { id, status: response.status, body: await response.json() };
  };

  it('tells a key with its value when asked for it', async () => {
    const { id, body } = await ask('/apikeys/:id?includeValue=true');
    expect(body).toMatchObject({ id, name: 'first', enabled: true, value: 'k'.repeat(40) });
  });

  it('keeps values back otherwise, and lists keys', async () => {
    const { id, body } = await ask('/apikeys');
    expect(body).toEqual({ item: [expect.objectContaining({ id, name: 'first' })] });
    expect(JSON.stringify(body)).not.toContain('kkkk');
  });

  it('answers 404 to an unknown key, and 501 to what it does not have', async () => {
    expect((await ask('/apikeys/nobody')).status).toBe(404);
    expect((await ask('/restapis')).status).toBe(501);
  });
});

describe('gateway responses', () => {
  const problem = (ResponseType: string, StatusCode: string | undefined, template: string) => ({
    type: 'AWS::ApiGateway::GatewayResponse',
    properties: {
      RestApiId: { Ref: 'Api' },
      ResponseType,
      ...(StatusCode && { StatusCode }),
      ResponseTemplates: { 'application/json': template },
      ResponseParameters: {
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
        'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
      },
    },
  });

  it('use the template of the type, or else of its class, with values of the request', async () => {
    const api = await start(
      {
        Missing: problem('MISSING_AUTHENTICATION_TOKEN', '404', '{"detail":"none","instance":"$context.requestId"}'),
        Other: problem(
          'DEFAULT_5XX',
          undefined,
          '{"detail":$context.error.messageString,"kind":"$context.error.responseType","plain":"$context.error.message"}',
        ),
        Get: method('GET', undefined, buffered('f')),
      },
      { invoke: async () => ok('malformed') },
    );
    const missing = await api.fetch('nowhere');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('content-type')).toBe('application/problem+json');
    expect(missing.headers.get('access-control-allow-origin')).toBe('*');
    expect(await missing.json()).toEqual({ detail: 'none', instance: missing.headers.get('x-amzn-requestid') });

    const failed = await api.fetch('');
    expect(failed.status).toBe(502);
    expect(await failed.json()).toEqual({
      detail: 'Internal server error',
      kind: 'DEFAULT_5XX',
      plain: 'Internal server error',
    });
  });
});

describe('request validators', () => {
  it('refuse a request without a required parameter, naming it', async () => {
    const validated = {
      Validator: {
        type: 'AWS::ApiGateway::RequestValidator',
        properties: { RestApiId: { Ref: 'Api' }, ValidateRequestParameters: true },
      },
      Get: method('GET', undefined, buffered('f'), {
        RequestValidatorId: { Ref: 'Validator' },
        RequestParameters: { 'method.request.querystring.q': true, 'method.request.header.X-Optional': false },
      }),
    };
    const api = await start(validated, { invoke: async () => ok({ statusCode: 200 }) });
    const response = await api.fetch('');
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: 'Missing required request parameters: [q]' },
    ]);
    expect((await api.fetch('?q=1')).status).toBe(200);
  });
});

describe('what cannot be emulated', () => {
  it.each<[string, Record<string, Value>, Record<string, Value>, RegExp]>([
    [
      'a Cognito authorizer',
      buffered('f'),
      { AuthorizationType: 'COGNITO_USER_POOLS' },
      /only IAM and Lambda functions/,
    ],
    ['a method without its authorizer', buffered('f'), { AuthorizationType: 'CUSTOM' }, /needs an authorizer/],
    ['an HTTP integration', { Type: 'HTTP_PROXY', Uri: 'https://example.com' }, {}, /Get \(AWS::ApiGateway::Method\)/],
    [
      'a transfer mode that does not fit the address',
      buffered('f', { ResponseTransferMode: 'STREAM' }),
      {},
      /does not fit/,
    ],
    ['a buffered timeout beyond 29 seconds', buffered('f', { TimeoutInMillis: 60_000 }), {}, /29000 ms at most/],
  ])('stops the deploy for %s', async (_, integration, more, message) => {
    await expect(start({ Get: method('GET', undefined, integration, more) }, {})).rejects.toThrow(message);
  });
});
