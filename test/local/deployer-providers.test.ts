import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiGateway } from '../../local/api-gateway/server.ts';
import type { Value } from '../../local/assembly.ts';
import { createGuardrails, type Guardrails } from '../../local/bedrock/guardrails.ts';
import { createDistributions } from '../../local/cloudfront/distributions.ts';
import { createCognito } from '../../local/cognito/server.ts';
import type { BucketSpec, Caller, Iam, InvocationResult, S3Server } from '../../local/contracts.ts';
import { deploy, stackArn } from '../../local/deployer/deploy.ts';
import { allProviders } from '../../local/deployer/providers/all-providers.ts';
import { customResourceReplies } from '../../local/deployer/providers/custom-resource.ts';
import type { DynamoDbServer, TableSpec } from '../../local/dynamodb.ts';
import { createEventRules } from '../../local/events/rules.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { createSecretsManager } from '../../local/secrets-manager.ts';
import { createSqs } from '../../local/sqs/server.ts';
import {
  type AssemblyParts,
  assemblyOf,
  type FakeLambda,
  fakeLambda,
  memoryDatabase,
  notingLog,
} from './deployer-fixture.ts';

const region = 'eu-west-1';
const url = 'http://127.0.0.1:4566';
const code = mkdtempSync(join(tmpdir(), 'code-'));
afterAll(() => rmSync(code, { recursive: true }));

let database: DatabaseSync;
let iam: Iam;
let buckets: Map<string, BucketSpec>;
let tables: Map<string, TableSpec>;
let lambda: FakeLambda;
let events: CloudFormationEvent[];
let guardrails: Guardrails;
/** What a custom resource's function does; it answers at once unless a test says otherwise. */
let behaviour: (event: CloudFormationEvent) => Promise<InvocationResult>;
const replies = customResourceReplies();

interface CloudFormationEvent {
  readonly RequestType: string;
  readonly ResponseURL: string;
  readonly ResourceProperties: Record<string, unknown>;
  readonly OldResourceProperties?: Record<string, unknown>;
  readonly PhysicalResourceId?: string;
}

beforeEach(() => {
  database = memoryDatabase();
  iam = createIam();
  buckets = new Map();
  tables = new Map();
  events = [];
  guardrails = createGuardrails(region);
  behaviour = async event => {
    await answer(event, { Status: 'SUCCESS', PhysicalResourceId: 'made', Data: { Host: 'h' } });
    return { ok: true, payload: Buffer.alloc(0) };
  };
  lambda = fakeLambda({
    async invoke(_, event) {
      events.push(event as CloudFormationEvent);
      return behaviour(event as CloudFormationEvent);
    },
  });
});

/** What a function's PUT to the ResponseURL does. @returns the status of the reply */
async function answer({ ResponseURL }: CloudFormationEvent, body: unknown): Promise<number> {
  let status = 0;
  const response = {
    writeHead: (code: number) => {
      status = code;
      return response;
    },
    end: () => response,
  };
  const exchange = {
    method: 'PUT',
    path: new URL(ResponseURL).pathname,
    body: async () => Buffer.from(JSON.stringify(body)),
    response,
  };
  // The handler uses no more of an exchange than this.
  await replies.handler(exchange as never);
  return status;
}

function run(parts: AssemblyParts, at = url) {
  const assembly = assemblyOf({ assets: { 'code.zip': code }, ...parts });
  const log = notingLog();
  const sqs = createSqs({ database, iam, url: () => at, region });
  const absent = async () => {
    throw new Error('not expected to be called');
  };
  const s3: S3Server = {
    handler: absent,
    readObject: () => undefined,
    putBucket: spec => void buckets.set(spec.name, spec),
    deleteBucket: async name => void buckets.delete(name),
  };
  const dynamoDb: DynamoDbServer = {
    handler: absent,
    putTable: async spec => void tables.set(spec.name, spec),
    deleteTable: async name => void tables.delete(name),
    close: async () => undefined,
  };
  const servers = {
    ...{ iam, s3, sqs, lambda, dynamoDb },
    secrets: createSecretsManager({ iam, database, region }),
    apiGateway: createApiGateway({ iam, identify: createIdentify({ iam }), lambda, log, database, region }),
    events: createEventRules({ lambda, sqs, region, log }),
    guardrails,
    cognito: createCognito({ iam, lambda, database, region, log, url: () => at }),
    distributions: createDistributions(),
  };
  const stackId = stackArn(assembly.stackName, region);
  const providers = allProviders({ ...servers, assembly, region, url: at, stackId, replies, log });
  return deploy({ assembly, providers, database, region, url: at, log });
}

const role = (more: Record<string, Value> = {}) => ({
  type: 'AWS::IAM::Role',
  properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
    },
    ...more,
  },
});
const lambdaFunction = (more: Record<string, Value> = {}) => ({
  type: 'AWS::Lambda::Function',
  properties: {
    Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
    ...{ Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Runtime: 'nodejs24.x' },
    ...more,
  },
});

describe('AWS::Lambda::Function', () => {
  it('runs the asset where it lies, with its variables as strings', async () => {
    const properties = { Environment: { Variables: { COUNT: 3, ON: true } }, MemorySize: '512', Timeout: 30 };
    await run({ resources: { Role: role(), Function: lambdaFunction(properties) } });
    expect([...lambda.functions.values()]).toEqual([
      expect.objectContaining({
        name: expect.stringMatching(/^App-Function-[0-9a-f]{8}$/),
        roleArn: expect.stringMatching(/^arn:aws:iam::000000000000:role\/App-Role-[0-9a-f]{8}$/),
        codeDirectory: code,
        memoryMb: 512,
        timeoutSeconds: 30,
        environment: { COUNT: '3', ON: 'true' },
      }),
    ]);
  });

  it.each<[string, Record<string, Value>, RegExp]>([
    ['code that is no asset', { Code: { S3Bucket: 'assets', S3Key: 'other.zip' } }, /Function.*other\.zip is no asset/],
    ['another runtime', { Runtime: 'python3.13' }, /Function.*Node\.js functions only/],
    ['inline code', { Code: { ZipFile: 'x' } }, /Function.*property Code\.ZipFile is not supported/],
  ])('refuses %s', async (_, properties, message) => {
    await expect(run({ resources: { Role: role(), Function: lambdaFunction(properties) } })).rejects.toThrow(message);
  });
});

describe('permissions', () => {
  const api = (sourceArn: string): Caller => ({ kind: 'service', principal: 'apigateway.amazonaws.com', sourceArn });
  const permission = (SourceArn: string) => ({
    type: 'AWS::Lambda::Permission',
    properties: {
      ...{ Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Function' }, SourceArn },
      Principal: 'apigateway.amazonaws.com',
    },
  });

  it('of one function stand side by side', async () => {
    const resources = {
      ...{ Role: role(), Function: lambdaFunction(), One: permission('arn:aws:execute-api:*:*:a/*/GET/*') },
      Two: permission('arn:aws:execute-api:*:*:b/*/GET/*'),
    };
    await run({ resources });
    const arn = lambda.functionArn([...lambda.functions.keys()][0] ?? '');
    for (const id of ['a', 'b'])
      iam.authorize(api(`arn:aws:execute-api:r:0:${id}/v1/GET/x`), 'lambda:InvokeFunction', arn);
    expect(() => iam.authorize(api('arn:aws:execute-api:r:0:c/v1/GET/x'), 'lambda:InvokeFunction', arn)).toThrow();

    await run({
      resources: { Role: role(), Function: lambdaFunction(), One: permission('arn:aws:execute-api:*:*:a/*/GET/*') },
    });
    expect(() => iam.authorize(api('arn:aws:execute-api:r:0:a/v1/POST/x'), 'lambda:InvokeFunction', arn)).toThrow();
  });
});

describe('AWS::IAM::Policy', () => {
  it('adds to what the role itself allows', async () => {
    const inline = {
      PolicyName: 'own',
      PolicyDocument: { Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' } },
    };
    const PolicyDocument = { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }] };
    const { outputs } = await run({
      resources: {
        Role: role({ Policies: [inline] }),
        Policy: { type: 'AWS::IAM::Policy', properties: { PolicyName: 'p', Roles: [{ Ref: 'Role' }], PolicyDocument } },
      },
      outputs: { Arn: { 'Fn::GetAtt': ['Role', 'Arn'] } },
    });
    const caller: Caller = { kind: 'role', accessKeyId: 'k', functionName: 'f', roleArn: outputs.Arn ?? '' };
    iam.authorize(caller, 's3:GetObject', 'arn:aws:s3:::b/k');
    iam.authorize(caller, 'sqs:SendMessage', 'arn:aws:sqs:r:0:q');
    expect(() => iam.authorize(caller, 'sqs:DeleteMessage', 'arn:aws:sqs:r:0:q')).toThrow(/may not sqs:DeleteMessage/);
  });

  it('refuses a managed policy that is not known here', async () => {
    const resources = { Role: role({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }) };
    await expect(run({ resources })).rejects.toThrow(/Role \(AWS::IAM::Role\).*AdministratorAccess/);
  });
});

describe('storage', () => {
  it('makes a bucket with its notifications and rules', async () => {
    await run({
      resources: {
        Queue: { type: 'AWS::SQS::Queue' },
        Bucket: {
          type: 'AWS::S3::Bucket',
          properties: {
            VersioningConfiguration: { Status: 'Enabled' },
            CorsConfiguration: { CorsRules: [{ AllowedOrigins: ['*'], AllowedMethods: ['PUT'], MaxAge: 60 }] },
            NotificationConfiguration: {
              QueueConfigurations: [
                {
                  Event: 's3:ObjectRemoved:*',
                  Queue: { 'Fn::GetAtt': ['Queue', 'Arn'] },
                  Filter: { S3Key: { Rules: [{ Name: 'Suffix', Value: '.pdf' }] } },
                },
              ],
            },
          },
        },
      },
    });
    const [bucket] = buckets.values();
    expect(bucket).toEqual({
      name: expect.stringMatching(/^app-bucket-[0-9a-f]{8}$/),
      versioned: true,
      notifications: [
        {
          queueArn: expect.stringMatching(/^arn:aws:sqs:eu-west-1:000000000000:App-Queue-[0-9a-f]{8}$/),
          events: ['s3:ObjectRemoved:*'],
          suffix: '.pdf',
        },
      ],
      cors: [
        { allowedOrigins: ['*'], allowedMethods: ['PUT'], allowedHeaders: [], exposedHeaders: [], maxAgeSeconds: 60 },
      ],
    });
  });

  it.each(['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'])(
    'makes a table of %s with its indexes',
    async type => {
      const KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' }];
      const index = { IndexName: 'by-id', KeySchema, Projection: { ProjectionType: 'ALL' } };
      const AttributeDefinitions = [{ AttributeName: 'id', AttributeType: 'S' }];
      const properties = { TableName: 'records', KeySchema, AttributeDefinitions, GlobalSecondaryIndexes: [index] };
      const { outputs } = await run({
        resources: { Table: { type, properties } },
        outputs: { Arn: { 'Fn::GetAtt': ['Table', 'Arn'] }, Name: { Ref: 'Table' } },
      });
      expect([...tables.values()]).toEqual([
        {
          name: 'records',
          keySchema: KeySchema,
          attributeDefinitions: AttributeDefinitions,
          globalSecondaryIndexes: [index],
        },
      ]);
      expect(outputs).toEqual({ Arn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/records', Name: 'records' });
    },
  );

  it('refers to a queue by its local URL, also after the port moved, without replacing it', async () => {
    const parts: AssemblyParts = {
      resources: { Queue: { type: 'AWS::SQS::Queue' } },
      outputs: { Url: { Ref: 'Queue' } },
    };
    const first = await run(parts);
    const second = await run(parts, 'http://127.0.0.1:5000');
    expect(first.outputs.Url).toMatch(/^http:\/\/127\.0\.0\.1:4566\/000000000000\/App-Queue-/);
    expect(second.outputs.Url).toBe(first.outputs.Url?.replace(':4566', ':5000'));
  });
});

describe('AWS::SecretsManager::Secret', () => {
  const secretValue = () =>
    database
      .prepare('SELECT value FROM secrets')
      .all()
      .map(row => String(row.value));

  it('keeps the value that it made', async () => {
    const properties = { GenerateSecretString: { PasswordLength: 20, ExcludePunctuation: true } };
    const parts: AssemblyParts = { resources: { Secret: { type: 'AWS::SecretsManager::Secret', properties } } };
    await run(parts);
    const [made] = secretValue();
    expect(made).toMatch(/^[A-Za-z0-9]{20}$/);
    await run(parts);
    expect(secretValue()).toEqual([made]);
  });

  it('puts a made value into the template that is given', async () => {
    const properties = {
      GenerateSecretString: {
        SecretStringTemplate: '{"user":"me"}',
        GenerateStringKey: 'password',
        ExcludeCharacters: '"\\',
      },
    };
    await run({ resources: { Secret: { type: 'AWS::SecretsManager::Secret', properties } } });
    expect(JSON.parse(secretValue()[0] ?? '')).toEqual({ user: 'me', password: expect.stringMatching(/^.{32}$/) });
  });

  it('leaves a value that was changed by hand until the template changes', async () => {
    const withValue = (SecretString: string): AssemblyParts => ({
      resources: { Secret: { type: 'AWS::SecretsManager::Secret', properties: { Name: 'key', SecretString } } },
    });
    await run(withValue('first'));
    database.exec(`UPDATE secrets SET value = 'by hand'`);
    await run(withValue('first'));
    expect(secretValue()).toEqual(['by hand']);
    await run(withValue('second'));
    expect(secretValue()).toEqual(['second']);
  });
});

describe('a custom resource', () => {
  const custom = (properties: Record<string, Value> = {}, type = 'Custom::Index'): AssemblyParts => ({
    resources: {
      Role: role(),
      Function: lambdaFunction(),
      Index: { type, properties: { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] }, ...properties } },
    },
    outputs: { Host: { 'Fn::GetAtt': ['Index', 'Host'] }, Id: { Ref: 'Index' } },
  });

  it('is asked for with properties as strings, and gives what its function answers', async () => {
    const { outputs, stackId } = await run(custom({ Dimension: 1024, On: true, List: [1, { a: 2 }] }));
    expect(outputs).toEqual({ Host: 'h', Id: 'made' });
    expect(events).toEqual([
      {
        RequestType: 'Create',
        ResponseURL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:4566\/_cloudformation\/[0-9a-f]{32}$/),
        StackId: stackId,
        RequestId: expect.any(String),
        LogicalResourceId: 'Index',
        ResourceType: 'Custom::Index',
        ResourceProperties: {
          ServiceToken: lambda.functionArn([...lambda.functions.keys()][0] ?? ''),
          ...{ Dimension: '1024', On: 'true', List: ['1', { a: '2' }] },
        },
      },
    ]);
  });

  it('is left alone while nothing changes, and still gives its attributes', async () => {
    await run(custom({ Dimension: 1024 }, 'AWS::CloudFormation::CustomResource'));
    const { outputs } = await run(custom({ Dimension: 1024 }, 'AWS::CloudFormation::CustomResource'));
    expect(outputs.Host).toBe('h');
    expect(events).toHaveLength(1);
  });

  it('is updated with the old properties, and the old one deleted when another took its place', async () => {
    await run(custom({ Dimension: 1024 }));
    const replace = behaviour;
    behaviour = async event => {
      if (event.RequestType !== 'Update') return replace(event);
      await answer(event, { Status: 'SUCCESS', PhysicalResourceId: 'another' });
      return { ok: true, payload: Buffer.alloc(0) };
    };
    const { outputs: _, ...parts } = custom({ Dimension: 512 });
    await run(parts);
    expect(events.slice(1)).toMatchObject([
      { RequestType: 'Update', PhysicalResourceId: 'made', OldResourceProperties: { Dimension: '1024' } },
      { RequestType: 'Delete', PhysicalResourceId: 'made', ResourceProperties: { Dimension: '1024' } },
    ]);
  });

  it.each<[string, (event: CloudFormationEvent) => Promise<InvocationResult>, RegExp]>([
    [
      'says so',
      async event => {
        await answer(event, { Status: 'FAILED', Reason: 'wrong dimension' });
        return { ok: true, payload: Buffer.alloc(0) };
      },
      /Index \(Custom::Index\).*wrong dimension/,
    ],
    ['fails', async () => ({ ok: false, type: 'TypeError', message: 'x is undefined' }), /TypeError: x is undefined/],
    [
      'never answers',
      async () => ({ ok: true, payload: Buffer.alloc(0) }),
      /no answer to the ResponseURL within 0\.05 seconds/,
    ],
    [
      'answers nonsense',
      async event => {
        await answer(event, { Status: 'MAYBE' });
        return { ok: true, payload: Buffer.alloc(0) };
      },
      /malformed answer/,
    ],
    [
      'does not name what it made',
      async event => {
        await answer(event, { Status: 'SUCCESS' });
        return { ok: true, payload: Buffer.alloc(0) };
      },
      /without a PhysicalResourceId/,
    ],
  ])('stops the deploy when its function %s', async (_, then, message) => {
    behaviour = then;
    await expect(run(custom({ ServiceTimeout: '0.05' }))).rejects.toThrow(message);
  });

  it('takes one answer only', async () => {
    const statuses: number[] = [];
    behaviour = async event => {
      for (let n = 0; n < 2; n++)
        statuses.push(await answer(event, { Status: 'SUCCESS', PhysicalResourceId: 'made', Data: { Host: 'h' } }));
      return { ok: true, payload: Buffer.alloc(0) };
    };
    await run(custom());
    expect(statuses).toEqual([200, 404]);
  });
});

describe('AWS::Bedrock::Guardrail', () => {
  const resources = (word: string, description: string) => ({
    Guardrail: {
      type: 'AWS::Bedrock::Guardrail',
      properties: {
        ...{ Name: 'answers', BlockedInputMessaging: 'No.', BlockedOutputsMessaging: 'Not this.' },
        ContentPolicyConfig: {
          FiltersConfig: [{ Type: 'PROMPT_ATTACK', InputStrength: 'HIGH', OutputStrength: 'NONE' }],
        },
        TopicPolicyConfig: { TopicsConfig: [{ Name: 'Salaries', Definition: 'What people earn.', Type: 'DENY' }] },
        WordPolicyConfig: { WordsConfig: [{ Text: word }] },
      },
    },
    Version: {
      type: 'AWS::Bedrock::GuardrailVersion',
      properties: { GuardrailIdentifier: { 'Fn::GetAtt': ['Guardrail', 'GuardrailId'] }, Description: description },
    },
  });
  const outputs = {
    Arn: { 'Fn::GetAtt': ['Guardrail', 'GuardrailArn'] },
    Version: { 'Fn::GetAtt': ['Version', 'Version'] },
  };
  const deployed = async (word: string, description: string) => {
    const { outputs: told, recorded } = await run({ resources: resources(word, description), outputs });
    return { arn: told.Arn ?? '', version: told.Version ?? '', recorded };
  };

  it('is found by its ARN in its version, with its rules about words; others are recorded', async () => {
    const { arn, version, recorded } = await deployed('nightjar', 'a');
    expect(arn).toMatch(/^arn:aws:bedrock:eu-west-1:000000000000:guardrail\/[a-z0-9]{12}$/);
    expect(guardrails.find(arn, version)).toMatchObject({
      arn,
      rules: { blockedInput: 'No.', blockedOutput: 'Not this.', words: ['nightjar'], topics: [{ name: 'Salaries' }] },
    });
    expect(recorded).toContain('AWS::Bedrock::Guardrail ContentPolicyConfig');
  });

  it('keeps its version at a restart, and gets another one for another description', async () => {
    const first = await deployed('nightjar', 'a');
    expect(await deployed('nightjar', 'a')).toEqual(first);
    const second = await deployed('owl', 'b');
    expect([first.version, second.version]).toEqual(['1', '2']);
    expect(guardrails.find(second.arn, '2')?.rules.words).toEqual(['owl']);
    expect(guardrails.find(second.arn, '1')).toBeUndefined();
  });
});
