import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import type { JobDeadLetterEnvironment, JobsEnvironment } from '../lambdas/jobs/config.ts';
import { acknowledge } from './acknowledge.ts';
import type { Bundles } from './bundles.ts';
import type { DocumentBucket } from './document-bucket.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import type { IngestionPipeline } from './ingestion-pipeline.ts';
import { allowOnTable, type Records } from './records.ts';
import type { Settings } from './settings.ts';
import type { TermStatistics } from './term-statistics.ts';
import type { VectorIndex } from './vector-index.ts';
import { WorkQueue } from './work-queue.ts';

export interface OperationsProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
  readonly bucket: DocumentBucket;
  readonly records: Records;
  readonly index: VectorIndex;
  readonly ingestion: IngestionPipeline;
  readonly statistics: TermStatistics;
}

/** Time for several steps of a job; then a message goes on with it. */
const jobsTimeoutSeconds = 300;

/** Jobs over many documents, among them the daily reconcile of bucket, registry, chunks and vectors. */
export class Operations extends Construct {
  /** The API sends the jobs that it starts here. */
  readonly jobQueue: WorkQueue;
  readonly #props: OperationsProps;

  constructor(scope: Construct, id: string, props: OperationsProps) {
    super(scope, id);
    this.#props = props;
    this.jobQueue = new WorkQueue(this, 'JobQueue', { workerTimeoutSeconds: jobsTimeoutSeconds });
    this.#addJobs();
    this.#addDeadLetter();
    this.#addSchedule();
    acknowledge(
      this,
      'Serverless-LambdaEventSourceMappingDestination',
      'A queue keeps its failed messages itself: they go to its dead-letter queue.',
    );
  }

  #addJobs(): void {
    const { settings, bundles, bucket, records, index, ingestion, statistics } = this.#props;
    const worker = new GroundworkFunction<JobsEnvironment>(this, 'Jobs', {
      description: 'Reconciles, and works on many documents at once',
      bundle: bundles.jobs,
      memoryMegabytes: 1024,
      timeoutSeconds: jobsTimeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        JOBS_TABLE: records.jobs.tableName,
        DOCUMENTS_TABLE: records.documents.tableName,
        CHUNKS_TABLE: records.chunks.tableName,
        BUCKET_NAME: bucket.bucket.bucketName,
        JOB_QUEUE_URL: this.jobQueue.queue.queueUrl,
        PROCESS_QUEUE_URL: ingestion.processQueue.queue.queueUrl,
        EMBED_QUEUE_URL: ingestion.embedQueue.queue.queueUrl,
        REMOVE_QUEUE_URL: ingestion.removeQueue.queue.queueUrl,
        STATISTICS_QUEUE_URL: statistics.queue.queue.queueUrl,
        MAX_DOCUMENT_BYTES: String(settings.ingestion.maxDocumentMegabytes * 1_000_000),
        EMBEDDING_MODEL_ID: settings.embedding.modelId,
        ...index.environment(),
      },
    });
    allowOnTable(worker, records.jobs, ['GetItem', 'PutItem', 'UpdateItem']);
    worker.allow(['dynamodb:Query'], [`${records.jobs.tableArn}/index/status-startedAt`]);
    allowOnTable(worker, records.documents, ['GetItem', 'PutItem', 'UpdateItem', 'Query', 'Scan']);
    worker.allow(['dynamodb:Query'], [`${records.documents.tableArn}/index/status-updatedAt`]);
    allowOnTable(worker, records.chunks, ['Query', 'Scan', 'BatchWriteItem']);
    bucket.grantRead(worker);
    bucket.grantArchiveRemoval(worker);
    index.grantKey(worker);
    ingestion.processQueue.grantSend(worker);
    ingestion.embedQueue.grantSend(worker);
    ingestion.removeQueue.grantSend(worker);
    statistics.queue.grantSend(worker);
    this.jobQueue.workedBy(worker, { maxConcurrency: 2, batchSize: 1 });
  }

  #addDeadLetter(): void {
    const { settings, bundles, records } = this.#props;
    const worker = new GroundworkFunction<JobDeadLetterEnvironment>(this, 'JobDeadLetter', {
      description: 'Marks jobs FAILED whose messages were given up',
      bundle: bundles['job-dead-letter'],
      memoryMegabytes: 256,
      timeoutSeconds: 30,
      logRetentionDays: settings.logRetentionDays,
      environment: { JOBS_TABLE: records.jobs.tableName },
    });
    allowOnTable(worker, records.jobs, ['UpdateItem']);
    worker.function.addEventSource(
      new SqsEventSource(this.jobQueue.deadLetters, { batchSize: 1, maxConcurrency: 2, reportBatchItemFailures: true }),
    );
  }

  /** To the queue rather than to the function: there it is tried again, and given up where it is seen. */
  #addSchedule(): void {
    const { reconcileSchedule } = this.#props.settings.ingestion;
    if (reconcileSchedule === 'off') return;
    new Rule(this, 'Reconcile', {
      description: 'Begins the reconcile of bucket, registry, chunks and vectors',
      schedule: Schedule.expression(reconcileSchedule),
      targets: [new SqsQueue(this.jobQueue.queue, { deadLetterQueue: this.jobQueue.deadLetters })],
    });
  }
}
