import { S3Client } from '@aws-sdk/client-s3';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import * as z from 'zod';
import { type Outcome, reply } from '../custom-resource-reply.ts';
import { logger } from '../telemetry.ts';
import { emptyBucket } from './empty-bucket.ts';

const REPLY_WITHIN_MS = 10_000;

const properties = z.object({ BucketName: z.string().min(1) });
const client = new S3Client();

/** The custom resource that empties a bucket when it is deleted, so that the bucket itself can be. */
export async function handler(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  logger.addContext(context);
  await reply(event, await outcomeOf(event), REPLY_WITHIN_MS);
}

async function outcomeOf(event: CloudFormationCustomResourceEvent): Promise<Outcome> {
  const known = 'PhysicalResourceId' in event ? event.PhysicalResourceId : 'not-created';
  try {
    const { BucketName: bucket } = properties.parse(event.ResourceProperties);
    if (event.RequestType === 'Delete') logger.info('Emptied', { bucket, removed: await emptyBucket(client, known) });
    return { status: 'SUCCESS', physicalId: event.RequestType === 'Delete' ? known : bucket, attributes: {} };
  } catch (error) {
    logger.error('The bucket could not be emptied', { error });
    return { status: 'FAILED', physicalId: known, reason: error instanceof Error ? error.message : String(error) };
  }
}
