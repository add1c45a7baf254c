import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { RecognizedEnvironment } from '../lambdas/ingest/config.ts';
import { acknowledge } from './acknowledge.ts';
import type { Bundles } from './bundles.ts';
import type { DocumentBucket } from './document-bucket.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import { allowOnTable, type Records } from './records.ts';
import type { Settings } from './settings.ts';
import { WorkQueue } from './work-queue.ts';

export interface TextRecognitionProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
  readonly bucket: DocumentBucket;
  readonly records: Records;
  readonly embedQueue: WorkQueue;
  readonly removeQueue: WorkQueue;
}

/** Some thousand pages are fetched in hundreds of calls, of which Textract takes few a second. */
const recognizedTimeoutSeconds = 600;

/**
 * Reads scanned pages: the process function starts Amazon Textract on the object, Textract tells the topic when it is
 * done, and a function goes on with what it has recognized.
 */
export class TextRecognition extends Construct {
  /** Textract tells it that a job is done. */
  readonly topic: Topic;
  /** By this role Textract may do so. */
  readonly role: Role;
  readonly queue: WorkQueue;
  readonly #props: TextRecognitionProps;

  constructor(scope: Construct, id: string, props: TextRecognitionProps) {
    super(scope, id);
    this.#props = props;
    this.topic = new Topic(this, 'Topic', {
      enforceSSL: true,
      masterKey: Alias.fromAliasName(this, 'Key', 'alias/aws/sns'),
    });
    this.role = this.#createRole();
    this.queue = new WorkQueue(this, 'Queue', { workerTimeoutSeconds: recognizedTimeoutSeconds });
    const { queue, deadLetters } = this.queue;
    this.topic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true, deadLetterQueue: deadLetters }));
    this.#addWorker();
  }

  /** Lets a function that may read the documents have them recognized. */
  grantStart(starter: GroundworkFunction<Record<string, string>>): void {
    starter.allow(['textract:StartDocumentTextDetection'], ['*']); // Textract knows no resources
    starter.allow(['iam:PassRole'], [this.role.roleArn], {
      StringEquals: { 'iam:PassedToService': 'textract.amazonaws.com' },
    });
  }

  #createRole(): Role {
    const { partition, region, account } = Stack.of(this);
    const textract = new ServicePrincipal('textract.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:${partition}:textract:${region}:${account}:*` },
      },
    });
    const role = new Role(this, 'Role', { assumedBy: textract });
    role.addToPolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions: ['sns:Publish'], resources: [this.topic.topicArn] }),
    );
    return role;
  }

  #addWorker(): void {
    const { settings, bundles, bucket, records, embedQueue, removeQueue } = this.#props;
    const { chunkTokens, chunkOverlapTokens } = settings.ingestion;
    const worker = new GroundworkFunction<RecognizedEnvironment>(this, 'Recognized', {
      description: 'Cuts what was recognized on scanned pages into chunks',
      bundle: bundles.recognized,
      memoryMegabytes: 1024,
      timeoutSeconds: recognizedTimeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        DOCUMENTS_TABLE: records.documents.tableName,
        CHUNKS_TABLE: records.chunks.tableName,
        BUCKET_NAME: bucket.bucket.bucketName,
        EMBED_QUEUE_URL: embedQueue.queue.queueUrl,
        REMOVE_QUEUE_URL: removeQueue.queue.queueUrl,
        CHUNK_TOKENS: String(chunkTokens),
        CHUNK_OVERLAP_TOKENS: String(chunkOverlapTokens),
      },
    });
    worker.allow(['textract:GetDocumentTextDetection'], ['*']); // Textract knows no resources
    acknowledge(
      this,
      'AwsSolutions-IAM5[Resource::*]',
      'Textract and X-Ray have no resources that a policy could name.',
    );
    allowOnTable(worker, records.documents, ['GetItem', 'UpdateItem']);
    allowOnTable(worker, records.chunks, ['Query', 'BatchWriteItem']);
    bucket.grantRead(worker);
    bucket.grantRules(worker);
    embedQueue.grantSend(worker);
    removeQueue.grantSend(worker);
    this.queue.workedBy(worker, { maxConcurrency: 2, batchSize: 1 });
  }
}
