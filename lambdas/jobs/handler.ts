import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { secretsClient } from '../adapters/aws/services.ts';
import { dynamodbChunkStore } from '../adapters/dynamodb-chunk-store.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { dynamodbJobStore } from '../adapters/dynamodb-job-store.ts';
import { pineconeKey } from '../adapters/pinecone-key.ts';
import { pineconeVectorStore } from '../adapters/pinecone-vector-store.ts';
import { s3DocumentBucket } from '../adapters/s3-document-bucket.ts';
import { s3EmbeddingArchive } from '../adapters/s3-embedding-archive.ts';
import { sqsClient } from '../adapters/sqs-client.ts';
import { sqsWorkQueue } from '../adapters/sqs-work-queue.ts';
import { filingDocuments } from '../ingest/drop-box.ts';
import { sqsHandler } from '../ingest/sqs-handler.ts';
import { logger } from '../telemetry.ts';
import { parseJobsConfig } from './config.ts';
import { jobMessage, scheduledEvent } from './messages.ts';
import type { JobPorts } from './ports.ts';
import { runJob } from './run-job.ts';
import { startScheduled } from './start-job.ts';

/** A step is begun only while this much of the function's time is left: the longest takes about a minute. */
const STEP_MS = 120_000;

const config = parseJobsConfig(process.env);
const dynamodb = dynamodbDocumentClient();
const s3 = new S3Client();
const sqs = sqsClient();
const ports: JobPorts = {
  jobs: dynamodbJobStore(dynamodb, config.JOBS_TABLE),
  documents: filingDocuments(
    dynamodbDocumentStore(dynamodb, config.DOCUMENTS_TABLE),
    sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
  ),
  chunks: dynamodbChunkStore(dynamodb, config.CHUNKS_TABLE),
  vectors: pineconeVectorStore({
    host: config.PINECONE_INDEX_HOST,
    apiKey: pineconeKey(secretsClient(), config.PINECONE_SECRET_ARN),
  }),
  archive: s3EmbeddingArchive(s3, config.BUCKET_NAME),
  bucket: s3DocumentBucket(s3, config.BUCKET_NAME),
  processQueue: sqsWorkQueue(sqs, config.PROCESS_QUEUE_URL),
  rebuildQueue: sqsWorkQueue(sqs, config.EMBED_QUEUE_URL),
  metadataQueue: sqsWorkQueue(sqs, config.EMBED_QUEUE_URL),
  removeQueue: sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
  fileQueue: sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
  jobQueue: sqsWorkQueue(sqs, config.JOB_QUEUE_URL),
  statisticsQueue: sqsWorkQueue(sqs, config.STATISTICS_QUEUE_URL),
};
const settings = { maxDocumentBytes: config.MAX_DOCUMENT_BYTES, embeddingModelId: config.EMBEDDING_MODEL_ID };

/** Begins the daily reconcile when EventBridge says so, and goes on with jobs. */
export const handler = sqsHandler(async (body, { remainingMs }) => {
  const message = z.union([jobMessage, scheduledEvent]).parse(JSON.parse(body));
  if (!('jobId' in message)) {
    logger.info('Reconcile begun', { jobId: await startScheduled(ports, message) });
    return;
  }
  const hasTime = () => remainingMs() > STEP_MS;
  const { outcome, job } = await runJob(ports, settings, message.jobId, { hasTime, now: new Date() });
  const { kind, phase, examined, total, processed, failed, mended } = job ?? {};
  logger.info('Job went on', { ...message, outcome, kind, phase, examined, total, processed, failed, mended });
});
