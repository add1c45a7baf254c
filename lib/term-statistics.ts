import { Construct } from 'constructs';
import type { StatisticsEnvironment } from '../lambdas/lexical/config.ts';
import { acknowledge } from './acknowledge.ts';
import type { Bundles } from './bundles.ts';
import type { DocumentBucket } from './document-bucket.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import { allowOnTable, type Records } from './records.ts';
import type { Settings } from './settings.ts';
import { WorkQueue } from './work-queue.ts';

export interface TermStatisticsProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
  readonly bucket: DocumentBucket;
  readonly records: Records;
}

/** Enough for a tenant of a hundred thousand documents: their heads are listed, and a sample of chunks is read. */
const timeoutSeconds = 300;

/** How common each word is in a tenant's documents, counted anew when they change: the lexical half of retrieval. */
export class TermStatistics extends Construct {
  /** Hears of changes; who sends too many costs nothing, since a change that is counted already is dropped. */
  readonly queue: WorkQueue;

  constructor(scope: Construct, id: string, { settings, bundles, bucket, records }: TermStatisticsProps) {
    super(scope, id);
    this.queue = new WorkQueue(this, 'Changes', { workerTimeoutSeconds: timeoutSeconds });
    const worker = new GroundworkFunction<StatisticsEnvironment>(this, 'Count', {
      description: 'Counts in how many chunks each word occurs',
      bundle: bundles.statistics,
      memoryMegabytes: 1024,
      timeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        DOCUMENTS_TABLE: records.documents.tableName,
        CHUNKS_TABLE: records.chunks.tableName,
        BUCKET_NAME: bucket.bucket.bucketName,
        STATISTICS_QUEUE_URL: this.queue.queue.queueUrl,
      },
    });
    allowOnTable(worker, records.documents, ['GetItem']);
    worker.allow(['dynamodb:Query'], [`${records.documents.tableArn}/index/tenant-updatedAt`]);
    allowOnTable(worker, records.chunks, ['Query']);
    bucket.grantStatistics(worker, ['s3:GetObject', 's3:PutObject']);
    this.queue.grantSend(worker);
    this.queue.workedBy(worker, { maxConcurrency: 2, batchSize: 10 });
    acknowledge(
      this,
      'Serverless-LambdaEventSourceMappingDestination',
      'A queue keeps its failed messages itself: they go to its dead-letter queue.',
    );
  }
}
