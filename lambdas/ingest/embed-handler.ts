import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { bedrockClient, secretsClient } from '../adapters/aws/services.ts';
import { bedrockEmbeddingModel } from '../adapters/bedrock-embedding-model.ts';
import { dynamodbChunkStore } from '../adapters/dynamodb-chunk-store.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../adapters/dynamodb-document-store.ts';
import { pineconeKey } from '../adapters/pinecone-key.ts';
import { pineconeVectorStore } from '../adapters/pinecone-vector-store.ts';
import { s3EmbeddingArchive } from '../adapters/s3-embedding-archive.ts';
import { sqsClient } from '../adapters/sqs-client.ts';
import { sqsWorkQueue } from '../adapters/sqs-work-queue.ts';
import { AdaptiveConcurrency } from '../adaptive-concurrency.ts';
import { logger, metrics } from '../telemetry.ts';
import { parseEmbedConfig } from './config.ts';
import { filingDocuments } from './drop-box.ts';
import { embedBatch } from './embed.ts';
import { embedMessage, type MetadataMessage, metadataMessage, rebuildMessage } from './messages.ts';
import { spreadMetadata } from './metadata.ts';
import type { EmbedPorts } from './ports.ts';
import { rebuildDocument } from './rebuild.ts';
import { sqsHandler } from './sqs-handler.ts';

/** The vector store lists what was just written only after some seconds; a removal before that would miss it. */
const REMOVAL_DELAY_SECONDS = 10;

/** Kept from waiting for the model, to store what it gave: throttled writes, and vectors that are slow to show. */
const TO_STORE_MS = 40_000;

const config = parseEmbedConfig(process.env);
const dynamodb = dynamodbDocumentClient();
const sqs = sqsClient();
const ports: EmbedPorts = {
  documents: filingDocuments(
    dynamodbDocumentStore(dynamodb, config.DOCUMENTS_TABLE),
    sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL),
  ),
  chunks: dynamodbChunkStore(dynamodb, config.CHUNKS_TABLE),
  // One attempt: a throttle is for the pace to see, which slows all calls down and not this one alone.
  embeddings: bedrockEmbeddingModel(bedrockClient({ maxAttempts: 1 }), {
    modelId: config.EMBEDDING_MODEL_ID,
    dimension: config.EMBEDDING_DIMENSION,
    concurrency: config.EMBEDDING_CONCURRENCY,
  }),
  pace: new AdaptiveConcurrency({ max: config.EMBEDDING_CONCURRENCY, service: 'The embedding model' }),
  archive: s3EmbeddingArchive(new S3Client(), config.BUCKET_NAME),
  vectors: pineconeVectorStore({
    host: config.PINECONE_INDEX_HOST,
    apiKey: pineconeKey(secretsClient(), config.PINECONE_SECRET_ARN),
  }),
  removeQueue: sqsWorkQueue(sqs, config.REMOVE_QUEUE_URL, { delaySeconds: REMOVAL_DELAY_SECONDS }),
  statisticsQueue: sqsWorkQueue(sqs, config.STATISTICS_QUEUE_URL),
};

/** What a page of vectors takes at most to have their metadata changed. */
const METADATA_PAGE_MS = 30_000;
const metadataQueue = sqsWorkQueue<MetadataMessage>(sqs, config.EMBED_QUEUE_URL);

/** Embeds chunks; the last batch of a version switches it live. Or writes vectors of a live version anew. */
export const handler = sqsHandler(async (body, { remainingMs }) => {
  const message = z.union([embedMessage, rebuildMessage, metadataMessage]).parse(JSON.parse(body));
  if ('metadataRevision' in message) return updateMetadata(message, () => remainingMs() > METADATA_PAGE_MS);
  const waitMs = Math.max(0, remainingMs() - TO_STORE_MS);
  if ('rebuild' in message) {
    logger.info('Vectors written anew', { ...message, ...(await rebuildDocument(ports, message, { waitMs })) });
    return;
  }
  const { outcome, embedded, reused, createdAt } = await embedBatch(ports, message, { waitMs });
  logger.info('Batch embedded', { ...message, outcome, embedded, reused });
  if (embedded > 0) metrics.addMetric('ChunksEmbedded', MetricUnit.Count, embedded);
  if (reused > 0) metrics.addMetric('EmbeddingsReused', MetricUnit.Count, reused);
  if (outcome !== 'completed' || createdAt === undefined) return;
  metrics.addMetric('DocumentsCompleted', MetricUnit.Count, 1);
  metrics.addMetric('IngestionTime', MetricUnit.Milliseconds, Date.now() - Date.parse(createdAt));
});

async function updateMetadata(message: MetadataMessage, hasTime: () => boolean): Promise<void> {
  const vectors = await spreadMetadata({ ...ports, metadataQueue }, message, hasTime);
  logger.info('Metadata updated', { ...message, vectors });
}
