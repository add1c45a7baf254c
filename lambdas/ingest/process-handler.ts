import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { dynamodbChunkStore } from '../adapters/dynamodb-chunk-store.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { isolatedDocumentReader } from '../adapters/isolated-document-reader.ts';
import { s3DocumentBucket } from '../adapters/s3-document-bucket.ts';
import { sqsClient } from '../adapters/sqs-client.ts';
import { sqsWorkQueue } from '../adapters/sqs-work-queue.ts';
import type { TextRecognition } from '../ports.ts';
import { logger, metrics } from '../telemetry.ts';
import { parseProcessConfig } from './config.ts';
import { filingDocuments } from './drop-box.ts';
import { processMessage } from './messages.ts';
import type { ProcessPorts } from './ports.ts';
import { processDocument } from './process.ts';
import { rulesReader } from './rules.ts';
import { sqsHandler } from './sqs-handler.ts';

const config = parseProcessConfig(process.env);
const dynamodb = dynamodbDocumentClient();

/** Loaded only where the stack has it. */
async function recognition(): Promise<{ recognition?: TextRecognition }> {
  const { BUCKET_NAME, RECOGNITION_TOPIC_ARN, RECOGNITION_ROLE_ARN } = config;
  if (RECOGNITION_TOPIC_ARN === '') return {};
  const [{ TextractClient }, { textRecognition }] = await Promise.all([
    import('@aws-sdk/client-textract'),
    import('../adapters/textract-text-recognition.ts'),
  ]);
  const options = { bucketName: BUCKET_NAME, topicArn: RECOGNITION_TOPIC_ARN, roleArn: RECOGNITION_ROLE_ARN };
  return { recognition: textRecognition(new TextractClient(), options) };
}

const sqs = sqsClient();
const bucket = s3DocumentBucket(new S3Client(), config.BUCKET_NAME);
const ports: ProcessPorts = {
  documents: filingDocuments(
    dynamodbDocumentStore(dynamodb, config.DOCUMENTS_TABLE),
    sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
  ),
  chunks: dynamodbChunkStore(dynamodb, config.CHUNKS_TABLE),
  bucket,
  embedQueue: sqsWorkQueue(sqs, config.EMBED_QUEUE_URL),
  removeQueue: sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
  readRules: rulesReader(bucket, error => logger.warn('The ingestion rules are broken: older ones stay', { error })),
  readDocument: isolatedDocumentReader({
    entry: new URL('./reading-process.mjs', import.meta.url), // as lib/bundles.ts names it
    memoryMegabytes: config.READING_MEMORY_MEGABYTES,
    chunking: { targetTokens: config.CHUNK_TOKENS, overlapTokens: config.CHUNK_OVERLAP_TOKENS },
  }),
  ...(await recognition()),
};

/** Of the function's time, what is kept for noting how the attempt ended. */
const RESERVED_MS = 8_000;

/** Reads documents into chunks. */
export const handler = sqsHandler(async (body, { remainingMs }) => {
  const message = processMessage.parse(JSON.parse(body));
  const started = performance.now();
  const outcome = await processDocument(ports, message, {
    maxDocumentBytes: config.MAX_DOCUMENT_BYTES,
    timeLimitMs: remainingMs() - RESERVED_MS,
  });
  logger.info('Document processed', { ...message, ...outcome });
  if (outcome.outcome === 'failed') metrics.addMetric('DocumentsFailed', MetricUnit.Count, 1);
  if (outcome.outcome === 'planned') {
    metrics.addMetric('ProcessingTime', MetricUnit.Milliseconds, performance.now() - started);
  }
});
