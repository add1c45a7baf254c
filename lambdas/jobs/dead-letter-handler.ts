import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbJobStore } from '../adapters/dynamodb-job-store.ts';
import { sqsHandler } from '../ingest/sqs-handler.ts';
import { logger } from '../telemetry.ts';
import { parseJobDeadLetterConfig } from './config.ts';
import { jobMessage } from './messages.ts';

const config = parseJobDeadLetterConfig(process.env);
const jobs = dynamodbJobStore(dynamodbDocumentClient(), config.JOBS_TABLE);

/** A job whose step was given up is FAILED. What is no job's message stays in the queue, for a person to see. */
export const handler = sqsHandler(
  async body => {
    const { jobId } = jobMessage.parse(JSON.parse(body));
    const ended = await jobs.end(jobId, 'FAILED', 'A step failed several times; the logs say why. Start it again.');
    logger.warn('Dead letter of a job handled', { jobId, status: ended?.status });
  },
  { givesUp: false },
);
