import { S3Client } from '@aws-sdk/client-s3';
import { dynamodbChunkStore } from '../adapters/dynamodb-chunk-store.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { s3TermStatisticsStore } from '../adapters/s3-term-statistics-store.ts';
import { sqsClient } from '../adapters/sqs-client.ts';
import { sqsWorkQueue } from '../adapters/sqs-work-queue.ts';
import { sqsHandler } from '../ingest/sqs-handler.ts';
import { logger } from '../telemetry.ts';
import { parseStatisticsConfig } from './config.ts';
import { statisticsMessage } from './messages.ts';
import { type RefreshPorts, refreshStatistics } from './refresh-statistics.ts';

const config = parseStatisticsConfig(process.env);
const dynamodb = dynamodbDocumentClient();
const ports: RefreshPorts = {
  documents: dynamodbDocumentStore(dynamodb, config.DOCUMENTS_TABLE),
  chunks: dynamodbChunkStore(dynamodb, config.CHUNKS_TABLE),
  statistics: s3TermStatisticsStore(new S3Client(), config.BUCKET_NAME),
  queue: sqsWorkQueue(sqsClient(), config.STATISTICS_QUEUE_URL),
};

/** Counts words anew after documents changed. */
export const handler = sqsHandler(async body => {
  const message = statisticsMessage.parse(JSON.parse(body));
  const outcome = await refreshStatistics(ports, message);
  if (outcome === 'counted') logger.info('Words counted', { tenant: message.tenant });
});
