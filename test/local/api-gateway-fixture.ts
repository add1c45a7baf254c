// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of Fn::Sub look like this
/** A REST API with one of everything, deployed from a template onto API Gateway behind a real port. */

import { createApiGateway } from '../../local/api-gateway/server.ts';
import type { Value } from '../../local/assembly.ts';
import type { InvocationResult, StreamedInvocation } from '../../local/contracts.ts';
import { deploy } from '../../local/deployer/deploy.ts';
import { apiGatewayProviders } from '../../local/deployer/providers/api-gateway.ts';
import { startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { type AssemblyParts, assemblyOf, fakeLambda, memoryDatabase, notingLog } from './deployer-fixture.ts';

type Resources = AssemblyParts['resources'];
const api = { Ref: 'Api' };
const root = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };
const functionArn = (name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:${name}`;

/** By resource: its path part, and the resource above when that is not the root. */
export const resource = (PathPart: string, parent?: string): Resources[string] => ({
  type: 'AWS::ApiGateway::Resource',
  properties: { RestApiId: api, ParentId: parent ? { Ref: parent } : root, PathPart },
});

export function method(
  HttpMethod: string,
  resourceId: string | undefined,
  integration: Record<string, Value>,
  more: Record<string, Value> = {},
): Resources[string] {
  const ResourceId = resourceId ? { Ref: resourceId } : root;
  const properties = {
    RestApiId: api,
    HttpMethod,
    ResourceId,
    AuthorizationType: 'NONE',
    Integration: integration,
    ...more,
  };
  return { type: 'AWS::ApiGateway::Method', properties };
}

export const buffered = (name: string, more: Record<string, Value> = {}): Record<string, Value> => ({
  Type: 'AWS_PROXY',
  IntegrationHttpMethod: 'POST',
  Uri: `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${functionArn(name)}/invocations`,
  ...more,
});

export const streamed = (name: string, more: Record<string, Value> = {}): Record<string, Value> => ({
  Type: 'AWS_PROXY',
  IntegrationHttpMethod: 'POST',
  ResponseTransferMode: 'STREAM',
  Uri: `arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/${functionArn(name)}/response-streaming-invocations`,
  ...more,
});

export interface Behaviour {
  readonly invoke?: Parameters<typeof fakeLambda>[0]['invoke'];
  readonly stream?: (name: string, event: unknown) => StreamedInvocation;
}

/** Starts the API; `api` are properties of the RestApi, `stage` of its one stage `v1`. */
export async function startApi(
  resources: Resources,
  behaviour: Behaviour,
  {
    restApi = {},
    stage = {},
    now,
  }: { restApi?: Record<string, Value>; stage?: Record<string, Value>; now?: () => number } = {},
) {
  const log = notingLog();
  const iam = createIam();
  const identify = createIdentify({ iam });
  const database = memoryDatabase();
  const apiGateway = createApiGateway({
    ...{ iam, identify, log, database, lambda: fakeLambda(behaviour), region: 'eu-west-1' },
    ...(now && { now }),
  });
  const { handler } = apiGateway;
  const gateway = await startGateway({
    port: 0,
    routes: { _api: handler, apigateway: handler },
    identify,
    log,
  });
  const { url } = gateway;
  const assembly = assemblyOf({
    resources: {
      Api: { type: 'AWS::ApiGateway::RestApi', properties: { Name: 'Api', ...restApi } },
      Deployment: { type: 'AWS::ApiGateway::Deployment', properties: { RestApiId: api } },
      Stage: {
        type: 'AWS::ApiGateway::Stage',
        properties: { RestApiId: api, StageName: 'v1', DeploymentId: { Ref: 'Deployment' }, ...stage },
      },
      ...resources,
    },
    outputs: {
      Url: { 'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}/' },
      ApiId: api,
    },
  });
  const deployment = await deploy({
    ...{ assembly, database, url, log, region: 'eu-west-1', providers: apiGatewayProviders(apiGateway) },
  }).catch(async error => {
    await gateway.close();
    throw error;
  });
  const base = deployment.outputs.Url ?? '';
  return {
    ...{ apiGateway, iam, url, base, log, close: () => gateway.close(), apiId: deployment.outputs.ApiId ?? '' },
    /** @param path within the stage, without a slash at its start */
    fetch: (path: string, init: RequestInit = {}) =>
      fetch(base + path, { signal: AbortSignal.timeout(10_000), ...init }),
  };
}

export const ok = (reply: unknown): InvocationResult => ({ ok: true, payload: Buffer.from(JSON.stringify(reply)) });

/** A streamed reply of these pieces; `result` is what became of the function. */
export function streamOf(
  pieces: Iterable<string | Buffer> | AsyncIterable<string | Buffer>,
  {
    result = { ok: true, payload: Buffer.alloc(0) },
    cancel = () => undefined,
  }: { result?: InvocationResult; cancel?: () => void } = {},
): StreamedInvocation {
  async function* body() {
    for await (const piece of pieces) yield Buffer.from(piece);
  }
  return { body: body(), result: Promise.resolve(result), cancel };
}

export const prelude = (head: unknown): string => `${JSON.stringify(head)}${'\0'.repeat(8)}`;
