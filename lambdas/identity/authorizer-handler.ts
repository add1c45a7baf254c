import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { cognitoTokenVerifier } from '../adapters/cognito-token-verifier.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbKeyStore } from '../adapters/dynamodb-key-store.ts';
import { headerOf } from '../http/request.ts';
import { type AuthorizePorts, authorize } from './authorize.ts';
import { parseAuthorizerConfig } from './config.ts';

const config = parseAuthorizerConfig(process.env);

const ports: AuthorizePorts = {
  tokens: cognitoTokenVerifier({ issuer: config.TOKEN_ISSUER, clientIds: config.CLIENT_IDS }),
  keys: dynamodbKeyStore(dynamodbDocumentClient(), config.KEYS_TABLE),
  now: () => new Date(),
};

/** API Gateway answers 401 to exactly this error, and 500 to any other. */
const UNAUTHORIZED = 'Unauthorized';

/** What stands before every route of the API that is not open. */
export async function handler(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  const headers = { headers: event.headers ?? {} };
  const context = await authorize(ports, {
    authorization: headerOf(headers, 'authorization'),
    apiKey: headerOf(headers, 'x-api-key'),
  });
  if (!context) throw new Error(UNAUTHORIZED);
  const Resource = stageOf(event.methodArn);
  return {
    principalId: context.userId,
    policyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource }] },
    context,
  };
}

/** Every route of the stage: which of them the role opens is for the function behind each to say. */
const stageOf = (methodArn: string): string => `${methodArn.split('/').slice(0, 2).join('/')}/*`;
