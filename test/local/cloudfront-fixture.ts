/** A site as CDK writes one: a private bucket behind a distribution with an origin access control and a headers policy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import type { Value } from '../../local/assembly.ts';
import { createCloudFront } from '../../local/cloudfront/server.ts';
import type { PolicyStatement } from '../../local/contracts.ts';
import { deploy } from '../../local/deployer/deploy.ts';
import { cloudFrontProviders } from '../../local/deployer/providers/cloudfront.ts';
import { s3Providers } from '../../local/deployer/providers/s3.ts';
import { startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { createS3 } from '../../local/s3/server.ts';
import { assemblyOf, memoryDatabase, notingLog } from './deployer-fixture.ts';

const REGION = 'eu-west-1';
const bucketArn = { 'Fn::GetAtt': ['Bucket', 'Arn'] };
const joined = (...parts: Value[]): Value => ({ 'Fn::Join': ['', parts] });
const header = (Header: string, Value: string, Override = true) => ({ Header, Value, Override });

export interface SiteParts {
  /** Beside or instead of the distribution's configuration. */
  readonly config?: Readonly<Record<string, Value>>;
  readonly behaviour?: Readonly<Record<string, Value>>;
  readonly origin?: Readonly<Record<string, Value>>;
  /** Whose requests the bucket takes. @default the distribution's */
  readonly source?: Value;
}

function resourcesOf({ config, behaviour, origin, source }: SiteParts) {
  const distributionArn = joined('arn:aws:cloudfront::', { Ref: 'AWS::AccountId' }, ':distribution/', { Ref: 'Site' });
  return {
    Bucket: { type: 'AWS::S3::Bucket' },
    Policy: {
      type: 'AWS::S3::BucketPolicy',
      properties: {
        Bucket: { Ref: 'Bucket' },
        PolicyDocument: {
          Statement: [
            {
              ...{ Effect: 'Allow', Action: 's3:GetObject', Resource: joined(bucketArn, '/*') },
              Principal: { Service: 'cloudfront.amazonaws.com' },
              Condition: { StringEquals: { 'AWS:SourceArn': source ?? distributionArn } },
            },
          ],
        },
      },
    },
    Access: {
      type: 'AWS::CloudFront::OriginAccessControl',
      properties: {
        OriginAccessControlConfig: {
          ...{
            Name: 'access',
            OriginAccessControlOriginType: 's3',
            SigningBehavior: 'always',
            SigningProtocol: 'sigv4',
          },
        },
      },
    },
    Headers: {
      type: 'AWS::CloudFront::ResponseHeadersPolicy',
      properties: {
        ResponseHeadersPolicyConfig: {
          Name: 'headers',
          SecurityHeadersConfig: {
            ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'none'", Override: true },
            ContentTypeOptions: { Override: true },
            FrameOptions: { FrameOption: 'DENY', Override: true },
            ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
            StrictTransportSecurity: { AccessControlMaxAgeSec: 60, IncludeSubdomains: true, Override: true },
          },
          CustomHeadersConfig: { Items: [header('X-Own', 'own'), header('Cache-Control', 'no-store', false)] },
          RemoveHeadersConfig: { Items: [{ Header: 'X-Amz-Meta-Secret' }] },
        },
      },
    },
    Site: {
      type: 'AWS::CloudFront::Distribution',
      properties: {
        DistributionConfig: {
          Enabled: true,
          DefaultRootObject: 'index.html',
          Origins: [
            {
              Id: 'bucket',
              DomainName: { 'Fn::GetAtt': ['Bucket', 'RegionalDomainName'] },
              OriginAccessControlId: { 'Fn::GetAtt': ['Access', 'Id'] },
              S3OriginConfig: { OriginAccessIdentity: '' },
              ...origin,
            },
          ],
          DefaultCacheBehavior: {
            ...{ TargetOriginId: 'bucket', Compress: true, ViewerProtocolPolicy: 'redirect-to-https' },
            ResponseHeadersPolicyId: { Ref: 'Headers' },
            ...behaviour,
          },
          PriceClass: 'PriceClass_100',
          ...config,
        },
      },
    },
  };
}

export async function startSite(parts: SiteParts = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'site-'));
  const [database, log, iam] = [memoryDatabase(), notingLog(), createIam()];
  let url = '';
  const sqs = { send: () => undefined };
  const s3 = createS3({ database, directory, iam, sqs, url: () => url, region: REGION, log });
  const { distributions, handler, sites } = createCloudFront({ iam, s3 });
  const routes = { s3: s3.handler, cloudfront: handler, _site: sites };
  const gateway = await startGateway({ port: 0, log, identify: createIdentify({ iam }), routes });
  url = gateway.url;
  const close = async () => {
    await gateway.close();
    rmSync(directory, { recursive: true });
  };
  const domain = { 'Fn::GetAtt': ['Site', 'DomainName'] };
  const assembly = assemblyOf({
    resources: resourcesOf(parts),
    outputs: {
      ...{ Bucket: { Ref: 'Bucket' }, Id: { Ref: 'Site' }, Url: joined('https://', domain, '/') },
      Policy: joined(
        "connect-src 'self' https://",
        { 'Fn::GetAtt': ['Bucket', 'RegionalDomainName'] },
        '/; img-src https://',
        domain,
      ),
    },
  });
  const providers = [...s3Providers({ s3, iam, region: REGION }), ...cloudFrontProviders({ distributions })];
  const deployment = await deploy({ assembly, database, url, log, region: REGION, providers }).catch(async error => {
    await close();
    throw error;
  });
  const { outputs } = deployment;
  const common = { endpoint: url, region: REGION, maxAttempts: 1 };
  const operator = { accessKeyId: 'me', secretAccessKey: 'me' };
  const client = new S3Client({ ...common, credentials: operator, forcePathStyle: true });
  const roleArn = 'arn:aws:iam::000000000000:role/publisher';
  return {
    ...{ url, log, outputs, recorded: deployment.recorded, close, bucket: outputs.Bucket ?? '', id: outputs.Id ?? '' },
    operator: new CloudFrontClient({ ...common, credentials: operator }),
    /** A client with the keys of a function whose role has these statements. */
    functionClient(...statements: PolicyStatement[]) {
      const Principal = { Service: 'lambda.amazonaws.com' };
      const trust: PolicyStatement = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' };
      const policies = [{ Statement: statements }];
      iam.putRole({ arn: roleArn, name: 'publisher', trust: { Statement: [trust] }, policies });
      return new CloudFrontClient({ ...common, credentials: iam.issueCredentials(roleArn, 'publisher-function') });
    },
    put: (Key: string, Body: string | Buffer, more: Partial<PutObjectCommandInput> = {}) =>
      client.send(new PutObjectCommand({ Bucket: outputs.Bucket ?? '', Key, Body, ...more })),
    /** @param path below the site's address */
    get: (path: string, options: RequestInit = {}) =>
      fetch(`${outputs.Url}${path}`, { redirect: 'manual', ...options }),
  };
}
export type RunningSite = Awaited<ReturnType<typeof startSite>>;
