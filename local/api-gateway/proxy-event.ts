import type { IncomingMessage } from 'node:http';
import { ACCOUNT_ID, type Exchange } from '../contracts.ts';
import type { RestApi } from './apis.ts';
import type { RequestContext } from './gateway-response.ts';
import type { ApiKey, StageSpec } from './model.ts';
import type { Route } from './routing.ts';

/** One request to a REST API, as far as it is understood. */
export interface ApiRequest {
  readonly exchange: Exchange;
  readonly api: RestApi;
  readonly stage: StageSpec;
  readonly route: Route;
  /** Undecoded, within the stage. */
  readonly path: string;
  readonly apiKey: ApiKey | undefined;
  readonly context: RequestContext;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** Headers of one hop; a function never sees them. */
const hopHeaders = new Set(['connection', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/**
 * The event that a Lambda proxy integration hands to its function.
 * @see "Input format of a Lambda function for proxy integration", API Gateway Developer Guide
 */
export function proxyEvent(request: ApiRequest, body: Buffer) {
  const { exchange, api, stage, route, path } = request;
  const headers = multiValueHeaders(exchange.request, request.context.values);
  const query = Map.groupBy(exchange.query, ([name]) => name);
  const multiValueQuery = Object.fromEntries(
    [...query].map(([name, pairs]) => [name, pairs.map(([, value]) => value)]),
  );
  const binary = isBinary(api.binaryMediaTypes, exchange.headers['content-type']);
  return {
    resource: route.resource.path,
    path,
    httpMethod: exchange.method,
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: nullWhenEmpty(lastOfEach(multiValueQuery)),
    multiValueQueryStringParameters: nullWhenEmpty(multiValueQuery),
    pathParameters: nullWhenEmpty(route.pathParameters),
    stageVariables: nullWhenEmpty(stage.variables),
    requestContext: eventContext(request),
    body: body.length === 0 ? null : body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: body.length > 0 && binary,
  };
}

function eventContext({ exchange, api, stage, route, path, apiKey, context, receivedAt }: ApiRequest) {
  return {
    accountId: ACCOUNT_ID,
    apiId: api.id,
    stage: stage.name,
    requestId: context.requestId,
    extendedRequestId: context.extendedRequestId,
    httpMethod: exchange.method,
    resourceId: route.resource.id,
    resourcePath: route.resource.path,
    path: `/${stage.name}${path}`,
    protocol: `HTTP/${exchange.request.httpVersion}`,
    requestTime: commonLogTime(receivedAt),
    requestTimeEpoch: receivedAt,
    domainName: context.values.domainName ?? '',
    domainPrefix: api.id,
    identity: {
      accessKey: null,
      accountId: null,
      caller: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: context.values['identity.sourceIp'] ?? '',
      user: null,
      userAgent: exchange.headers['user-agent'] ?? null,
      userArn: null,
      ...(apiKey && { apiKey: apiKey.value, apiKeyId: apiKey.id }),
    },
  };
}

/** `21/Nov/2026:03:58:21 +0000` */
export function commonLogTime(time: number): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(new Date(time).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}

/** @returns whether a body of `contentType` is handed on as base64 */
export function isBinary(binaryMediaTypes: readonly string[], contentType: string | undefined): boolean {
  const mediaType = (contentType ?? '').split(/[;,]/)[0]?.trim().toLowerCase() ?? '';
  return binaryMediaTypes.some(known => {
    if (known === '*/*') return true;
    return known.endsWith('/*') ? mediaType.startsWith(known.slice(0, -1)) : mediaType === known.toLowerCase();
  });
}

/** Header names as they were sent, each value apart; and what the gateway adds. */
function multiValueHeaders(request: IncomingMessage, values: RequestContext['values']): Record<string, string[]> {
  const headers = new Map<string, { name: string; values: string[] }>();
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    const key = name.toLowerCase();
    // HTTP/2 has the method and the path among its headers.
    if (name.startsWith(':') || hopHeaders.has(key)) continue;
    const known = headers.get(key);
    if (known) known.values.push(value);
    else headers.set(key, { name, values: [value] });
  }
  const forwarded = { 'X-Forwarded-For': values['identity.sourceIp'] ?? '', 'X-Forwarded-Proto': 'http' };
  for (const [name, value] of Object.entries(forwarded)) headers.set(name.toLowerCase(), { name, values: [value] });
  return Object.fromEntries([...headers.values()].map(header => [header.name, header.values]));
}

function lastOfEach(multiValue: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(multiValue).map(([name, values]) => [name, values.at(-1) ?? '']));
}

function nullWhenEmpty<T extends object>(record: T): T | null {
  return Object.keys(record).length === 0 ? null : record;
}
