import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import packageJson from '../../package.json' with { type: 'json' };
import { dynamodbChunkStore } from '../adapters/dynamodb-chunk-store.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbConversationStore } from '../adapters/dynamodb-conversation-store.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { dynamodbJobStore } from '../adapters/dynamodb-job-store.ts';
import { dynamodbKeyStore } from '../adapters/dynamodb-key-store.ts';
import { dynamodbSpendStore } from '../adapters/dynamodb-spend-store.ts';
import { dynamodbUsageLedger } from '../adapters/dynamodb-usage-ledger.ts';
import { s3DocumentBucket } from '../adapters/s3-document-bucket.ts';
import { sqsClient } from '../adapters/sqs-client.ts';
import { sqsDeadLetterQueues } from '../adapters/sqs-dead-letter-queues.ts';
import { sqsWorkQueue } from '../adapters/sqs-work-queue.ts';
import type { Feedback } from '../conversation.ts';
import { endpoint } from '../http/endpoint.ts';
import { rulesReader } from '../ingest/rules.ts';
import { logger, metrics } from '../telemetry.ts';
import { parseRecordsConfig } from './config.ts';
import type { Violation } from './csp-reports.ts';
import { type RecordsPorts, respondWithRecords } from './records.ts';

const config = parseRecordsConfig(process.env);
const dynamodb = dynamodbDocumentClient();
const sqs = sqsClient();

const bucket = s3DocumentBucket(new S3Client(), config.BUCKET_NAME);

const ports: RecordsPorts = {
  documents: dynamodbDocumentStore(dynamodb, config.DOCUMENTS_TABLE),
  chunks: dynamodbChunkStore(dynamodb, config.CHUNKS_TABLE),
  conversations: dynamodbConversationStore(dynamodb, config.CONVERSATIONS_TABLE),
  answerRated,
  violationsReported,
  bucket,
  knownQuestions: new Map(),
  readRules: rulesReader(bucket),
  jobs: dynamodbJobStore(dynamodb, config.JOBS_TABLE),
  processing: sqsWorkQueue(sqs, config.PROCESS_QUEUE_URL),
  jobQueue: sqsWorkQueue(sqs, config.JOB_QUEUE_URL),
  deadLetters: sqsDeadLetterQueues(sqs, config.DEAD_LETTER_QUEUES),
  spend: dynamodbSpendStore(dynamodb, config.QUOTAS_TABLE),
  ledger: dynamodbUsageLedger(dynamodb, config.QUOTAS_TABLE),
  budgets: config.BUDGETS,
  keys: dynamodbKeyStore(dynamodb, config.KEYS_TABLE),
  identity: config.IDENTITY,
  maxDocumentBytes: config.MAX_DOCUMENT_BYTES,
  version: packageJson.version,
};

/** The comment stays in the conversation: it may be about people. */
function answerRated(
  { conversationId, turnId }: { conversationId: string; turnId: string },
  { rating, reasons }: Feedback,
): void {
  logger.info('Answer rated', { conversationId, turnId, rating, reasons });
  metrics.addMetric('AnswersRatedUp', MetricUnit.Count, rating === 'up' ? 1 : 0);
  metrics.addMetric('AnswersRatedDown', MetricUnit.Count, rating === 'down' ? 1 : 0);
  metrics.publishStoredMetrics();
}

function violationsReported(violations: readonly Violation[]): void {
  for (const violation of violations) logger.warn('The page was kept from something', { violation });
  if (violations.length === 0) return;
  metrics.addMetric('ContentSecurityViolations', MetricUnit.Count, violations.length);
  metrics.publishStoredMetrics();
}

/** Documents, conversations, health, the OpenAPI document, and every path and method that the API does not have. */
export const handler = endpoint(logger, event => respondWithRecords(ports, event));
