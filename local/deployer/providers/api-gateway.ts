import { z } from 'zod';
import { isKnownMapping, isPlainTemplate } from '../../api-gateway/gateway-response.ts';
import type { GatewayResponseSpec, MethodThrottle, StageSpec, Throttle } from '../../api-gateway/model.ts';
import type { ApiGateway } from '../../api-gateway/server.ts';
import { cfn, defineProvider, type ResourceProvider } from '../resource.ts';
import { apiGatewayMethodProviders } from './api-gateway-methods.ts';

const strings = z.record(z.string(), z.string()).default({});

const stageProperties = z.object({
  RestApiId: z.string(),
  StageName: z.string(),
  Variables: strings,
  MethodSettings: z
    .array(
      z.object({
        ResourcePath: z.string().default('/*'),
        HttpMethod: z.string().default('*'),
        ThrottlingRateLimit: cfn.number.optional(),
        ThrottlingBurstLimit: cfn.number.optional(),
      }),
    )
    .default([]),
});

const throttle = z.object({ RateLimit: cfn.number.optional(), BurstLimit: cfn.number.optional() });
const usagePlanProperties = z.object({
  Throttle: throttle.optional(),
  Quota: z.object({ Limit: cfn.number, Period: z.enum(['DAY', 'WEEK', 'MONTH']) }).optional(),
  ApiStages: z
    .array(z.object({ ApiId: z.string(), Stage: z.string(), Throttle: z.record(z.string(), throttle).default({}) }))
    .default([]),
});

const gatewayResponseProperties = z.object({
  RestApiId: z.string(),
  ResponseType: z.string(),
  StatusCode: cfn.number.optional(),
  ResponseParameters: z
    .record(z.string().startsWith('gatewayresponse.header.', 'only headers can be set here'), mapping())
    .default({}),
  ResponseTemplates: z
    .record(z.string(), z.string().refine(isPlainTemplate, 'only $context values can be used in templates here'))
    .default({}),
});

function mapping() {
  return z.string().refine(isKnownMapping, 'the local cloud does not know this mapping');
}

/** REST APIs with their stages, keys and usage plans. */
export function apiGatewayProviders(gateway: ApiGateway): ResourceProvider[] {
  return [
    restApi(gateway),
    stage(gateway),
    gatewayResponse(gateway),
    ...apiGatewayMethodProviders(gateway),
    ...meteringProviders(gateway),
    ...recordOnly(),
  ];
}

function restApi({ apis }: ApiGateway): ResourceProvider {
  return defineProvider({
    type: 'AWS::ApiGateway::RestApi',
    properties: z.object({
      Name: z.string(),
      BinaryMediaTypes: z.array(z.string()).default([]),
      ApiKeySourceType: z.literal('HEADER', 'keys must come in the x-api-key header here').default('HEADER'),
    }),
    handled: ['Name', 'BinaryMediaTypes', 'ApiKeySourceType'],
    recorded: ['Description', 'EndpointConfiguration', 'MinimumCompressionSize', 'Tags'],
    put({ Name, BinaryMediaTypes }, { stableId }) {
      const id = stableId(10);
      const rootResourceId = [...id].reverse().join('');
      apis.put({ id, name: Name, rootResourceId, binaryMediaTypes: BinaryMediaTypes });
      return { physicalId: id, attributes: { RestApiId: id, RootResourceId: rootResourceId } };
    },
    delete: (_, { physicalId }) => apis.delete(physicalId),
  });
}

function stage({ apis }: ApiGateway): ResourceProvider {
  return defineProvider({
    type: 'AWS::ApiGateway::Stage',
    properties: stageProperties,
    handled: [
      ...['RestApiId', 'StageName', 'DeploymentId', 'Variables', 'MethodSettings.ResourcePath'],
      ...['MethodSettings.HttpMethod', 'MethodSettings.ThrottlingRateLimit', 'MethodSettings.ThrottlingBurstLimit'],
    ],
    recorded: [
      ...['AccessLogSetting', 'Description', 'Tags', 'TracingEnabled', 'MethodSettings.DataTraceEnabled'],
      ...['MethodSettings.LoggingLevel', 'MethodSettings.MetricsEnabled'],
    ],
    put(properties) {
      const { RestApiId: apiId, StageName: name, Variables: variables, MethodSettings } = properties;
      const throttles = MethodSettings.flatMap(
        ({ ResourcePath, HttpMethod, ThrottlingRateLimit, ThrottlingBurstLimit }) =>
          methodThrottle(ResourcePath, HttpMethod, {
            RateLimit: ThrottlingRateLimit,
            BurstLimit: ThrottlingBurstLimit,
          }),
      );
      const spec: StageSpec = { apiId, name, variables, throttles };
      apis.putStage(spec);
      return { physicalId: `${apiId}/${name}`, ref: name };
    },
    delete: ({ RestApiId, StageName }) => apis.deleteStage(RestApiId, StageName),
  });
}

/** A stage escapes the slashes of a resource's path (`/~1chat`), a usage plan does not. */
function methodThrottle(path: string, httpMethod: string, limits: z.infer<typeof throttle>): MethodThrottle[] {
  const limit = throttleOf(limits);
  const resourcePath = path.replaceAll('~1', '/').replace(/^\/+/, '/');
  return limit ? [{ resourcePath, httpMethod, ...limit }] : [];
}

function throttleOf({ RateLimit, BurstLimit }: z.infer<typeof throttle>): Throttle | undefined {
  if (RateLimit === undefined) return undefined;
  return { rateLimit: RateLimit, burstLimit: BurstLimit ?? Math.max(1, Math.ceil(RateLimit)) };
}

function gatewayResponse({ apis }: ApiGateway): ResourceProvider {
  return defineProvider({
    type: 'AWS::ApiGateway::GatewayResponse',
    properties: gatewayResponseProperties,
    handled: Object.keys(gatewayResponseProperties.shape),
    put(properties) {
      const headers = Object.entries(properties.ResponseParameters).map(([name, value]): [string, string] => {
        return [name.replace('gatewayresponse.header.', ''), value];
      });
      const spec: GatewayResponseSpec = {
        apiId: properties.RestApiId,
        type: properties.ResponseType,
        ...(properties.StatusCode !== undefined && { statusCode: properties.StatusCode }),
        headers: Object.fromEntries(headers),
        templates: properties.ResponseTemplates,
      };
      apis.putGatewayResponse(spec);
      const physicalId = `${spec.apiId}/${spec.type}`;
      return { physicalId, attributes: { Id: physicalId } };
    },
    delete: ({ RestApiId, ResponseType }) => apis.deleteGatewayResponse(RestApiId, ResponseType),
  });
}

function meteringProviders({ metering }: ApiGateway): ResourceProvider[] {
  const apiKey = defineProvider({
    type: 'AWS::ApiGateway::ApiKey',
    properties: z.object({
      Name: z.string().optional(),
      Description: z.string().optional(),
      Enabled: cfn.boolean.default(false),
      Value: z.string().min(20).optional(),
    }),
    handled: ['Name', 'Description', 'Enabled', 'Value'],
    // Which stages a key opens is the usage plan's say.
    recorded: ['CustomerId', 'GenerateDistinctId', 'StageKeys', 'Tags'],
    put({ Name, Description, Enabled, Value }, { stableId, physicalName }) {
      const id = stableId(10);
      metering.putKey({
        id,
        name: Name ?? physicalName({ maxLength: 128 }),
        enabled: Enabled,
        ...(Description !== undefined && { description: Description }),
        ...(Value !== undefined && { value: Value }),
      });
      return { physicalId: id, attributes: { APIKeyId: id } };
    },
    delete: (_, { physicalId }) => metering.deleteKey(physicalId),
  });

  const usagePlan = defineProvider({
    type: 'AWS::ApiGateway::UsagePlan',
    properties: usagePlanProperties,
    handled: ['Throttle', 'Quota.Limit', 'Quota.Period', 'ApiStages'],
    recorded: ['Description', 'Tags', 'UsagePlanName'],
    put({ Throttle: limits, Quota: quota, ApiStages }, { stableId }) {
      const id = stableId(10);
      const limit = limits && throttleOf(limits);
      metering.putPlan({
        id,
        stages: ApiStages.map(({ ApiId: apiId, Stage, Throttle: methods }) => {
          return { apiId, stage: Stage, throttles: Object.entries(methods).flatMap(planThrottle) };
        }),
        ...(limit && { throttle: limit }),
        ...(quota && { quota: { limit: quota.Limit, period: quota.Period } }),
      });
      return { physicalId: id, attributes: { Id: id } };
    },
    delete: (_, { physicalId }) => metering.deletePlan(physicalId),
  });

  const usagePlanKey = defineProvider({
    type: 'AWS::ApiGateway::UsagePlanKey',
    properties: z.object({ KeyId: z.string(), KeyType: z.literal('API_KEY'), UsagePlanId: z.string() }),
    handled: ['KeyId', 'KeyType', 'UsagePlanId'],
    put({ KeyId, UsagePlanId }) {
      metering.putPlanKey(UsagePlanId, KeyId);
      const physicalId = `${KeyId}:${UsagePlanId}`;
      return { physicalId, attributes: { Id: physicalId } };
    },
    delete: ({ KeyId, UsagePlanId }) => metering.deletePlanKey(UsagePlanId, KeyId),
  });
  return [apiKey, usagePlan, usagePlanKey];
}

/** A usage plan names methods as `/chat/POST`. */
function planThrottle([name, limits]: [string, z.infer<typeof throttle>]): MethodThrottle[] {
  const end = name.lastIndexOf('/');
  return methodThrottle(name.slice(0, end) || '/', name.slice(end + 1), limits);
}

/** A deployment freezes an API on AWS; here a stage always serves the API as it is. Roles for logs are not needed. */
function recordOnly(): ResourceProvider[] {
  const types = [
    { type: 'AWS::ApiGateway::Deployment', recorded: ['Description', 'RestApiId'], id: 'DeploymentId' },
    { type: 'AWS::ApiGateway::Account', recorded: ['CloudWatchRoleArn'], id: 'Id' },
    {
      type: 'AWS::ApiGateway::Model',
      recorded: ['ContentType', 'Description', 'Name', 'RestApiId', 'Schema'],
      id: 'Id',
    },
  ];
  return types.map(({ type, recorded, id }) =>
    defineProvider({
      type,
      properties: z.looseObject({}),
      handled: [],
      recorded,
      put(_, { stableId }) {
        const physicalId = stableId(10);
        return { physicalId, attributes: { [id]: physicalId } };
      },
    }),
  );
}
