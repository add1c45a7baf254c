import { Aws, CustomResource, Duration, FileSystem, RemovalPolicy } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { SiteConfig } from '../lambdas/web-site/publish.ts';
import { acknowledge } from './acknowledge.ts';
import { acknowledgeObjects } from './document-bucket.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import { contentSecurityPolicy, type PageConnections, PERMISSIONS_POLICY } from './page-policy.ts';
import type { Settings } from './settings.ts';

export interface WebSiteProps {
  readonly settings: Settings;
  /** The folder of the bundle that publishes the page, with the page in it. */
  readonly bundle: string;
  readonly connections: PageConnections;
}

/** The page: a private bucket behind CloudFront, which answers with the headers that keep the page from anything foreign. */
export class WebSite extends Construct {
  /** Ends with a slash. */
  readonly url: string;
  readonly #props: WebSiteProps;
  readonly #bucket: Bucket;
  readonly #distribution: Distribution;

  constructor(scope: Construct, id: string, props: WebSiteProps) {
    super(scope, id);
    this.#props = props;
    this.#bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY, // in every stage: it holds nothing that a deployment would not put there again
    });
    this.#distribution = this.#createDistribution();
    this.url = `https://${props.settings.web.domainName ?? this.#distribution.distributionDomainName}/`;
    this.#acknowledgeRules();
  }

  /** Puts the page into the bucket, with what it has to know of the stack. */
  publish(config: SiteConfig): void {
    const { bundle, settings } = this.#props;
    const publisher = new GroundworkFunction(this, 'Publisher', {
      description: 'Publishes the page at deploy',
      bundle,
      memoryMegabytes: 512,
      timeoutSeconds: 120,
      logRetentionDays: settings.logRetentionDays,
      environment: {},
    });
    publisher.allow(['s3:ListBucket'], [this.#bucket.bucketArn]);
    publisher.allow(['s3:PutObject', 's3:DeleteObject'], [this.#bucket.arnForObjects('*')]);
    acknowledgeObjects(publisher, this.#bucket, '*', 'The names of the files carry hashes of what is in them.');
    publisher.allow(['cloudfront:CreateInvalidation'], [this.#distribution.distributionArn]);
    const page = new CustomResource(this, 'Page', {
      resourceType: 'Custom::WebSite',
      serviceToken: publisher.function.functionArn,
      properties: {
        BucketName: this.#bucket.bucketName,
        DistributionId: this.#distribution.distributionId,
        Config: config,
        Files: FileSystem.fingerprint(bundle), // other files are another page
      },
    });
    // The function and its role must still stand while the bucket is emptied.
    page.node.addDependency(publisher);
  }

  #createDistribution(): Distribution {
    const { domainName, certificateArn } = this.#props.settings.web;
    const originAccessControl = new S3OriginAccessControl(this, 'Access', {
      originAccessControlName: this.#globalName('page'),
    });
    return new Distribution(this, 'Distribution', {
      comment: `Groundwork ${this.#props.settings.stage}: the page`,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(this.#bucket, { originAccessControl }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: this.#headersPolicy(),
      },
      // CloudFront may not list the bucket, so S3 says 403 of what is not there.
      errorResponses: [
        { httpStatus: 403, responseHttpStatus: 404, responsePagePath: '/index.html', ttl: Duration.seconds(10) },
      ],
      ...(domainName !== undefined &&
        certificateArn !== undefined && {
          domainNames: [domainName],
          certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
        }),
    });
  }

  #headersPolicy(): ResponseHeadersPolicy {
    const { connections } = this.#props;
    const header = (name: string, value: string) => ({ header: name, value, override: true });
    return new ResponseHeadersPolicy(this, 'Headers', {
      responseHeadersPolicyName: this.#globalName('page'),
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: contentSecurityPolicy(connections), override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          header('permissions-policy', PERMISSIONS_POLICY),
          header('cross-origin-opener-policy', 'same-origin'),
          header('cross-origin-resource-policy', 'same-origin'),
        ],
      },
    });
  }

  /** Names of CloudFront's parts are of the account, in all regions. */
  #globalName(part: string): string {
    return `groundwork-${this.#props.settings.stage}-${part}-${Aws.REGION}`;
  }

  #acknowledgeRules(): void {
    acknowledge(this, 'AwsSolutions-S1', 'Read by CloudFront alone, and holding nothing but the built page.');
    acknowledge(this, 'AwsSolutions-CFR1', 'Readers may be anywhere; who may ask is decided by the API.');
    acknowledge(this, 'AwsSolutions-CFR2', 'A web ACL has a fixed price a month; the page is static.');
    acknowledge(
      this,
      'AwsSolutions-CFR3',
      'The page is the same for everybody: a log would tell no more than addresses of visitors. The API logs its calls.',
    );
    if (this.#props.settings.web.certificateArn === undefined)
      acknowledge(
        this,
        'AwsSolutions-CFR4',
        'The certificate of cloudfront.net allows no other minimum; the setting web.certificateArn does (TLS 1.2).',
      );
  }
}
