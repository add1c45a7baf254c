import { join } from 'node:path';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { S3Client } from '@aws-sdk/client-s3';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { cloudFrontSiteStore } from '../adapters/cloudfront-site-store.ts';
import { reply } from '../custom-resource-reply.ts';
import { logger } from '../telemetry.ts';
import { handleRequest, type SitePorts } from './custom-resource.ts';
import { readFiles } from './read-files.ts';

const REPLY_WITHIN_MS = 10_000;

const clients = { s3: new S3Client(), cloudFront: new CloudFrontClient() };
const ports: SitePorts = {
  // lib/web-bundle.ts puts the page beside this file.
  readFiles: () => readFiles(join(import.meta.dirname, 'site')),
  storeOf: (bucketName, distributionId) => cloudFrontSiteStore(clients, { bucketName, distributionId }),
};

/** The custom resource that publishes the page that lies in this function's own bundle. */
export async function handler(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  logger.addContext(context);
  const outcome = await handleRequest(ports, event);
  const { RequestType } = event;
  if (outcome.status === 'FAILED') logger.error('The page could not be published', { RequestType, outcome });
  else logger.info('The page is as asked', { RequestType, outcome });
  await reply(event, outcome, REPLY_WITHIN_MS);
}
