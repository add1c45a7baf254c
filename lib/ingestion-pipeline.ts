import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { BATCHES_PER_INVOCATION } from '../lambdas/ingest/batches.ts';
import type {
  DeadLetterEnvironment,
  EmbedEnvironment,
  IntakeEnvironment,
  ProcessEnvironment,
  RemoveEnvironment,
} from '../lambdas/ingest/config.ts';
import { acknowledge } from './acknowledge.ts';
import { allowModel } from './bedrock-model.ts';
import type { Bundles } from './bundles.ts';
import type { DocumentBucket } from './document-bucket.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import { allowOnTable, type Records } from './records.ts';
import type { Settings } from './settings.ts';
import type { TermStatistics } from './term-statistics.ts';
import { TextRecognition } from './text-recognition.ts';
import type { VectorIndex } from './vector-index.ts';
import { WorkQueue } from './work-queue.ts';

export interface IngestionPipelineProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
  readonly bucket: DocumentBucket;
  readonly records: Records;
  readonly index: VectorIndex;
  readonly statistics: TermStatistics;
}

const intakeTimeoutSeconds = 30;
const removeTimeoutSeconds = 60;
const bytesPerMegabyte = 1_000_000;
/** Files are read in a process apart; this much stays for the function beside it. */
const processMemoryMegabytes = 2048;
const ownMemoryMegabytes = 256;

/** A document's way: S3 event → intake → process → embed → live, and removal; what fails for good is marked so. */
export class IngestionPipeline extends Construct {
  /** The API sends a document here to be tried once more. */
  readonly processQueue: WorkQueue;
  /** Jobs send what no reader may be shown any more here. */
  readonly removeQueue: WorkQueue;
  /** The jobs function has vectors follow their documents. */
  readonly embedQueue: WorkQueue;

  readonly #props: IngestionPipelineProps;
  readonly #events: WorkQueue;

  /** Absent where scans are not read. */
  readonly #recognition: TextRecognition | undefined;

  constructor(scope: Construct, id: string, props: IngestionPipelineProps) {
    super(scope, id);
    this.#props = props;
    const { processTimeoutSeconds, embedTimeoutSeconds } = props.settings.ingestion;
    this.#events = new WorkQueue(this, 'Events', { workerTimeoutSeconds: intakeTimeoutSeconds });
    this.processQueue = new WorkQueue(this, 'ProcessQueue', { workerTimeoutSeconds: processTimeoutSeconds });
    this.embedQueue = new WorkQueue(this, 'EmbedQueue', { workerTimeoutSeconds: embedTimeoutSeconds });
    this.removeQueue = new WorkQueue(this, 'RemoveQueue', { workerTimeoutSeconds: removeTimeoutSeconds });

    if (props.settings.ingestion.ocr === 'textract') {
      const { embedQueue, removeQueue } = this;
      this.#recognition = new TextRecognition(this, 'TextRecognition', { ...props, embedQueue, removeQueue });
    }
    this.#receiveBucketEvents();
    this.#addIntake();
    this.#addProcess();
    this.#addEmbed();
    this.#addRemove();
    this.#addDeadLetter();
    acknowledge(
      this,
      'Serverless-LambdaEventSourceMappingDestination',
      'A queue keeps its failed messages itself: they go to its dead-letter queue.',
    );
  }

  /** Every queue of a document's way. */
  get workQueues(): readonly WorkQueue[] {
    const recognition = this.#recognition ? [this.#recognition.queue] : [];
    return [this.#events, this.processQueue, this.embedQueue, this.removeQueue, ...recognition];
  }

  #receiveBucketEvents(): void {
    const { queue } = this.#events;
    // Not narrowed to the bucket's ARN: the bucket names the queue, so naming the bucket here would close a circle.
    queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'BucketEvents',
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    this.#props.bucket.notify(queue);
  }

  #addIntake(): void {
    const { settings, bundles, bucket, records } = this.#props;
    const intake = new GroundworkFunction<IntakeEnvironment>(this, 'Intake', {
      description: 'Registers what happened in the bucket',
      bundle: bundles.intake,
      memoryMegabytes: 512,
      timeoutSeconds: intakeTimeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        DOCUMENTS_TABLE: records.documents.tableName,
        PROCESS_QUEUE_URL: this.processQueue.queue.queueUrl,
        EMBED_QUEUE_URL: this.embedQueue.queue.queueUrl,
        REMOVE_QUEUE_URL: this.removeQueue.queue.queueUrl,
        BUCKET_NAME: bucket.bucket.bucketName,
        MAX_DOCUMENT_BYTES: String(settings.ingestion.maxDocumentMegabytes * bytesPerMegabyte),
      },
    });
    allowOnTable(intake, records.documents, ['GetItem', 'PutItem', 'UpdateItem', 'Query']);
    bucket.grantRead(intake);
    this.processQueue.grantSend(intake);
    this.embedQueue.grantSend(intake);
    this.removeQueue.grantSend(intake);
    this.#events.workedBy(intake, { maxConcurrency: 10, batchSize: 10 });
  }

  #addProcess(): void {
    const { settings, bundles, bucket, records } = this.#props;
    const recognition = this.#recognition;
    const { chunkTokens, chunkOverlapTokens, processTimeoutSeconds, processConcurrency } = settings.ingestion;
    const worker = new GroundworkFunction<ProcessEnvironment>(this, 'Process', {
      description: 'Parses, cleans and chunks a document',
      bundle: bundles.process,
      memoryMegabytes: processMemoryMegabytes,
      timeoutSeconds: processTimeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        DOCUMENTS_TABLE: records.documents.tableName,
        CHUNKS_TABLE: records.chunks.tableName,
        BUCKET_NAME: bucket.bucket.bucketName,
        MAX_DOCUMENT_BYTES: String(settings.ingestion.maxDocumentMegabytes * bytesPerMegabyte),
        EMBED_QUEUE_URL: this.embedQueue.queue.queueUrl,
        REMOVE_QUEUE_URL: this.removeQueue.queue.queueUrl,
        CHUNK_TOKENS: String(chunkTokens),
        CHUNK_OVERLAP_TOKENS: String(chunkOverlapTokens),
        READING_MEMORY_MEGABYTES: String(processMemoryMegabytes - ownMemoryMegabytes),
        RECOGNITION_TOPIC_ARN: recognition?.topic.topicArn ?? '',
        RECOGNITION_ROLE_ARN: recognition?.role.roleArn ?? '',
      },
    });
    allowOnTable(worker, records.documents, ['GetItem', 'UpdateItem']);
    allowOnTable(worker, records.chunks, ['Query', 'BatchWriteItem']);
    bucket.grantRead(worker);
    bucket.grantRules(worker);
    this.embedQueue.grantSend(worker);
    this.removeQueue.grantSend(worker);
    recognition?.grantStart(worker);
    this.processQueue.workedBy(worker, { maxConcurrency: processConcurrency, batchSize: 1 });
  }

  #addEmbed(): void {
    const { settings, bundles, bucket, records, index } = this.#props;
    const { embedTimeoutSeconds, embedConcurrency } = settings.ingestion;
    const worker = new GroundworkFunction<EmbedEnvironment>(this, 'Embed', {
      description: 'Embeds chunks, stores their vectors, and makes a complete version the live one',
      bundle: bundles.embed,
      memoryMegabytes: 512,
      timeoutSeconds: embedTimeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        DOCUMENTS_TABLE: records.documents.tableName,
        CHUNKS_TABLE: records.chunks.tableName,
        BUCKET_NAME: bucket.bucket.bucketName,
        EMBED_QUEUE_URL: this.embedQueue.queue.queueUrl,
        REMOVE_QUEUE_URL: this.removeQueue.queue.queueUrl,
        STATISTICS_QUEUE_URL: this.#props.statistics.queue.queue.queueUrl,
        EMBEDDING_MODEL_ID: settings.embedding.modelId,
        EMBEDDING_DIMENSION: String(settings.embedding.dimension),
        EMBEDDING_CONCURRENCY: String(settings.embedding.concurrency),
        ...index.environment(),
      },
    });
    allowOnTable(worker, records.documents, ['GetItem', 'UpdateItem', 'Query']);
    allowOnTable(worker, records.chunks, ['Query']);
    allowModel(worker, settings.embedding.modelId, ['bedrock:InvokeModel']);
    bucket.grantArchive(worker);
    index.grantKey(worker);
    this.embedQueue.grantSend(worker);
    this.removeQueue.grantSend(worker);
    this.#props.statistics.queue.grantSend(worker);
    this.embedQueue.workedBy(worker, { maxConcurrency: embedConcurrency, batchSize: BATCHES_PER_INVOCATION });
  }

  #addRemove(): void {
    const { settings, bundles, bucket, records, index } = this.#props;
    const worker = new GroundworkFunction<RemoveEnvironment>(this, 'Remove', {
      description:
        'Removes chunks and vectors of versions that are no longer live, and ended objects from the drop box',
      bundle: bundles.remove,
      memoryMegabytes: 512,
      timeoutSeconds: removeTimeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        DOCUMENTS_TABLE: records.documents.tableName,
        CHUNKS_TABLE: records.chunks.tableName,
        BUCKET_NAME: bucket.bucket.bucketName,
        ...index.environment(),
      },
    });
    allowOnTable(worker, records.documents, ['GetItem', 'UpdateItem']);
    allowOnTable(worker, records.chunks, ['Query', 'BatchWriteItem']);
    bucket.grantArchiveRemoval(worker);
    bucket.grantFiling(worker);
    index.grantKey(worker);
    this.removeQueue.workedBy(worker, { maxConcurrency: 5, batchSize: 1 });
  }

  /** Empties the dead-letter queues into the registry: the FAILED document is what remains of a dead message. */
  #addDeadLetter(): void {
    const { settings, bundles, bucket, records } = this.#props;
    const worker = new GroundworkFunction<DeadLetterEnvironment>(this, 'DeadLetter', {
      description: 'Marks documents FAILED whose messages were given up',
      bundle: bundles['dead-letter'],
      memoryMegabytes: 512,
      timeoutSeconds: 60,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        DOCUMENTS_TABLE: records.documents.tableName,
        BUCKET_NAME: bucket.bucket.bucketName,
        EMBED_QUEUE_URL: this.embedQueue.queue.queueUrl,
        REMOVE_QUEUE_URL: this.removeQueue.queue.queueUrl,
      },
    });
    allowOnTable(worker, records.documents, ['GetItem', 'PutItem', 'UpdateItem', 'Query']);
    bucket.grantRead(worker);
    this.embedQueue.grantSend(worker);
    this.removeQueue.grantSend(worker);
    for (const { deadLetters } of this.workQueues) {
      worker.function.addEventSource(
        new SqsEventSource(deadLetters, { batchSize: 10, maxConcurrency: 2, reportBatchItemFailures: true }),
      );
    }
  }
}
