import { bedrockClient, secretsClient } from '../adapters/aws/services.ts';
import { bedrockEmbeddingModel } from '../adapters/bedrock-embedding-model.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbPassageStore } from '../adapters/dynamodb-passage-store.ts';
import { dynamodbSpendStore } from '../adapters/dynamodb-spend-store.ts';
import { dynamodbUsageLedger } from '../adapters/dynamodb-usage-ledger.ts';
import { pineconeKey } from '../adapters/pinecone-key.ts';
import { pineconeVectorStore } from '../adapters/pinecone-vector-store.ts';
import { s3Reads } from '../adapters/s3-reads.ts';
import { priceOf, rerankPriceOf } from '../chat/prices.ts';
import { bedrockReranking } from '../chat/reranking.ts';
import { endpoint } from '../http/endpoint.ts';
import { cachedStatistics } from '../lexical/cached-statistics.ts';
import { logger, metrics } from '../telemetry.ts';
import { parseSearchConfig } from './config.ts';
import { respondWithSearch } from './search.ts';

const config = parseSearchConfig(process.env);
const dynamodb = dynamodbDocumentClient();

const ports: Parameters<typeof respondWithSearch>[0] = {
  identity: config.IDENTITY,
  embeddings: bedrockEmbeddingModel(bedrockClient({ maxAttempts: 3 }), {
    modelId: config.EMBEDDING_MODEL_ID,
    dimension: config.EMBEDDING_DIMENSION,
    concurrency: config.EMBEDDING_CONCURRENCY,
  }),
  vectors: pineconeVectorStore({
    host: config.PINECONE_INDEX_HOST,
    apiKey: pineconeKey(secretsClient(), config.PINECONE_SECRET_ARN),
  }),
  passages: dynamodbPassageStore(dynamodb, {
    documents: config.DOCUMENTS_TABLE,
    chunks: config.CHUNKS_TABLE,
  }),
  statistics: cachedStatistics(s3Reads(config.BUCKET_NAME).statistics, error =>
    logger.warn('The statistics of words could not be read: passages are ranked without, or by older ones.', { error }),
  ),
  denseWeight: config.DENSE_WEIGHT,
  topK: config.TOP_K,
  reranking: bedrockReranking(config.RERANK_MODEL_ARN),
  prices: {
    answer: undefined,
    condense: undefined,
    embedding: priceOf(config.EMBEDDING_MODEL_ID),
    rerankQuery: rerankPriceOf(config.RERANK_MODEL_ARN ?? ''),
  },
  passageTokens: config.PASSAGE_TOKENS,
  spend: dynamodbSpendStore(dynamodb, config.QUOTAS_TABLE),
  ledger: dynamodbUsageLedger(dynamodb, config.QUOTAS_TABLE),
  budgets: config.BUDGETS,
  notCounted: error =>
    logger.error('What a search cost could not be counted: what was reserved stays reserved.', { error }),
};

/** `POST /search`. */
export const handler = endpoint(logger, async (event, signal) => {
  try {
    return await respondWithSearch(ports, event, signal);
  } finally {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
});
