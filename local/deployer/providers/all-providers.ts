import type { ApiGateway } from '../../api-gateway/server.ts';
import type { Assembly } from '../../assembly.ts';
import type { Guardrails } from '../../bedrock/guardrails.ts';
import type { Distributions } from '../../cloudfront/distributions.ts';
import type { Cognito } from '../../cognito/server.ts';
import type { Iam, LambdaServer, Log, S3Server, SqsServer } from '../../contracts.ts';
import type { DynamoDbServer } from '../../dynamodb.ts';
import type { EventRules } from '../../events/rules.ts';
import type { SecretsManagerServer } from '../../secrets-manager.ts';
import type { ResourceProvider } from '../resource.ts';
import { apiGatewayProviders } from './api-gateway.ts';
import { bedrockProviders } from './bedrock.ts';
import { cloudFrontProviders } from './cloudfront.ts';
import { cognitoProviders } from './cognito.ts';
import { type CustomResourceReplies, customResourceProviders } from './custom-resource.ts';
import { dynamoDbProviders } from './dynamodb.ts';
import { eventProviders } from './events.ts';
import { iamProviders } from './iam.ts';
import { lambdaProviders } from './lambda.ts';
import { recordedProviders } from './records.ts';
import { s3Providers } from './s3.ts';
import { secretsManagerProviders } from './secrets-manager.ts';
import { sqsProviders } from './sqs.ts';

/** The servers that hold the resources of a stack. */
export interface Servers {
  readonly iam: Iam;
  readonly s3: S3Server;
  readonly sqs: SqsServer;
  readonly lambda: LambdaServer;
  readonly dynamoDb: DynamoDbServer;
  readonly secrets: SecretsManagerServer;
  readonly apiGateway: ApiGateway;
  readonly events: EventRules;
  readonly guardrails: Guardrails;
  readonly cognito: Cognito;
  readonly distributions: Distributions;
}
export interface ProviderOptions extends Servers {
  readonly assembly: Assembly;
  readonly region: string;
  readonly url: string;
  readonly stackId: string;
  readonly replies: CustomResourceReplies;
  readonly log: Log;
}

/** Every resource type that the local cloud knows. */
export function allProviders(options: ProviderOptions): ResourceProvider[] {
  return [
    ...iamProviders(options.iam),
    ...s3Providers(options),
    ...sqsProviders(options),
    ...dynamoDbProviders(options),
    ...secretsManagerProviders(options.secrets),
    ...lambdaProviders(options),
    ...eventProviders(options),
    ...bedrockProviders(options),
    ...cognitoProviders(options),
    ...cloudFrontProviders(options),
    ...apiGatewayProviders(options.apiGateway),
    ...customResourceProviders(options),
    ...recordedProviders(options.region),
  ];
}
