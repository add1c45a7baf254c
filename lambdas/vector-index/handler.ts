import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { secretsClient } from '../adapters/aws/services.ts';
import { pineconeKey } from '../adapters/pinecone-key.ts';
import { reply } from '../custom-resource-reply.ts';
import { logger } from '../telemetry.ts';
import { parseVectorIndexConfig } from './config.ts';
import { type CustomResourcePorts, handleRequest } from './custom-resource.ts';
import { pineconeIndexControl } from './pinecone-index-control.ts';

/** Kept free to deliver the reply: CloudFormation waits an hour for one that never comes. */
const REPLY_WITHIN_MS = 10_000;

const config = parseVectorIndexConfig(process.env);
const ports: CustomResourcePorts = {
  readKey: pineconeKey(secretsClient(), config.PINECONE_SECRET_ARN),
  controlFor: apiKey => pineconeIndexControl(apiKey, { controllerHostUrl: config.PINECONE_CONTROLLER_HOST }),
};

/** The custom resource that creates the Pinecone index at deploy. Attribute: `Host`. */
export async function handler(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  logger.addContext(context);
  const timeoutMs = Math.max(1_000, context.getRemainingTimeInMillis() - REPLY_WITHIN_MS - 2_000);
  const outcome = await handleRequest(ports, event, timeoutMs);
  const { ResponseURL: _, ...request } = event; // the URL is a secret: who has it can answer
  if (outcome.status === 'FAILED') logger.error('Vector index failed', { request, outcome });
  else logger.info('Vector index is as asked', { request, outcome });
  await reply(event, outcome, REPLY_WITHIN_MS);
}
