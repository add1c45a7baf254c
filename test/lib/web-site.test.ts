import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { contentSecurityPolicy } from '../../lib/page-policy.ts';
import { checkRules } from '../../lib/rules.ts';
import { parseSettings } from '../../lib/settings.ts';
import { WebSite } from '../../lib/web-site.ts';

const bundle = mkdtempSync(join(tmpdir(), 'groundwork-page-'));
writeFileSync(join(bundle, 'index.mjs'), 'export const handler = async () => undefined;');
afterAll(() => rmSync(bundle, { recursive: true }));

const connections = {
  restUrl: 'https://api.test/v1/',
  tokenUrl: 'https://login.test/oauth2/',
  bucketUrl: 'https://bucket.test',
  reportUrl: 'https://api.test/v1/csp-reports',
};

function siteOf(web: object = {}, { checked = false } = {}) {
  const settings = parseSettings({ stage: 'dev', stages: { dev: { web } } });
  const app = new App({ context: cdk.context, builtinCloudFormationValidation: checked });
  const stack = new Stack(app, 'Site');
  const site = new WebSite(stack, 'Web', { settings, bundle, connections });
  site.publish({ restUrl: connections.restUrl });
  if (checked) {
    checkRules(app);
    app.synth();
  }
  return { site, template: Template.fromStack(stack) };
}

describe('the page of a stack', () => {
  const { template } = siteOf();
  const [[distributionId = ''] = []] = Object.entries(template.findResources('AWS::CloudFront::Distribution'));

  it('lies in a private bucket that this distribution alone may read', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
    });
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    const arn = ['arn:', { Ref: 'AWS::Partition' }, ':cloudfront::', { Ref: 'AWS::AccountId' }, ':distribution/'];
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            ...{ Action: 's3:GetObject', Effect: 'Allow', Principal: { Service: 'cloudfront.amazonaws.com' } },
            Condition: { StringEquals: { 'AWS:SourceArn': { 'Fn::Join': ['', [...arn, { Ref: distributionId }]] } } },
          }),
        ]),
      },
    });
  });

  it('is reached by HTTPS only, compressed, with the headers that keep it to itself', () => {
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        DefaultRootObject: 'index.html',
        DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https', Compress: true },
      },
    });
    template.hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: {
        SecurityHeadersConfig: {
          ContentSecurityPolicy: { ContentSecurityPolicy: contentSecurityPolicy(connections), Override: true },
          ContentTypeOptions: { Override: true },
          FrameOptions: { FrameOption: 'DENY', Override: true },
          ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
          StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true },
        },
        CustomHeadersConfig: {
          Items: Match.arrayWith([
            Match.objectLike({ Header: 'permissions-policy', Value: Match.stringLikeRegexp('camera=\\(\\)') }),
          ]),
        },
      },
    });
  });

  it('may run its own files and talk to its own stack, and nothing else', () => {
    const policy = contentSecurityPolicy(connections);
    expect(policy).not.toMatch(/unsafe|\*|blob:|http:/);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    const { restUrl, tokenUrl, bucketUrl } = connections;
    expect(policy).toContain(`connect-src 'self' ${restUrl} ${tokenUrl} ${bucketUrl};`);
    expect(policy).toContain(`report-uri ${connections.reportUrl}`);
  });

  it('is published by a function that may write this bucket and invalidate this distribution, nothing else', () => {
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
    const actions = policy?.Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string }) => Action);
    expect(actions.filter((action: string) => !/^(?:xray|logs):/.test(action)).sort()).toEqual([
      ...['cloudfront:CreateInvalidation', 's3:DeleteObject', 's3:ListBucket', 's3:PutObject'],
    ]);
    template.hasResource('Custom::WebSite', {
      Properties: {
        Config: { restUrl: connections.restUrl },
        DistributionId: { Ref: distributionId },
        Files: Match.stringLikeRegexp('^[0-9a-f]{32,}$'),
      },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('Publisher')]),
    });
  });

  it('has a host name of its own where the settings name one with its certificate', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/abc';
    const own = siteOf({ domainName: 'ask.example.com', certificateArn });
    expect(own.site.url).toBe('https://ask.example.com/');
    own.template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Aliases: ['ask.example.com'],
        ViewerCertificate: { AcmCertificateArn: certificateArn, MinimumProtocolVersion: 'TLSv1.2_2021' },
      },
    });
    expect(() => siteOf({ domainName: 'ask.example.com' })).toThrow('web.certificateArn');
    expect(() => siteOf({ domainName: 'ask.example.com', certificateArn: 'arn:aws:acm:eu-west-1:1:x' })).toThrow(
      'us-east-1',
    );
  });

  it('leaves nothing unexplained to the rule packs and the schemas', () => {
    expect(() => siteOf({}, { checked: true })).not.toThrow();
  });
});
