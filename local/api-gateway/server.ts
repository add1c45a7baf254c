import { randomBytes, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Exchange, Handler, Iam, LambdaServer, Log } from '../contracts.ts';
import type { Identify } from '../identity.ts';
import { jsonError, REST_JSON } from '../wire.ts';
import { type RestApi, RestApis } from './apis.ts';
import { authorize } from './authorization.ts';
import { Refusal, type RequestContext, writeRefusal } from './gateway-response.ts';
import { answerByLambda } from './lambda-integration.ts';
import { answerManagement } from './management.ts';
import { Metering } from './metering.ts';
import { answerMock } from './mock-integration.ts';
import type { ApiKey, StageSpec } from './model.ts';
import { type ApiRequest, commonLogTime, readBody } from './proxy-event.ts';
import { findRoute, type Route } from './routing.ts';

export interface ApiGatewayOptions {
  readonly iam: Iam;
  readonly lambda: LambdaServer;
  /** Who signed a request to a method that asks IAM. */
  readonly identify: Identify;
  readonly log: Log;
  /** Keeps API keys and quotas. */
  readonly database: DatabaseSync;
  readonly region: string;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export interface ApiGateway {
  /** Serves `/_api/<api id>/<stage>/…`, and API keys to calls that are signed for `apigateway`. */
  readonly handler: Handler;
  readonly apis: RestApis;
  readonly metering: Metering;
  apiKeys(): readonly Pick<ApiKey, 'id' | 'name' | 'value'>[];
}

/** API Gateway's REST APIs (v1). */
export function createApiGateway(options: ApiGatewayOptions): ApiGateway {
  const { iam, database, region, now = Date.now } = options;
  const apis = new RestApis();
  const metering = new Metering(database, now);
  return {
    handler: exchange =>
      exchange.path.startsWith('/_api/')
        ? serve({ ...options, apis, metering, now }, exchange)
        : answerManagement({ iam, metering, region }, exchange),
    apis,
    metering,
    apiKeys: () => metering.keys().map(({ id, name, value }) => ({ id, name, value })),
  };
}

type Service = ApiGatewayOptions & { readonly apis: RestApis; readonly metering: Metering; readonly now: () => number };

async function serve(service: Service, exchange: Exchange): Promise<void> {
  const { response } = exchange;
  const [, , apiId = '', stageName = '', ...rest] = exchange.path.split('/');
  const api = service.apis.find(apiId);
  if (!api)
    return jsonError(response, 404, 'NotFoundException', `There is no REST API ${apiId}.`, { contentType: REST_JSON });
  const stage = api.stages.get(stageName);
  if (!stage) return jsonError(response, 403, 'ForbiddenException', 'Forbidden', { contentType: REST_JSON });

  const receivedAt = service.now();
  const path = `/${rest.join('/')}`;
  const context = requestContext(exchange, api, stage, path, receivedAt);
  logWhenDone(service, api, exchange, path, receivedAt);
  try {
    await answer(service, { exchange, api, stage, path, context, receivedAt });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.cause instanceof Error) service.log.line(api.name, `${exchange.method} ${path}: ${error.cause.message}`);
    if (!response.destroyed) writeRefusal(response, api, error, context);
  }
}

async function answer(
  service: Service,
  request: Omit<ApiRequest, 'route' | 'authorization' | 'apiKey'>,
): Promise<void> {
  const { exchange, api, stage, path, context } = request;
  const route = findRoute(api.resources(), exchange.method, path);
  if (!route) throw new Refusal('MISSING_AUTHENTICATION_TOKEN');
  const authorization = await authorize(service, { ...request, route });
  const apiKey = admit(service, exchange, stage, route);
  refuseMissingParameters(exchange, route);
  const body = await readBody(exchange);
  const { integration } = route.method;
  if (integration.type === 'MOCK') return answerMock(integration, exchange.response, context);
  await answerByLambda(service, integration, { ...request, route, authorization, apiKey }, body);
}

/** @throws Refusal when a key is needed and not there, or a limit is reached */
function admit({ metering }: Service, { headers }: Exchange, stage: StageSpec, route: Route): ApiKey | undefined {
  const given = headers['x-api-key'];
  const needsKey = route.method.apiKeyRequired;
  const apiKey = needsKey ? metering.keyFor(typeof given === 'string' ? given : undefined, stage) : undefined;
  if (needsKey && !apiKey) throw new Refusal('INVALID_API_KEY');
  const { httpMethod } = route.method;
  const limit = metering.admit({ stage, resourcePath: route.resource.path, httpMethod, apiKey });
  if (limit) throw new Refusal(limit);
  return apiKey;
}

function refuseMissingParameters({ query, headers }: Exchange, { method, pathParameters }: Route): void {
  const missing = method.requiredParameters.filter(parameter => {
    const [, , place, ...name] = parameter.split('.');
    if (place === 'querystring') return !query.get(name.join('.'));
    if (place === 'header') return !headers[name.join('.').toLowerCase()];
    return !pathParameters[name.join('.')];
  });
  if (missing.length === 0) return;
  const names = missing.map(parameter => parameter.split('.').slice(3).join('.'));
  throw new Refusal('BAD_REQUEST_PARAMETERS', {
    message: `Missing required request parameters: [${names.join(', ')}]`,
  });
}

function requestContext(
  exchange: Exchange,
  api: RestApi,
  stage: StageSpec,
  path: string,
  receivedAt: number,
): RequestContext {
  const requestId = randomUUID();
  const extendedRequestId = `${randomBytes(11).toString('base64url')}=`;
  return {
    requestId,
    extendedRequestId,
    headers: exchange.headers,
    values: {
      requestId,
      extendedRequestId,
      apiId: api.id,
      stage: stage.name,
      httpMethod: exchange.method,
      path: `/${stage.name}${path}`,
      protocol: `HTTP/${exchange.request.httpVersion}`,
      domainName: exchange.headers.host ?? '',
      requestTime: commonLogTime(receivedAt),
      requestTimeEpoch: String(receivedAt),
      'identity.sourceIp': exchange.request.socket.remoteAddress ?? '127.0.0.1',
      'identity.userAgent': exchange.headers['user-agent'] ?? '',
    },
  };
}

/** One line a request, when it is over. */
function logWhenDone(
  { log, now }: Service,
  api: RestApi,
  { method, response }: Exchange,
  path: string,
  receivedAt: number,
): void {
  response.once('close', () => {
    const outcome = response.writableFinished ? String(response.statusCode) : 'broken off';
    log.line(api.name, `${method} ${path} ${outcome} (${now() - receivedAt} ms)`, 'access');
  });
}
