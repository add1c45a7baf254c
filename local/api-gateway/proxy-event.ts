import type { IncomingMessage } from 'node:http';
import { BodyTooLarge } from '../bodies.ts';
import { ACCOUNT_ID, type Exchange } from '../contracts.ts';
import type { RestApi } from './apis.ts';
import type { Authorization } from './authorization.ts';
import { Refusal, type RequestContext } from './gateway-response.ts';
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
  readonly authorization: Authorization;
  readonly apiKey: ApiKey | undefined;
  readonly context: RequestContext;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** One that is not known to be allowed. */
export type RoutedRequest = Omit<ApiRequest, 'authorization' | 'apiKey'>;

/** What API Gateway takes in a request body. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Headers of one hop; a function never sees them. */
const hopHeaders = new Set(['connection', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** @throws Refusal when the body is too large */
export async function readBody(exchange: Exchange): Promise<Buffer> {
  try {
    return await exchange.body(MAX_BODY_BYTES);
  } catch (error) {
    if (error instanceof BodyTooLarge) throw new Refusal('REQUEST_TOO_LARGE');
    throw error;
  }
}

/**
 * The event that a Lambda proxy integration hands to its function.
 * @see "Input format of a Lambda function for proxy integration", API Gateway Developer Guide
 */
export function proxyEvent(request: ApiRequest, body: Buffer) {
  const { exchange, api } = request;
  const parts = eventParts(request);
  const binary = isBinary(api.binaryMediaTypes, exchange.headers['content-type']);
  return {
    ...parts,
    queryStringParameters: nullWhenEmpty(parts.queryStringParameters),
    multiValueQueryStringParameters: nullWhenEmpty(parts.multiValueQueryStringParameters),
    pathParameters: nullWhenEmpty(parts.pathParameters),
    stageVariables: nullWhenEmpty(parts.stageVariables),
    requestContext: eventContext(request, request),
    body: body.length === 0 ? null : body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: body.length > 0 && binary,
  };
}

/**
 * The event of an authorizer that looks at the whole request: the body stays out, and what is empty is no null.
 * @see "Input to an API Gateway Lambda authorizer", API Gateway Developer Guide
 */
export function authorizerEvent(request: RoutedRequest, methodArn: string) {
  const requestContext = eventContext(request, { authorization: {}, apiKey: undefined });
  return { type: 'REQUEST', methodArn, ...eventParts(request), requestContext };
}

function eventParts({ exchange, stage, route, path, context }: RoutedRequest) {
  const headers = multiValueHeaders(exchange.request, context.values);
  const query = Map.groupBy(exchange.query, ([name]) => name);
  const multiValueQuery = Object.fromEntries(
    [...query].map(([name, pairs]) => [name, pairs.map(([, value]) => value)]),
  );
  return {
    resource: route.resource.path,
    path,
    httpMethod: exchange.method,
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: lastOfEach(multiValueQuery),
    multiValueQueryStringParameters: multiValueQuery,
    pathParameters: route.pathParameters,
    stageVariables: stage.variables,
  };
}

function eventContext(
  { exchange, api, stage, route, path, context, receivedAt }: RoutedRequest,
  { authorization, apiKey }: Pick<ApiRequest, 'authorization' | 'apiKey'>,
) {
  return {
    ...(authorization.authorizer && { authorizer: authorization.authorizer }),
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
      ...authorization.identity,
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
