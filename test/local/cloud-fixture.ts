// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of Fn::Sub look like this
/** A small stack with one of each kind: bucket → queue → function → table, a REST API, a user pool, and a custom resource. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Value } from '../../local/assembly.ts';

type Properties = Record<string, Value>;
interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
}
export type Resources = Record<string, Resource>;

const FUNCTIONS = join(import.meta.dirname, 'cloud-functions');
const names = ['worker', 'reader', 'streamer', 'maker', 'claims'] as const;

const ref = (logicalId: string): Value => ({ Ref: logicalId });
const arn = (logicalId: string): Value => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const joined = (...parts: Value[]): Value => ({ 'Fn::Join': ['', parts] });
const allow = (Action: Value, Resource: Value, more: Properties = {}): Value => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const policy = (...Statement: Value[]): Value => ({ Version: '2012-10-17', Statement });

/** A function with a role of its own that may do what the statements say. */
function lambda(name: (typeof names)[number], statements: Value[], environment: Properties): Resources {
  const id = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  return {
    [`${id}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: policy({
          ...{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        }),
        ManagedPolicyArns: [
          joined('arn:', ref('AWS::Partition'), ':iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'),
        ],
      },
    },
    [`${id}Policy`]: {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: `${id}Policy`, PolicyDocument: policy(...statements), Roles: [ref(`${id}Role`)] },
    },
    [id]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}-${AWS::Region}' }, S3Key: `${name}.zip` },
        Handler: 'index.handler',
        Role: arn(`${id}Role`),
        Runtime: 'nodejs24.x',
        MemorySize: 256,
        Timeout: 20,
        Environment: { Variables: { TABLE: ref('Table'), ...environment } },
      },
      DependsOn: [`${id}Policy`],
    },
  };
}

/** The address of the API on AWS, as CDK puts it together. */
const restUrl = (stage: Value): Value =>
  joined('https://', ref('Api'), '.execute-api.', ref('AWS::Region'), '.', ref('AWS::URLSuffix'), '/', stage, '/');

function integration(functionId: string, streaming = false): Value {
  const [version, call] = streaming ? ['2021-11-15', 'response-streaming-invocations'] : ['2015-03-31', 'invocations'];
  const path = `:lambda:path/${version}/functions/`;
  return {
    ...{ Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST' },
    Uri: joined('arn:aws:apigateway:', ref('AWS::Region'), path, arn(functionId), `/${call}`),
    ...(streaming && { ResponseTransferMode: 'STREAM', TimeoutInMillis: 60_000 }),
  };
}

/** A method, and the permission that lets API Gateway invoke its function. */
function route(
  id: string,
  HttpMethod: string,
  resourceId: string,
  path: string,
  functionId: string,
  streaming = false,
): Resources {
  const source = joined(
    'arn:aws:execute-api:',
    ref('AWS::Region'),
    ':',
    ref('AWS::AccountId'),
    ':',
    ref('Api'),
    '/',
    ref('Stage'),
  );
  return {
    [id]: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        ...{ RestApiId: ref('Api'), ResourceId: ref(resourceId), HttpMethod, AuthorizationType: 'NONE' },
        ApiKeyRequired: true,
        Integration: integration(functionId, streaming),
      },
    },
    [`${id}Permission`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        ...{ Action: 'lambda:InvokeFunction', FunctionName: arn(functionId), Principal: 'apigateway.amazonaws.com' },
        SourceArn: joined(source, `/${HttpMethod}${path}`),
      },
    },
  };
}

const storage: Resources = {
  Bucket: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: { Rules: [] },
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            Event: 's3:ObjectCreated:*',
            Queue: arn('Queue'),
            Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'documents/' }] } },
          },
        ],
      },
    },
    DependsOn: ['QueuePolicy'],
  },
  DeadLetters: { Type: 'AWS::SQS::Queue' },
  Queue: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      VisibilityTimeout: 120,
      RedrivePolicy: { deadLetterTargetArn: arn('DeadLetters'), maxReceiveCount: 3 },
    },
  },
  QueuePolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref('Queue')],
      PolicyDocument: policy(
        allow('sqs:SendMessage', arn('Queue'), {
          Principal: { Service: 's3.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
        }),
      ),
    },
  },
  Table: {
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: {
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [{ Region: ref('AWS::Region') }],
    },
  },
};

const work: Resources = {
  ...lambda(
    'worker',
    [
      allow('dynamodb:PutItem', arn('Table')),
      allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn('Queue')),
    ],
    {},
  ),
  Source: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      ...{ FunctionName: ref('Worker'), EventSourceArn: arn('Queue'), BatchSize: 5 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    },
  },
};

const rest: Resources = {
  ...lambda('reader', [allow('dynamodb:GetItem', arn('Table'))], {
    GREETING: { 'Fn::GetAtt': ['Greeting', 'Greeting'] },
    QUEUE_URL: ref('Queue'),
    // Not by reference: the stage depends on the methods, and they on this function.
    REST_URL: restUrl('v1'),
  }),
  ...lambda('streamer', [allow('dynamodb:GetItem', arn('Table'))], {}),
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'Api' } },
  RecordsPath: {
    Type: 'AWS::ApiGateway::Resource',
    Properties: { RestApiId: ref('Api'), ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] }, PathPart: 'records' },
  },
  RecordPath: {
    Type: 'AWS::ApiGateway::Resource',
    Properties: { RestApiId: ref('Api'), ParentId: ref('RecordsPath'), PathPart: '{id}' },
  },
  ...route('GetRecord', 'GET', 'RecordPath', '/records/*', 'Reader'),
  ...route('PutRecord', 'PUT', 'RecordPath', '/records/*', 'Reader'),
  ...route('GetRecords', 'GET', 'RecordsPath', '/records', 'Streamer', true),
  Deployment: {
    Type: 'AWS::ApiGateway::Deployment',
    Properties: { RestApiId: ref('Api') },
    DependsOn: ['GetRecord', 'PutRecord', 'GetRecords'],
  },
  Stage: {
    Type: 'AWS::ApiGateway::Stage',
    Properties: { RestApiId: ref('Api'), DeploymentId: ref('Deployment'), StageName: 'v1' },
  },
  Key: { Type: 'AWS::ApiGateway::ApiKey', Properties: { Enabled: true } },
  Plan: {
    Type: 'AWS::ApiGateway::UsagePlan',
    Properties: { ApiStages: [{ ApiId: ref('Api'), Stage: ref('Stage') }] },
  },
  PlanKey: {
    Type: 'AWS::ApiGateway::UsagePlanKey',
    Properties: { KeyId: ref('Key'), KeyType: 'API_KEY', UsagePlanId: ref('Plan') },
  },
};

const userPool = ref('Users');
const signIn: Resources = {
  ...lambda('claims', [allow('dynamodb:GetItem', arn('Table'))], {}),
  Users: {
    Type: 'AWS::Cognito::UserPool',
    Properties: {
      Schema: [{ Name: 'tenant', AttributeDataType: 'String', Mutable: true }],
      LambdaConfig: { PreTokenGenerationConfig: { LambdaArn: arn('Claims'), LambdaVersion: 'V2_0' } },
    },
  },
  ClaimsPermission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      ...{ Action: 'lambda:InvokeFunction', FunctionName: arn('Claims'), Principal: 'cognito-idp.amazonaws.com' },
      SourceArn: arn('Users'),
    },
  },
  Domain: { Type: 'AWS::Cognito::UserPoolDomain', Properties: { UserPoolId: userPool, Domain: 'app' } },
  Client: {
    Type: 'AWS::Cognito::UserPoolClient',
    Properties: {
      ...{ UserPoolId: userPool, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'] },
      ...{ AllowedOAuthScopes: ['openid', 'email'], CallbackURLs: ['http://localhost:8976/callback'] },
    },
  },
};

/** The custom resource with its function. */
export const greeting = (properties: Properties = {}): Resources => ({
  ...lambda('maker', [allow('dynamodb:PutItem', arn('Table'))], {}),
  Greeting: {
    Type: 'Custom::Greeting',
    Properties: { ServiceToken: arn('Maker'), ServiceTimeout: '30', Word: 'hello', Loudness: 11, ...properties },
  },
});

export const stack = (custom: Resources = greeting()): Resources => ({
  ...storage,
  ...work,
  ...custom,
  ...rest,
  ...signIn,
});

const outputs = {
  RestUrl: { Value: restUrl(ref('Stage')) },
  BucketName: { Value: ref('Bucket') },
  TableName: { Value: ref('Table') },
  QueueUrl: { Value: ref('Queue') },
  DeadLettersUrl: { Value: ref('DeadLetters') },
  KeyId: { Value: ref('Key') },
  ClientId: { Value: ref('Client') },
  Domain: { Value: joined('https://', ref('Domain'), '.auth.', ref('AWS::Region'), '.amazoncognito.com') },
};

/** Writes a cloud assembly as CDK does. @returns its folder */
export function writeAssembly(directory: string, resources: Resources, { withOutputs = true } = {}): string {
  mkdirSync(directory, { recursive: true });
  const write = (file: string, content: unknown) => writeFileSync(join(directory, file), JSON.stringify(content));
  write('manifest.json', {
    artifacts: {
      Assets: { type: 'cdk:asset-manifest', properties: { file: 'App.assets.json' } },
      App: {
        type: 'aws:cloudformation:stack',
        environment: 'aws://unknown-account/unknown-region',
        properties: { templateFile: 'App.template.json' },
      },
    },
  });
  const files = names.map(name => {
    const source = { path: relative(directory, join(FUNCTIONS, name)), packaging: 'zip' };
    return [name, { source, destinations: { here: { objectKey: `${name}.zip` } } }];
  });
  write('App.assets.json', { files: Object.fromEntries(files) });
  write('App.template.json', { Resources: resources, Outputs: withOutputs ? outputs : {} });
  return directory;
}
