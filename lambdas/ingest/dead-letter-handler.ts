import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { s3DocumentBucket } from '../adapters/s3-document-bucket.ts';
import { sqsClient } from '../adapters/sqs-client.ts';
import { sqsWorkQueue } from '../adapters/sqs-work-queue.ts';
import { logger, metrics } from '../telemetry.ts';
import { parseDeadLetterConfig } from './config.ts';
import { buryDeadLetter, type DeadLetterOutcome, parseDeadLetter } from './dead-letter.ts';
import { filingDocuments } from './drop-box.ts';
import type { RegistrationPorts } from './ports.ts';
import { sqsHandler } from './sqs-handler.ts';

const config = parseDeadLetterConfig(process.env);
const sqs = sqsClient();
const ports: RegistrationPorts = {
  documents: filingDocuments(
    dynamodbDocumentStore(dynamodbDocumentClient(), config.DOCUMENTS_TABLE),
    sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
  ),
  bucket: s3DocumentBucket(new S3Client(), config.BUCKET_NAME),
  metadataQueue: sqsWorkQueue(sqs, config.EMBED_QUEUE_URL),
  removeQueue: sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
};

/** What an operator has to see to: nothing in the registry tells of it. */
const UNMENDED: Partial<Record<DeadLetterOutcome['outcome'], { readonly metric: string; readonly message: string }>> = {
  'removal-failed': {
    metric: 'RemovalsFailed',
    message: 'Chunks or vectors of an outdated version could not be removed',
  },
  'filing-failed': { metric: 'FilingsFailed', message: 'An object could not be taken out of the drop box' },
  'metadata-failed': {
    metric: 'MetadataUpdatesFailed',
    message: 'Vectors could not be brought in line with a sidecar',
  },
};

/** Reads every dead-letter queue of ingestion. A message that is none of ours stays there, for a person to see. */
export const handler = sqsHandler(
  async body => {
    for (const outcome of await buryDeadLetter(ports, parseDeadLetter(body))) {
      const unmended = UNMENDED[outcome.outcome];
      if (unmended) {
        logger.error(unmended.message, { ...outcome });
        metrics.addMetric(unmended.metric, MetricUnit.Count, 1);
        continue;
      }
      logger.warn('Dead letter handled', { ...outcome });
      if (outcome.outcome === 'failed') metrics.addMetric('DocumentsFailed', MetricUnit.Count, 1);
    }
  },
  { givesUp: false },
);
