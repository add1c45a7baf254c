import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { dynamodbChunkStore } from '../adapters/dynamodb-chunk-store.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { pineconeKey } from '../adapters/pinecone-key.ts';
import { pineconeVectorStore } from '../adapters/pinecone-vector-store.ts';
import { s3EmbeddingArchive } from '../adapters/s3-embedding-archive.ts';
import { logger } from '../telemetry.ts';
import { parseRemoveConfig } from './config.ts';
import { removeMessage } from './messages.ts';
import type { RemovePorts } from './ports.ts';
import { removeVersion } from './remove.ts';
import { sqsHandler } from './sqs-handler.ts';

const config = parseRemoveConfig(process.env);
const dynamodb = dynamodbDocumentClient();
const ports: RemovePorts = {
  documents: dynamodbDocumentStore(dynamodb, config.DOCUMENTS_TABLE),
  chunks: dynamodbChunkStore(dynamodb, config.CHUNKS_TABLE),
  archive: s3EmbeddingArchive(new S3Client(), config.BUCKET_NAME),
  vectors: pineconeVectorStore({
    host: config.PINECONE_INDEX_HOST,
    apiKey: pineconeKey(new SecretsManagerClient(), config.PINECONE_SECRET_ARN),
  }),
};

/** Removes chunks and vectors of versions that are never shown again. */
export const handler = sqsHandler(async body => {
  const message = removeMessage.parse(JSON.parse(body));
  logger.info('Removal handled', { ...message, outcome: await removeVersion(ports, message) });
});
