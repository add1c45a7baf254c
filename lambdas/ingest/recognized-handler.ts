import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { TextractClient } from '@aws-sdk/client-textract';
import { dynamodbChunkStore } from '../adapters/dynamodb-chunk-store.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { s3DocumentBucket } from '../adapters/s3-document-bucket.ts';
import { sqsClient } from '../adapters/sqs-client.ts';
import { sqsWorkQueue } from '../adapters/sqs-work-queue.ts';
import { recognizedLines } from '../adapters/textract-text-recognition.ts';
import { logger, metrics } from '../telemetry.ts';
import { parseRecognizedConfig } from './config.ts';
import { filingDocuments } from './drop-box.ts';
import { recognitionMessage } from './messages.ts';
import { processRecognized, type RecognizedPorts } from './recognized.ts';
import { rulesReader } from './rules.ts';
import { sqsHandler } from './sqs-handler.ts';

const config = parseRecognizedConfig(process.env);
const dynamodb = dynamodbDocumentClient();
const sqs = sqsClient();
const bucket = s3DocumentBucket(new S3Client(), config.BUCKET_NAME);
const ports: RecognizedPorts = {
  documents: filingDocuments(
    dynamodbDocumentStore(dynamodb, config.DOCUMENTS_TABLE),
    sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
  ),
  chunks: dynamodbChunkStore(dynamodb, config.CHUNKS_TABLE),
  bucket,
  readRules: rulesReader(bucket, error => logger.warn('The ingestion rules are broken: older ones stay', { error })),
  embedQueue: sqsWorkQueue(sqs, config.EMBED_QUEUE_URL),
  removeQueue: sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
  recognition: recognizedLines(new TextractClient({ maxAttempts: 6 })),
};
const chunking = { targetTokens: config.CHUNK_TOKENS, overlapTokens: config.CHUNK_OVERLAP_TOKENS };

/** Cuts what was recognized on pictures of pages into chunks. */
export const handler = sqsHandler(async body => {
  const message = recognitionMessage.parse(JSON.parse(body));
  const outcome = await processRecognized(ports, message, chunking);
  logger.info('Recognized document processed', { ...message, ...outcome });
  if (outcome.outcome === 'failed') metrics.addMetric('DocumentsFailed', MetricUnit.Count, 1);
});
