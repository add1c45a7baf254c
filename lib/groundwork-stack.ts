import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import type { Bundles } from './bundles.ts';
import { ChatApi, STAGE_NAME } from './chat-api.ts';
import { ConversationUpkeep } from './conversation-upkeep.ts';
import { DocumentBucket } from './document-bucket.ts';
import { emptyOnRemoval } from './empty-on-removal.ts';
import { Identity } from './identity.ts';
import { IngestionPipeline } from './ingestion-pipeline.ts';
import { Operations } from './operations.ts';
import { Records } from './records.ts';
import type { Settings } from './settings.ts';
import { TermStatistics } from './term-statistics.ts';
import { VectorIndex } from './vector-index.ts';
import { WebSite } from './web-site.ts';

interface PageParts {
  readonly settings: Settings;
  /** Of the function that publishes the page, with the page in it. */
  readonly bundle: string;
  readonly api: RestApi;
  readonly bucket: DocumentBucket;
  readonly identity: Identity;
}

export interface GroundworkStackProps extends StackProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
}

/** Everything: the bucket that is the truth, the records, the vectors, the way in, and the way out. */
export class GroundworkStack extends Stack {
  constructor(scope: Construct, id: string, { settings, bundles, ...props }: GroundworkStackProps) {
    super(scope, id, props);
    const { onRemoval } = settings;

    const bucket = new DocumentBucket(this, 'Storage', { onRemoval });
    const records = new Records(this, 'Records', { onRemoval });
    const index = new VectorIndex(this, 'Vectors', { settings, bundle: bundles['vector-index'] });

    const statistics = new TermStatistics(this, 'Statistics', { settings, bundles, bucket, records });
    const shared = { settings, bundles, bucket, records, index };
    const pipeline = new IngestionPipeline(this, 'Ingestion', { ...shared, statistics });
    const { processQueue } = pipeline;
    const { jobQueue } = new Operations(this, 'Operations', { ...shared, ingestion: pipeline, statistics });
    const { queue: upkeepQueue } = new ConversationUpkeep(this, 'Conversations', { settings, bundles, records });
    const workQueues = [...pipeline.workQueues, statistics.queue, jobQueue, upkeepQueue];
    const queues = { processQueue, jobQueue, upkeepQueue, workQueues };
    const identity = new Identity(this, 'Identity', {
      settings: settings.identity,
      bundle: bundles.claims,
      ...{ stage: settings.stage, onRemoval, logRetentionDays: settings.logRetentionDays },
    });
    const { api } = new ChatApi(this, 'Question', { ...shared, ...queues, identity });
    if (settings.web.enabled) this.#servePage({ settings, bundle: bundles['web-site'], api, bucket, identity });

    if (onRemoval === 'destroy') {
      emptyOnRemoval(this, 'EmptyBuckets', {
        buckets: [bucket.bucket, bucket.accessLogs],
        bundle: bundles['empty-bucket'],
        logRetentionDays: settings.logRetentionDays,
      });
    }

    new CfnOutput(this, 'RestUrl', { value: api.url, description: 'Address of the REST API' });
    new CfnOutput(this, 'BucketName', {
      value: bucket.bucket.bucketName,
      description: 'Put documents under documents/',
    });
    new CfnOutput(this, 'VectorIndexName', { value: index.indexName, description: 'The Pinecone index' });
    new CfnOutput(this, 'UserPoolId', { value: identity.pool.userPoolId, description: 'Whose users may sign in' });
    new CfnOutput(this, 'UserPoolIssuer', { value: identity.issuer, description: 'The issuer of the access tokens' });
    new CfnOutput(this, 'UserPoolDomain', { value: identity.domain.baseUrl(), description: 'Where people sign in' });
    new CfnOutput(this, 'WebClientId', { value: identity.webClient.userPoolClientId, description: 'Of the web page' });
    new CfnOutput(this, 'CliClientId', {
      value: identity.cliClient.userPoolClientId,
      description: 'Of the command line',
    });
    new CfnOutput(this, 'Region', { value: this.region, description: 'Where all of it is' });
  }

  #servePage({ settings, bundle, api, bucket, identity }: PageParts): void {
    // Not the stage's own address, which waits for every function, and one of them for the page's address.
    const restUrl = `https://${api.restApiId}.execute-api.${this.region}.${this.urlSuffix}/${STAGE_NAME}/`;
    const authUrl = identity.domain.baseUrl();
    const site = new WebSite(this, 'Web', {
      settings,
      bundle,
      connections: {
        restUrl,
        tokenUrl: `${authUrl}/oauth2/`,
        bucketUrl: `https://${bucket.bucket.bucketRegionalDomainName}`,
        reportUrl: `${restUrl}csp-reports`,
      },
    });
    identity.servePage(site.url);
    site.publish({
      ...{ restUrl, authUrl, issuer: identity.issuer, clientId: identity.webClient.userPoolClientId },
      cliClientId: identity.cliClient.userPoolClientId, // for who logs in to the command line by the page's address
      ...{ region: this.region, stage: settings.stage },
    });
    new CfnOutput(this, 'WebUrl', { value: site.url, description: 'The page' });
  }
}
