import { z } from 'zod';
import { isKnownMapping, isPlainTemplate } from '../../api-gateway/gateway-response.ts';
import type { Integration, MethodAuthorization, MockResponse } from '../../api-gateway/model.ts';
import type { ApiGateway } from '../../api-gateway/server.ts';
import { cfn, defineProvider, type ResourceProvider } from '../resource.ts';
import { functionNameOf } from './lambda.ts';

/** What API Gateway waits for a buffered reply unless told otherwise. */
const DEFAULT_TIMEOUT_MS = 29_000;

const mapping = z.string().refine(isKnownMapping, 'the local cloud does not know this mapping');
const template = z.string().refine(isPlainTemplate, 'only $context values can be used in templates here');

const integrationResponse = z.object({
  StatusCode: cfn.number,
  SelectionPattern: z.string().optional(),
  ResponseParameters: z.record(z.string().startsWith('method.response.header.'), mapping).default({}),
  ResponseTemplates: z.record(z.string(), template).default({}),
});
const mockIntegration = z.object({
  Type: z.literal('MOCK'),
  // A MOCK with neither is what CDK makes of a method without an integration: it answers 500.
  RequestTemplates: z.record(z.string(), template).default({}),
  IntegrationResponses: z.array(integrationResponse).default([]),
});
const lambdaUri = /:lambda:path\/[\d-]+\/functions\/(.+)\/(invocations|response-streaming-invocations)$/;
const lambdaIntegration = z.object({
  Type: z.literal('AWS_PROXY'),
  IntegrationHttpMethod: z.literal('POST', 'functions are invoked by POST'),
  Uri: z.string().regex(lambdaUri, 'only Lambda functions can be integrated here'),
  ResponseTransferMode: z.enum(['BUFFERED', 'STREAM']).default('BUFFERED'),
  TimeoutInMillis: cfn.number.default(DEFAULT_TIMEOUT_MS),
});
type LambdaProperties = z.infer<typeof lambdaIntegration>;

const methodProperties = z.object({
  RestApiId: z.string(),
  ResourceId: z.string(),
  HttpMethod: z.string(),
  ApiKeyRequired: cfn.boolean.default(false),
  AuthorizationType: z
    .enum(['NONE', 'AWS_IAM', 'CUSTOM'], 'only IAM and Lambda functions can authorize here')
    .default('NONE'),
  AuthorizerId: z.string().optional(),
  RequestParameters: z.record(z.string(), cfn.boolean).default({}),
  RequestValidatorId: z.string().optional(),
  Integration: z.discriminatedUnion('Type', [mockIntegration, lambdaIntegration]),
});

const identitySource = /^method\.request\.(header|querystring)\.([^,\s]+)$/;
const authorizerProperties = z.object({
  RestApiId: z.string(),
  Type: z.literal('REQUEST', 'only authorizers of the type REQUEST are here'),
  AuthorizerUri: z.string().regex(lambdaUri, 'only Lambda functions can authorize here'),
  AuthorizerResultTtlInSeconds: cfn.number.refine(
    seconds => seconds === 0,
    'decisions are not cached here: set it to 0',
  ),
  IdentitySource: z
    .string()
    .transform(sources => (sources === '' ? [] : sources.split(',').map(source => source.trim())))
    .pipe(z.array(z.string().regex(identitySource, 'only headers and query parameters can be identity sources here')))
    .default([]),
});

/** Resources, methods with their integrations, and validators of required parameters. */
export function apiGatewayMethodProviders({ apis }: ApiGateway): ResourceProvider[] {
  /** Ids of the validators that look at parameters. */
  const parameterValidators = new Set<string>();

  const resource = defineProvider({
    type: 'AWS::ApiGateway::Resource',
    properties: z.object({ RestApiId: z.string(), ParentId: z.string(), PathPart: z.string() }),
    handled: ['RestApiId', 'ParentId', 'PathPart'],
    put({ RestApiId: apiId, ParentId: parentId, PathPart: pathPart }, { stableId }) {
      const id = stableId(10);
      apis.putResource({ apiId, id, parentId, pathPart });
      return { physicalId: id, attributes: { ResourceId: id } };
    },
    delete: ({ RestApiId }, { physicalId }) => apis.deleteResource(RestApiId, physicalId),
  });

  const validator = defineProvider({
    type: 'AWS::ApiGateway::RequestValidator',
    properties: z.object({ ValidateRequestParameters: cfn.boolean.default(false) }),
    handled: ['ValidateRequestParameters', 'RestApiId'],
    recorded: ['Name', 'ValidateRequestBody'],
    put({ ValidateRequestParameters }, { stableId }) {
      const id = stableId(10);
      if (ValidateRequestParameters) parameterValidators.add(id);
      else parameterValidators.delete(id);
      return { physicalId: id, attributes: { RequestValidatorId: id } };
    },
    delete: (_, { physicalId }) => void parameterValidators.delete(physicalId),
  });

  const method = defineProvider({
    type: 'AWS::ApiGateway::Method',
    properties: methodProperties,
    handled: [
      ...['RestApiId', 'ResourceId', 'HttpMethod', 'ApiKeyRequired', 'AuthorizationType', 'AuthorizerId'],
      ...[
        'RequestParameters',
        'RequestValidatorId',
        'Integration.Type',
        'Integration.Uri',
        'Integration.IntegrationHttpMethod',
      ],
      ...['Integration.ResponseTransferMode', 'Integration.TimeoutInMillis', 'Integration.RequestTemplates'],
      ...['StatusCode', 'SelectionPattern', 'ResponseParameters', 'ResponseTemplates'].map(
        name => `Integration.IntegrationResponses.${name}`,
      ),
    ],
    // What a MOCK or proxy integration passes on does not depend on these.
    recorded: ['Integration.PassthroughBehavior', 'MethodResponses', 'OperationName', 'RequestModels'],
    put(properties) {
      const { RequestValidatorId, RequestParameters } = properties;
      const validates = RequestValidatorId !== undefined && parameterValidators.has(RequestValidatorId);
      apis.putMethod({
        apiId: properties.RestApiId,
        resourceId: properties.ResourceId,
        httpMethod: properties.HttpMethod,
        apiKeyRequired: properties.ApiKeyRequired,
        authorization: authorizationOf(properties),
        requiredParameters: validates ? Object.keys(RequestParameters).filter(name => RequestParameters[name]) : [],
        integration: integrationOf(properties.Integration),
      });
      return { physicalId: `${properties.RestApiId}/${properties.ResourceId}/${properties.HttpMethod}` };
    },
    delete({ RestApiId: apiId, ResourceId: resourceId, HttpMethod: httpMethod }) {
      apis.deleteMethod({ apiId, resourceId, httpMethod });
    },
  });

  const authorizer = defineProvider({
    type: 'AWS::ApiGateway::Authorizer',
    properties: authorizerProperties,
    handled: Object.keys(authorizerProperties.shape),
    recorded: ['Name'],
    put({ RestApiId: apiId, AuthorizerUri, IdentitySource }, { stableId }) {
      const id = stableId(6);
      const [, functionArn = ''] = lambdaUri.exec(AuthorizerUri) ?? [];
      const identitySources = IdentitySource.map(source => {
        const [, place, name = ''] = identitySource.exec(source) ?? [];
        return { place: place === 'header' ? ('header' as const) : ('querystring' as const), name };
      });
      apis.putAuthorizer({ apiId, id, functionName: functionNameOf(functionArn), identitySources });
      return { physicalId: id, attributes: { AuthorizerId: id } };
    },
    delete: ({ RestApiId }, { physicalId }) => apis.deleteAuthorizer(RestApiId, physicalId),
  });
  return [resource, validator, method, authorizer];
}

function authorizationOf({
  AuthorizationType: type,
  AuthorizerId: authorizerId,
}: z.infer<typeof methodProperties>): MethodAuthorization {
  if (type !== 'CUSTOM') return { type };
  if (authorizerId === undefined) throw new Error('a method of the authorization type CUSTOM needs an authorizer.');
  return { type, authorizerId };
}

function integrationOf(properties: z.infer<typeof methodProperties>['Integration']): Integration {
  if (properties.Type === 'AWS_PROXY') return lambdaIntegrationOf(properties);
  const { RequestTemplates: requestTemplates, IntegrationResponses } = properties;
  return { type: 'MOCK', requestTemplates, responses: IntegrationResponses.map(mockResponse) };
}

function lambdaIntegrationOf({ Uri, ResponseTransferMode, TimeoutInMillis: timeoutMs }: LambdaProperties): Integration {
  const [, functionArn = '', call] = lambdaUri.exec(Uri) ?? [];
  const streaming = ResponseTransferMode === 'STREAM';
  if (streaming !== (call === 'response-streaming-invocations')) {
    throw new Error(`the response transfer mode ${ResponseTransferMode} does not fit the integration's URI ${Uri}.`);
  }
  if (!streaming && timeoutMs > DEFAULT_TIMEOUT_MS) {
    throw new Error(`a buffered integration may take ${DEFAULT_TIMEOUT_MS} ms at most, not ${timeoutMs}.`);
  }
  return { type: 'AWS_PROXY', functionName: functionNameOf(functionArn), streaming, timeoutMs };
}

function mockResponse(properties: z.infer<typeof integrationResponse>): MockResponse {
  const headers = Object.entries(properties.ResponseParameters).map(([name, value]): [string, string] => {
    return [name.replace('method.response.header.', ''), value];
  });
  return {
    statusCode: properties.StatusCode,
    ...(properties.SelectionPattern !== undefined && { selectionPattern: properties.SelectionPattern }),
    headers: Object.fromEntries(headers),
    templates: properties.ResponseTemplates,
  };
}
