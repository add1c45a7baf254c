import { z } from 'zod';
import type { Distributions } from '../../cloudfront/distributions.ts';
import type { PolicyHeader } from '../../cloudfront/headers-policy.ts';
import { cfn, defineProvider, type ResourceProvider } from '../resource.ts';

const LABEL_LENGTH = 13;

/** One bucket behind one behaviour. */
const distributionConfig = z.object({
  Enabled: cfn.boolean.refine(enabled => enabled, 'a distribution that is not enabled is not emulated'),
  DefaultRootObject: z.string().default(''),
  Origins: z.tuple([
    z.object({
      Id: z.string(),
      DomainName: z.string(),
      OriginPath: z.string().default(''),
      OriginAccessControlId: z.string().optional(),
    }),
  ]),
  DefaultCacheBehavior: z.object({
    TargetOriginId: z.string(),
    Compress: cfn.boolean.default(false),
    ResponseHeadersPolicyId: z.string().optional(),
  }),
  CustomErrorResponses: z
    .array(
      z.object({
        ErrorCode: cfn.number,
        ResponseCode: cfn.number.optional(),
        ResponsePagePath: z.string().startsWith('/').optional(),
      }),
    )
    .default([]),
});

const overridden = { Override: cfn.boolean };
const headersPolicyConfig = z.object({
  SecurityHeadersConfig: z
    .object({
      ContentSecurityPolicy: z.object({ ContentSecurityPolicy: z.string(), ...overridden }),
      ContentTypeOptions: z.object(overridden),
      FrameOptions: z.object({ FrameOption: z.string(), ...overridden }),
      ReferrerPolicy: z.object({ ReferrerPolicy: z.string(), ...overridden }),
      StrictTransportSecurity: z.object({
        AccessControlMaxAgeSec: cfn.number,
        IncludeSubdomains: cfn.boolean.default(false),
        Preload: cfn.boolean.default(false),
        ...overridden,
      }),
    })
    .partial()
    .default({}),
  CustomHeadersConfig: z
    .object({ Items: z.array(z.object({ Header: z.string(), Value: z.string(), ...overridden })) })
    .default({ Items: [] }),
  RemoveHeadersConfig: z.object({ Items: z.array(z.object({ Header: z.string() })) }).default({ Items: [] }),
});

/** Sites in buckets, what may read these buckets for them, and the headers that they answer with. */
export function cloudFrontProviders({ distributions }: { distributions: Distributions }): ResourceProvider[] {
  const prefix = (path: string) => `DistributionConfig.${path}`;
  const distribution = defineProvider({
    type: 'AWS::CloudFront::Distribution',
    properties: z.object({ DistributionConfig: distributionConfig }),
    handled: [
      ...['Enabled', 'DefaultRootObject', 'CustomErrorResponses.ErrorCode'],
      ...['CustomErrorResponses.ResponseCode', 'CustomErrorResponses.ResponsePagePath'],
      ...['Origins.Id', 'Origins.DomainName', 'Origins.OriginPath', 'Origins.OriginAccessControlId'],
      ...['Origins.S3OriginConfig', 'DefaultCacheBehavior.TargetOriginId', 'DefaultCacheBehavior.Compress'],
      'DefaultCacheBehavior.ResponseHeadersPolicyId',
    ].map(prefix),
    recorded: [
      ...['Aliases', 'Comment', 'HttpVersion', 'IPV6Enabled', 'Logging', 'PriceClass', 'ViewerCertificate'],
      ...['DefaultCacheBehavior.CachePolicyId', 'DefaultCacheBehavior.ViewerProtocolPolicy'],
      'CustomErrorResponses.ErrorCachingMinTTL',
    ]
      .map(prefix)
      .concat('Tags'),
    put({ DistributionConfig: config }, { stableId }) {
      const [origin] = config.Origins;
      const behaviour = config.DefaultCacheBehavior;
      const { ResponseHeadersPolicyId: headersPolicyId } = behaviour;
      const name = stableId(LABEL_LENGTH);
      const [id, domainLabel] = [`E${name.toUpperCase()}`, `d${name}`];
      distributions.put({
        ...{ id, domainLabel, bucket: bucketOf(origin.DomainName), originPath: origin.OriginPath },
        signed: Boolean(origin.OriginAccessControlId),
        defaultRootObject: config.DefaultRootObject,
        compress: behaviour.Compress,
        ...(headersPolicyId !== undefined && { headersPolicyId }),
        errorResponses: config.CustomErrorResponses.map(({ ErrorCode, ResponseCode, ResponsePagePath }) => ({
          errorCode: ErrorCode,
          ...(ResponseCode !== undefined && { responseCode: ResponseCode }),
          ...(ResponsePagePath !== undefined && { pagePath: ResponsePagePath }),
        })),
      });
      return { physicalId: id, attributes: { Id: id, DomainName: `${domainLabel}.cloudfront.net` } };
    },
    delete: (_, { physicalId }) => distributions.delete(physicalId),
  });
  return [distribution, originAccessControl(), headersPolicy(distributions)];
}

/** @throws Error for an origin that is not a bucket */
function bucketOf(domainName: string): string {
  const bucket = /^(.+)\.s3(?:\.[a-z0-9-]+)?\.amazonaws\.com$/.exec(domainName)?.[1];
  if (bucket === undefined) throw new Error(`The origin must be a bucket; ${domainName} is none.`);
  return bucket;
}

function originAccessControl(): ResourceProvider {
  const config = z.object({
    OriginAccessControlOriginType: z.literal('s3'),
    SigningBehavior: z.literal('always'),
    SigningProtocol: z.literal('sigv4'),
  });
  return defineProvider({
    type: 'AWS::CloudFront::OriginAccessControl',
    properties: z.object({ OriginAccessControlConfig: config }),
    handled: ['OriginAccessControlOriginType', 'SigningBehavior', 'SigningProtocol', 'Name'].map(
      name => `OriginAccessControlConfig.${name}`,
    ),
    recorded: ['OriginAccessControlConfig.Description'],
    put(_, { stableId }) {
      const id = `E${stableId(LABEL_LENGTH).toUpperCase()}`;
      return { physicalId: id, attributes: { Id: id } };
    },
  });
}

function headersPolicy(distributions: Distributions): ResourceProvider {
  return defineProvider({
    type: 'AWS::CloudFront::ResponseHeadersPolicy',
    properties: z.object({ ResponseHeadersPolicyConfig: headersPolicyConfig }),
    handled: [
      ...['Name', 'CustomHeadersConfig.Items', 'RemoveHeadersConfig.Items'],
      ...[
        'ContentSecurityPolicy',
        'ContentTypeOptions',
        'FrameOptions',
        'ReferrerPolicy',
        'StrictTransportSecurity',
      ].map(name => `SecurityHeadersConfig.${name}`),
    ].map(name => `ResponseHeadersPolicyConfig.${name}`),
    recorded: ['ResponseHeadersPolicyConfig.Comment'],
    put({ ResponseHeadersPolicyConfig: config }, { stableId }) {
      const id = stableId(24);
      distributions.putHeadersPolicy(id, {
        headers: headersOf(config),
        remove: config.RemoveHeadersConfig.Items.map(({ Header }) => Header.toLowerCase()),
      });
      return { physicalId: id, attributes: { Id: id } };
    },
    delete: (_, { physicalId }) => distributions.deleteHeadersPolicy(physicalId),
  });
}

function headersOf({ SecurityHeadersConfig: security, CustomHeadersConfig }: z.infer<typeof headersPolicyConfig>) {
  const { ContentSecurityPolicy, ContentTypeOptions, FrameOptions, ReferrerPolicy } = security;
  const { StrictTransportSecurity } = security;
  const header = (name: string, value: string | undefined, from: { Override: boolean } | undefined): PolicyHeader[] =>
    from === undefined || value === undefined ? [] : [{ name, value, override: from.Override }];
  return [
    ...header('content-security-policy', ContentSecurityPolicy?.ContentSecurityPolicy, ContentSecurityPolicy),
    ...header('x-content-type-options', 'nosniff', ContentTypeOptions),
    ...header('x-frame-options', FrameOptions?.FrameOption, FrameOptions),
    ...header('referrer-policy', ReferrerPolicy?.ReferrerPolicy, ReferrerPolicy),
    ...header(
      'strict-transport-security',
      StrictTransportSecurity && hsts(StrictTransportSecurity),
      StrictTransportSecurity,
    ),
    ...CustomHeadersConfig.Items.flatMap(item => header(item.Header.toLowerCase(), item.Value, item)),
  ];
}

const hsts = (config: { AccessControlMaxAgeSec: number; IncludeSubdomains: boolean; Preload: boolean }) =>
  [
    `max-age=${config.AccessControlMaxAgeSec}`,
    ...(config.IncludeSubdomains ? ['includeSubDomains'] : []),
    ...(config.Preload ? ['preload'] : []),
  ].join('; ');
