import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { parseSettings } from '../../lib/settings.ts';
import { stackOf } from './stack.ts';

/** A property of CloudFormation, of whatever form. */
// biome-ignore lint/suspicious/noExplicitAny: the template's forms are CloudFormation's, and a wrong path fails the test
type Property = any;
type Resource = { readonly Type: string; readonly Properties: Property; readonly DependsOn?: readonly string[] };

describe.each(Object.keys(cdk.context.stages))('the template of stage %s', stage => {
  const settings = parseSettings({ stage, stages: cdk.context.stages });
  let template: Template;
  beforeAll(() => {
    template = Template.fromStack(stackOf(stage));
  });
  const all = (type: string) => Object.entries(template.findResources(type)) as [string, Resource][];

  describe('buckets', () => {
    it('are encrypted, closed to the public, and reached by TLS only', () => {
      expect(all('AWS::S3::Bucket')).toHaveLength(3);
      for (const [id, { Properties }] of all('AWS::S3::Bucket')) {
        expect(Properties.BucketEncryption.ServerSideEncryptionConfiguration).toHaveLength(1);
        expect(Object.values(Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
        template.hasResourceProperties('AWS::S3::BucketPolicy', {
          Bucket: { Ref: id },
          PolicyDocument: { Statement: Match.arrayWith([deniedWithoutTls('s3:*')]) },
        });
      }
    });

    it('keep versions for a while, drop abandoned uploads, take presigned uploads, and log who comes', () => {
      template.hasResourceProperties('AWS::S3::Bucket', {
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: {
          Rules: Match.arrayWith([
            Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }),
            Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 90 }, ExpiredObjectDeleteMarker: true }),
          ]),
        },
        CorsConfiguration: { CorsRules: [Match.objectLike({ AllowedMethods: ['GET', 'HEAD', 'PUT', 'POST'] })] },
        LoggingConfiguration: { DestinationBucketName: Match.anyValue() },
      });
    });
  });

  it('keeps tables on demand, with point-in-time recovery', () => {
    for (const [, { Properties }] of all('AWS::DynamoDB::GlobalTable')) {
      expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(Properties.Replicas).toHaveLength(1);
      expect(Properties.Replicas[0].PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    }
  });

  it('encrypts every queue and lets nobody reach one without TLS', () => {
    expect(all('AWS::SQS::Queue').length).toBeGreaterThan(0);
    for (const [id, { Properties }] of all('AWS::SQS::Queue')) {
      expect(Properties.SqsManagedSseEnabled).toBe(true);
      template.hasResourceProperties('AWS::SQS::QueuePolicy', {
        Queues: [{ Ref: id }],
        PolicyDocument: { Statement: Match.arrayWith([deniedWithoutTls('sqs:*')]) },
      });
    }
  });

  it('runs every function on Node 24 and arm64, traced, with a timeout, and with logs that expire', () => {
    const logGroups = new Map(all('AWS::Logs::LogGroup'));
    for (const [, { Properties }] of all('AWS::Lambda::Function')) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        MemorySize: expect.any(Number),
        Timeout: expect.any(Number),
      });
      expect(logGroups.has(Properties.LoggingConfig.LogGroup.Ref)).toBe(true);
    }
    for (const { Properties } of logGroups.values()) expect(Properties.RetentionInDays).toBe(settings.logRetentionDays);
  });

  it('gives every function a role of its own with no managed policy', () => {
    const roles = all('AWS::Lambda::Function').map(([, { Properties }]) => Properties.Role['Fn::GetAtt'][0]);
    expect(new Set(roles).size).toBe(roles.length);
    for (const role of roles)
      expect(template.findResources('AWS::IAM::Role')[role]?.Properties.ManagedPolicyArns).toBe(undefined);
  });

  describe('the API', () => {
    it('is throttled as the settings say, and logs every request', () => {
      const { requestsPerSecond, burst } = settings.api;
      template.hasResourceProperties('AWS::ApiGateway::Stage', {
        MethodSettings: Match.arrayWith([
          Match.objectLike({ ThrottlingRateLimit: requestsPerSecond, ThrottlingBurstLimit: burst, HttpMethod: '*' }),
          Match.objectLike({ ThrottlingRateLimit: 5, ResourcePath: '/~1csp-reports' }),
        ]),
        AccessLogSetting: { DestinationArn: Match.anyValue(), Format: Match.stringLikeRegexp('requestId') },
        TracingEnabled: true,
      });
    });

    it('answers its own refusals in problem form, readable from any page', () => {
      const responses = all('AWS::ApiGateway::GatewayResponse');
      expect(responses.map(([, { Properties }]) => Properties.ResponseType)).toEqual(
        expect.arrayContaining(['DEFAULT_4XX', 'DEFAULT_5XX', 'THROTTLED', 'UNAUTHORIZED', 'REQUEST_TOO_LARGE']),
      );
      for (const [, { Properties }] of responses) {
        expect(Properties.ResponseParameters).toMatchObject({
          'gatewayresponse.header.Content-Type': "'application/problem+json'",
          'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
        });
        expect(JSON.parse(Properties.ResponseTemplates['application/json'])).toMatchObject({
          type: expect.stringMatching(/^\/problems\//),
          title: expect.any(String),
        });
      }
    });
  });
});

describe('emptying the buckets of a stage that goes', () => {
  it('happens after the bucket takes no more access logs, and while the function may still do it', () => {
    const template = Template.fromStack(stackOf('dev'));
    const markers = Object.entries(template.findResources('Custom::EmptyBucketOnDelete'));
    expect(markers).toHaveLength(2);
    for (const [id, marker] of markers) {
      // Deletion runs against the dependencies: what depends on the marker is gone before the bucket is emptied.
      const bucket = marker.Properties.BucketName.Ref;
      const [policy] = Object.values(
        template.findResources('AWS::S3::BucketPolicy', { Properties: { Bucket: { Ref: bucket } } }),
      );
      expect(policy?.DependsOn).toContain(id);
      expect(marker.DependsOn).toContainEqual(expect.stringMatching(/CleanerRoleDefaultPolicy/));
    }
  });
});

const deniedWithoutTls = (action: string) =>
  Match.objectLike({ Effect: 'Deny', Action: action, Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
