import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { Assembly } from '../../assembly.ts';
import { ACCOUNT_ID, type Iam, type LambdaServer, PARTITION, type PolicyStatement } from '../../contracts.ts';
import { cfn, defineProvider, type ResourceProvider, type ResourceRequest } from '../resource.ts';

const functionProperties = z.object({
  FunctionName: z.string().optional(),
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Role: z.string(),
  Runtime: z.string().startsWith('nodejs', 'the local cloud runs Node.js functions only'),
  PackageType: z.literal('Zip', 'container images are not supported').default('Zip'),
  MemorySize: cfn.number.default(128),
  Timeout: cfn.number.default(3),
  Environment: z
    .object({ Variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}) })
    .optional(),
  ReservedConcurrentExecutions: cfn.number.optional(),
});

const permissionProperties = z.object({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
});

const eventSourceProperties = z.object({
  FunctionName: z.string(),
  EventSourceArn: z.string().includes(':sqs:', { message: 'only SQS queues can be event sources here' }),
  BatchSize: cfn.number.default(10),
  MaximumBatchingWindowInSeconds: cfn.number.default(0),
  ScalingConfig: z.object({ MaximumConcurrency: cfn.number.optional() }).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  Enabled: cfn.boolean.default(true),
});

export interface LambdaProviderOptions {
  readonly lambda: LambdaServer;
  readonly iam: Iam;
  readonly region: string;
  readonly assembly: Assembly;
}

/** Functions, who may invoke them, and the queues that feed them. */
export function lambdaProviders(options: LambdaProviderOptions): ResourceProvider[] {
  return [functionProvider(options), permissionProvider(options), eventSourceProvider(options)];
}

function functionProvider({ lambda, assembly }: LambdaProviderOptions): ResourceProvider {
  return defineProvider({
    type: 'AWS::Lambda::Function',
    properties: functionProperties,
    handled: [
      ...['FunctionName', 'Code.S3Bucket', 'Code.S3Key', 'Handler', 'Role', 'Runtime', 'PackageType', 'MemorySize'],
      ...['Timeout', 'Environment.Variables', 'ReservedConcurrentExecutions'],
    ],
    // Loops are not looked for, so that allowing them changes nothing.
    recorded: [
      ...[
        'Architectures',
        'Description',
        'EphemeralStorage',
        'LoggingConfig',
        'RecursiveLoop',
        'Tags',
        'TracingConfig',
      ],
    ],
    put(properties, { physicalName }) {
      const name = properties.FunctionName ?? physicalName({ maxLength: 64 });
      const variables = Object.entries(properties.Environment?.Variables ?? {});
      lambda.putFunction({
        name,
        roleArn: properties.Role,
        codeDirectory: codeDirectory(assembly, properties.Code.S3Key),
        handler: properties.Handler,
        runtime: properties.Runtime,
        memoryMb: properties.MemorySize,
        timeoutSeconds: properties.Timeout,
        environment: Object.fromEntries(variables.map(([key, value]) => [key, String(value)])),
        ...(properties.ReservedConcurrentExecutions !== undefined && {
          reservedConcurrency: properties.ReservedConcurrentExecutions,
        }),
      });
      return { physicalId: name, attributes: { Arn: lambda.functionArn(name) } };
    },
    delete: (_, { physicalId }) => lambda.deleteFunction(physicalId),
  });
}

function codeDirectory(assembly: Assembly, objectKey: string): string {
  const directory = assembly.assetDirectory(objectKey);
  if (directory === undefined) throw new Error(`its code ${objectKey} is no asset of the assembly.`);
  if (!existsSync(directory)) throw new Error(`its code ${directory} does not exist: synthesize again.`);
  return directory;
}

/** All permissions of a function together are its resource policy. */
function permissionProvider({ lambda, iam }: LambdaProviderOptions): ResourceProvider {
  const permissions = new Map<string, { functionArn: string; statement: PolicyStatement }>();
  const publish = (functionArn: string) => {
    const own = [...permissions.values()].filter(permission => permission.functionArn === functionArn);
    const Statement = own.map(({ statement }) => statement);
    iam.putResourcePolicy(functionArn, Statement.length > 0 ? { Version: '2012-10-17', Statement } : undefined);
  };
  return defineProvider({
    type: 'AWS::Lambda::Permission',
    properties: permissionProperties,
    handled: Object.keys(permissionProperties.shape),
    put(properties, { logicalId, physicalName }) {
      const functionArn = lambda.functionArn(functionNameOf(properties.FunctionName));
      permissions.set(logicalId, { functionArn, statement: permissionStatement(properties, functionArn, logicalId) });
      publish(functionArn);
      const physicalId = physicalName({ maxLength: 100 });
      return { physicalId, attributes: { Id: physicalId } };
    },
    delete({ FunctionName }, { logicalId }) {
      permissions.delete(logicalId);
      publish(lambda.functionArn(functionNameOf(FunctionName)));
    },
  });
}

function permissionStatement(
  { Action, Principal, SourceArn, SourceAccount }: z.infer<typeof permissionProperties>,
  functionArn: string,
  logicalId: string,
): PolicyStatement {
  const conditions = {
    ...(SourceArn !== undefined && { ArnLike: { 'aws:SourceArn': SourceArn } }),
    ...(SourceAccount !== undefined && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
  };
  return {
    Sid: logicalId,
    Effect: 'Allow',
    Principal: principalOf(Principal),
    Action,
    Resource: functionArn,
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  };
}

/** A service (`s3.amazonaws.com`), everyone (`*`), an account's number, or an ARN. */
function principalOf(principal: string): NonNullable<PolicyStatement['Principal']> {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:${PARTITION}:iam::${principal}:root` };
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal };
}

function eventSourceProvider({ lambda, region }: LambdaProviderOptions): ResourceProvider {
  return defineProvider({
    type: 'AWS::Lambda::EventSourceMapping',
    properties: eventSourceProperties,
    handled: Object.keys(eventSourceProperties.shape),
    recorded: ['Tags'],
    put(properties, resource) {
      const id = eventSourceId(resource);
      const maxConcurrency = properties.ScalingConfig?.MaximumConcurrency;
      lambda.putEventSource({
        id,
        functionName: functionNameOf(properties.FunctionName),
        queueArn: properties.EventSourceArn,
        batchSize: properties.BatchSize,
        maxBatchingWindowSeconds: properties.MaximumBatchingWindowInSeconds,
        ...(maxConcurrency !== undefined && { maxConcurrency }),
        reportBatchItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
        enabled: properties.Enabled,
      });
      const arn = `arn:${PARTITION}:lambda:${region}:${ACCOUNT_ID}:event-source-mapping:${id}`;
      return { physicalId: id, attributes: { Id: id, EventSourceMappingArn: arn } };
    },
    delete: (_, { physicalId }) => lambda.deleteEventSource(physicalId),
  });
}

const eventSourceId = ({ stableId }: ResourceRequest) => stableId(24);

/** A function's name, from its name, its ARN, or its ARN with a version. */
export function functionNameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? nameOrArn) : nameOrArn;
}
