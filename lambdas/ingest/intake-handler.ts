import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { s3DocumentBucket } from '../adapters/s3-document-bucket.ts';
import { sqsClient } from '../adapters/sqs-client.ts';
import { sqsWorkQueue } from '../adapters/sqs-work-queue.ts';
import { logger, metrics } from '../telemetry.ts';
import { parseIntakeConfig } from './config.ts';
import { filingDocuments } from './drop-box.ts';
import { intake } from './intake.ts';
import type { IntakePorts } from './ports.ts';
import { parseS3Event } from './s3-event.ts';
import { sqsHandler } from './sqs-handler.ts';

const config = parseIntakeConfig(process.env);
const sqs = sqsClient();
const ports: IntakePorts = {
  documents: filingDocuments(
    dynamodbDocumentStore(dynamodbDocumentClient(), config.DOCUMENTS_TABLE),
    sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
  ),
  bucket: s3DocumentBucket(new S3Client(), config.BUCKET_NAME),
  processQueue: sqsWorkQueue(sqs, config.PROCESS_QUEUE_URL),
  metadataQueue: sqsWorkQueue(sqs, config.EMBED_QUEUE_URL),
  removeQueue: sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
};

/** Reads S3's events from the events queue. */
export const handler = sqsHandler(async body => {
  for (const event of parseS3Event(body)) {
    const outcome = await intake(ports, event, { maxDocumentBytes: config.MAX_DOCUMENT_BYTES });
    logger.info('Event handled', { event: event.kind, ...outcome });
    if (outcome.outcome === 'rejected') metrics.addMetric('DocumentsFailed', MetricUnit.Count, 1);
  }
});
