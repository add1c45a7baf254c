import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { secretsClient } from '../adapters/aws/services.ts';
import { dynamodbChunkStore } from '../adapters/dynamodb-chunk-store.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { pineconeKey } from '../adapters/pinecone-key.ts';
import { pineconeVectorStore } from '../adapters/pinecone-vector-store.ts';
import { s3DocumentBucket } from '../adapters/s3-document-bucket.ts';
import { s3EmbeddingArchive } from '../adapters/s3-embedding-archive.ts';
import { logger } from '../telemetry.ts';
import { parseRemoveConfig } from './config.ts';
import { type FilingPorts, fileAway } from './drop-box.ts';
import { fileMessage, removeMessage } from './messages.ts';
import type { RemovePorts } from './ports.ts';
import { removeVersion } from './remove.ts';
import { sqsHandler } from './sqs-handler.ts';

const config = parseRemoveConfig(process.env);
const dynamodb = dynamodbDocumentClient();
const documents = dynamodbDocumentStore(dynamodb, config.DOCUMENTS_TABLE);
const s3 = new S3Client();
const ports: RemovePorts = {
  documents,
  chunks: dynamodbChunkStore(dynamodb, config.CHUNKS_TABLE),
  archive: s3EmbeddingArchive(s3, config.BUCKET_NAME),
  vectors: pineconeVectorStore({
    host: config.PINECONE_INDEX_HOST,
    apiKey: pineconeKey(secretsClient(), config.PINECONE_SECRET_ARN),
  }),
};

const filing: FilingPorts = { documents, bucket: s3DocumentBucket(s3, config.BUCKET_NAME) };

/** Removes chunks and vectors of versions that are never shown again, and objects that have ended from the drop box. */
export const handler = sqsHandler(async body => {
  const message = z.union([removeMessage, fileMessage]).parse(JSON.parse(body));
  if ('file' in message) {
    logger.info('Object filed', { ...message, outcome: await fileAway(filing, message) });
    return;
  }
  logger.info('Removal handled', { ...message, outcome: await removeVersion(ports, message) });
});
