import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { bedrockEmbeddingModel } from '../adapters/bedrock-embedding-model.ts';
import { dynamodbChunkStore } from '../adapters/dynamodb-chunk-store.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { pineconeKey } from '../adapters/pinecone-key.ts';
import { pineconeVectorStore } from '../adapters/pinecone-vector-store.ts';
import { sqsWorkQueue } from '../adapters/sqs-work-queue.ts';
import { logger, metrics } from '../telemetry.ts';
import { parseEmbedConfig } from './config.ts';
import { embedBatch } from './embed.ts';
import { embedMessage } from './messages.ts';
import type { EmbedPorts } from './ports.ts';
import { sqsHandler } from './sqs-handler.ts';

/** The vector store lists what was just written only after some seconds; a removal before that would miss it. */
const REMOVAL_DELAY_SECONDS = 10;

const config = parseEmbedConfig(process.env);
const dynamodb = dynamodbDocumentClient();
const sqs = new SQSClient();
const ports: EmbedPorts = {
  documents: dynamodbDocumentStore(dynamodb, config.DOCUMENTS_TABLE),
  chunks: dynamodbChunkStore(dynamodb, config.CHUNKS_TABLE),
  embeddings: bedrockEmbeddingModel(new BedrockRuntimeClient({ maxAttempts: 6 }), {
    modelId: config.EMBEDDING_MODEL_ID,
    dimension: config.EMBEDDING_DIMENSION,
    concurrency: config.EMBEDDING_CONCURRENCY,
  }),
  vectors: pineconeVectorStore({
    host: config.PINECONE_INDEX_HOST,
    apiKey: pineconeKey(new SecretsManagerClient(), config.PINECONE_SECRET_ARN),
  }),
  removeQueue: sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL, { delaySeconds: REMOVAL_DELAY_SECONDS }),
  statisticsQueue: sqsWorkQueue(sqs, config.STATISTICS_QUEUE_URL),
};

/** Embeds chunks; the last batch of a version switches it live. */
export const handler = sqsHandler(async body => {
  const message = embedMessage.parse(JSON.parse(body));
  const { outcome, embedded, createdAt } = await embedBatch(ports, message);
  logger.info('Batch embedded', { ...message, outcome, embedded });
  if (embedded > 0) metrics.addMetric('ChunksEmbedded', MetricUnit.Count, embedded);
  if (outcome !== 'completed' || createdAt === undefined) return;
  metrics.addMetric('DocumentsCompleted', MetricUnit.Count, 1);
  metrics.addMetric('IngestionTime', MetricUnit.Milliseconds, Date.now() - Date.parse(createdAt));
});
