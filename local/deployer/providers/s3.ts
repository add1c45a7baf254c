import { z } from 'zod';
import type { BucketSpec, Iam, S3Notification, S3Server } from '../../contracts.ts';
import { cfn, defineProvider, type ResourceProvider } from '../resource.ts';
import { policyDocument } from './policy-document.ts';

const queueConfiguration = z.object({
  Event: z.string(),
  Queue: z.string(),
  Filter: z
    .object({ S3Key: z.object({ Rules: z.array(z.object({ Name: z.string(), Value: z.string() })) }) })
    .optional(),
});
const corsRule = z.object({
  AllowedOrigins: z.array(z.string()),
  AllowedMethods: z.array(z.string()),
  AllowedHeaders: z.array(z.string()).default([]),
  ExposedHeaders: z.array(z.string()).default([]),
  MaxAge: cfn.number.optional(),
});
const bucketProperties = z.object({
  BucketName: z.string().optional(),
  VersioningConfiguration: z.object({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
  NotificationConfiguration: z.object({ QueueConfigurations: z.array(queueConfiguration).default([]) }).optional(),
  CorsConfiguration: z.object({ CorsRules: z.array(corsRule) }).optional(),
});
type BucketProperties = z.infer<typeof bucketProperties>;

/** Buckets and their policies. */
export function s3Providers({ s3, iam, region }: { s3: S3Server; iam: Iam; region: string }): ResourceProvider[] {
  const bucket = defineProvider({
    type: 'AWS::S3::Bucket',
    properties: bucketProperties,
    handled: [
      ...['BucketName', 'VersioningConfiguration.Status', 'CorsConfiguration.CorsRules'],
      'NotificationConfiguration.QueueConfigurations',
    ],
    recorded: [
      ...['AccessControl', 'BucketEncryption', 'LifecycleConfiguration', 'LoggingConfiguration', 'OwnershipControls'],
      ...['PublicAccessBlockConfiguration', 'Tags'],
    ],
    put(properties, { physicalName }) {
      const name = properties.BucketName ?? physicalName({ maxLength: 63, lowerCase: true });
      s3.putBucket(bucketSpec(name, properties));
      return {
        physicalId: name,
        attributes: {
          Arn: bucketArn(name),
          DomainName: `${name}.s3.amazonaws.com`,
          RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
        },
      };
    },
    delete: (_, { physicalId }) => s3.deleteBucket(physicalId),
  });

  const bucketPolicy = defineProvider({
    type: 'AWS::S3::BucketPolicy',
    properties: z.object({ Bucket: z.string(), PolicyDocument: policyDocument }),
    handled: ['Bucket', 'PolicyDocument'],
    put({ Bucket, PolicyDocument }) {
      iam.putResourcePolicy(bucketArn(Bucket), PolicyDocument);
      return { physicalId: Bucket };
    },
    delete: ({ Bucket }) => iam.putResourcePolicy(bucketArn(Bucket), undefined),
  });
  return [bucket, bucketPolicy];
}

const bucketArn = (name: string) => `arn:aws:s3:::${name}`;

function bucketSpec(name: string, properties: BucketProperties): BucketSpec {
  const queues = properties.NotificationConfiguration?.QueueConfigurations ?? [];
  return {
    name,
    versioned: properties.VersioningConfiguration?.Status === 'Enabled',
    notifications: queues.map(notification),
    cors: (properties.CorsConfiguration?.CorsRules ?? []).map(rule => ({
      allowedOrigins: rule.AllowedOrigins,
      allowedMethods: rule.AllowedMethods,
      allowedHeaders: rule.AllowedHeaders,
      exposedHeaders: rule.ExposedHeaders,
      ...(rule.MaxAge !== undefined && { maxAgeSeconds: rule.MaxAge }),
    })),
  };
}

function notification({ Event, Queue, Filter }: z.infer<typeof queueConfiguration>): S3Notification {
  const rules = Filter?.S3Key.Rules ?? [];
  const rule = (name: string) => rules.find(({ Name }) => Name.toLowerCase() === name)?.Value;
  const [prefix, suffix] = [rule('prefix'), rule('suffix')];
  return {
    queueArn: Queue,
    events: [Event],
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffix }),
  };
}
