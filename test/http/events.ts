import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { AuthorizerContext } from '../../lambdas/reader.ts';

export interface RequestSample {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
  /** Sent as JSON, unless it is a string already. */
  readonly body?: unknown;
  /** An administrator's of the default tenant. Null: nobody was asked who that is. @default 'ann' */
  readonly apiKeyId?: string | null;
  /** What the authorizer said. @default that the key is known */
  readonly authorizer?: AuthorizerContext;
  /** Whose AWS credentials signed it. */
  readonly userArn?: string;
}

const keyContext = (apiKeyId: string): AuthorizerContext => ({
  ...{ tenant: 'default', userId: apiKeyId, name: '', role: 'administrator', groups: '[]', apiKeyId },
});

/** A request as API Gateway (REST, proxy integration) hands it to a function. */
export function requestOf(sample: RequestSample = {}): APIGatewayProxyEvent {
  const { method = 'GET', path = '/', headers = {}, query, body, apiKeyId = 'ann', userArn = null } = sample;
  const known = apiKeyId === null || userArn !== null ? undefined : keyContext(apiKeyId);
  const { authorizer = known } = sample;
  const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const identity: APIGatewayProxyEvent['requestContext']['identity'] = {
    ...{ accessKey: null, accountId: null, apiKey: null, apiKeyId: null, caller: null, clientCert: null, user: null },
    ...{ cognitoAuthenticationProvider: null, cognitoAuthenticationType: null, cognitoIdentityId: null },
    ...{ cognitoIdentityPoolId: null, principalOrgId: null, sourceIp: '127.0.0.1', userAgent: null },
    userArn,
  };
  return {
    ...{ resource: '/{proxy+}', path, httpMethod: method, isBase64Encoded: false, pathParameters: null },
    headers: { ...(sent === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    multiValueHeaders: {},
    queryStringParameters: query ?? null,
    multiValueQueryStringParameters: null,
    stageVariables: null,
    body: sent ?? null,
    requestContext: {
      ...{ accountId: '0', apiId: 'api', authorizer, protocol: 'HTTP/1.1', httpMethod: method, identity, path },
      ...{ stage: 'dev', requestId: 'request-1', requestTimeEpoch: 0, resourceId: 'r', resourcePath: '/{proxy+}' },
    },
  };
}

/** A function's context with a minute left. */
export const aMinute = { getRemainingTimeInMillis: () => 60_000 };
