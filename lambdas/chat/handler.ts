import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { bedrockClient, secretsClient } from '../adapters/aws/services.ts';
import { bedrockChatModel } from '../adapters/bedrock-chat-model.ts';
import { bedrockEmbeddingModel } from '../adapters/bedrock-embedding-model.ts';
import type { GuardrailUse } from '../adapters/bedrock-guardrail.ts';
import { bestEffortQueue } from '../adapters/best-effort-queue.ts';
import { dynamodbAnswerStore } from '../adapters/dynamodb-answer-store.ts';
import { type DynamodbClient, dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbConversationStore } from '../adapters/dynamodb-conversation-store.ts';
import { dynamodbPassageStore } from '../adapters/dynamodb-passage-store.ts';
import { dynamodbSpendStore } from '../adapters/dynamodb-spend-store.ts';
import { dynamodbUsageLedger } from '../adapters/dynamodb-usage-ledger.ts';
import { pineconeKey } from '../adapters/pinecone-key.ts';
import { pineconeVectorStore } from '../adapters/pinecone-vector-store.ts';
import { s3Reads } from '../adapters/s3-reads.ts';
import { sqsClient } from '../adapters/sqs-client.ts';
import { sqsWorkQueue } from '../adapters/sqs-work-queue.ts';
import { cachedStatistics } from '../lexical/cached-statistics.ts';
import { logger, metrics } from '../telemetry.ts';
import type { UpkeepMessage } from '../upkeep/messages.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { ChatAnswer } from './answer-event.ts';
import { type ChatConfig, parseChatConfig } from './config.ts';
import { type Price, type PriceOverride, priceOf, rerankPriceOf } from './prices.ts';
import { ANSWER_SYSTEM } from './prompt.ts';
import { bedrockReranking } from './reranking.ts';
import { type ChatEndpoint, respond } from './respond.ts';
import type { ModelPrices } from './usage-meter.ts';

/** A follow-up rewritten is a question, never an essay. */
const CONDENSE_MAX_TOKENS = 300;
const MAX_ATTEMPTS = 3;

const config = parseChatConfig(process.env);

function chatPorts(settings: ChatConfig): ChatEndpoint['ports'] {
  const bedrock = bedrockClient({ maxAttempts: MAX_ATTEMPTS });
  const dynamodb = dynamodbDocumentClient();
  const s3 = s3Reads(settings.BUCKET_NAME);
  const apiKey = pineconeKey(secretsClient(), settings.PINECONE_SECRET_ARN);
  const temperature = settings.CHAT_TEMPERATURE;
  return {
    conversations: dynamodbConversationStore(dynamodb, settings.CONVERSATIONS_TABLE, {
      keepDays: settings.CONVERSATION_DAYS,
    }),
    passages: dynamodbPassageStore(dynamodb, { documents: settings.DOCUMENTS_TABLE, chunks: settings.CHUNKS_TABLE }),
    vectors: pineconeVectorStore({ host: settings.PINECONE_INDEX_HOST, apiKey }),
    embeddings: bedrockEmbeddingModel(bedrock, {
      modelId: settings.EMBEDDING_MODEL_ID,
      dimension: settings.EMBEDDING_DIMENSION,
      concurrency: settings.EMBEDDING_CONCURRENCY,
    }),
    answerModel: bedrockChatModel(bedrock, {
      modelId: settings.CHAT_MODEL_ID,
      maxTokens: settings.CHAT_MAX_TOKENS,
      temperature,
      guardrail: guardrailOf(settings),
    }),
    strongModel:
      settings.STRONG_MODEL_ID === undefined
        ? undefined
        : bedrockChatModel(bedrock, {
            modelId: settings.STRONG_MODEL_ID,
            maxTokens: settings.CHAT_MAX_TOKENS,
            temperature,
            guardrail: guardrailOf(settings),
          }),
    condenseModel: bedrockChatModel(bedrock, {
      modelId: settings.CONDENSE_MODEL_ID,
      maxTokens: CONDENSE_MAX_TOKENS,
      temperature,
    }),
    reranking: bedrockReranking(settings.RERANK_MODEL_ARN),
    answerCache: answerCache(settings, dynamodb),
    bucket: s3.links,
    statistics: cachedStatistics(s3.statistics, statisticsFailed),
    denseWeight: settings.DENSE_WEIGHT,
    upkeep: bestEffortQueue(sqsWorkQueue<UpkeepMessage>(sqsClient(), settings.UPKEEP_QUEUE_URL), upkeepFailed),
    spend: dynamodbSpendStore(dynamodb, settings.QUOTAS_TABLE),
    ledger: dynamodbUsageLedger(dynamodb, settings.QUOTAS_TABLE),
    budgets: settings.BUDGETS,
    notCounted,
  };
}

function upkeepFailed(error: unknown): void {
  logger.warn('Upkeep could not be asked for: the conversation keeps its title, and its summary is made later.', {
    error,
  });
}

function answerCache(settings: ChatConfig, dynamodb: DynamodbClient): AnswerCache | undefined {
  const { ANSWER_CACHE_MINUTES: keepMinutes, ANSWER_CACHE_SIMILARITY: similarity } = settings;
  if (keepMinutes === 0) return undefined;
  const { CHAT_MAX_TOKENS, CHAT_TEMPERATURE, SUSPICIOUS_PASSAGES } = settings;
  const rules = [SUSPICIOUS_PASSAGES, guardrailOf(settings)];
  return {
    store: dynamodbAnswerStore(dynamodb, settings.ANSWERS_TABLE, { keepMinutes }),
    similarity,
    fingerprint: JSON.stringify([ANSWER_SYSTEM, CHAT_MAX_TOKENS, CHAT_TEMPERATURE, ...rules]),
    failed: error => logger.warn('The answer cache could not be used: the question is answered without it.', { error }),
  };
}

function notCounted(error: unknown): void {
  logger.error('What an answer cost could not be counted: what was reserved for it stays reserved.', { error });
}

/** Around answers alone: a question that is only rewritten is checked when it is answered. */
const guardrailOf = (settings: ChatConfig): GuardrailUse | undefined =>
  settings.GUARDRAIL_ID === ''
    ? undefined
    : {
        ...{ id: settings.GUARDRAIL_ID, version: settings.GUARDRAIL_VERSION },
        ...{ trace: settings.GUARDRAIL_TRACE === 'on', grounding: settings.GUARDRAIL_GROUNDING === 'on' },
      };

function statisticsFailed(error: unknown): void {
  logger.warn('The statistics of words could not be read: passages are ranked without, or by older ones.', { error });
}

function modelPrices(settings: ChatConfig): ModelPrices {
  const override = { input: settings.CHAT_PRICE_INPUT, output: settings.CHAT_PRICE_OUTPUT };
  const strongOverride = { input: settings.STRONG_PRICE_INPUT, output: settings.STRONG_PRICE_OUTPUT };
  const { CHAT_MODEL_ID: modelId, STRONG_MODEL_ID: strongId, CONDENSE_MODEL_ID: condenseId } = settings;
  const answer = knownPrice(modelId, override);
  return {
    answer,
    strong: strongId === undefined ? undefined : knownPrice(strongId, strongOverride),
    condense: condenseId === modelId ? answer : priceOf(condenseId),
    embedding: priceOf(settings.EMBEDDING_MODEL_ID),
    rerankQuery: rerankPriceOf(settings.RERANK_MODEL_ARN ?? ''),
  };
}

function knownPrice(model: string, override: PriceOverride): Price | undefined {
  const price = priceOf(model, override);
  if (!price) logger.warn('The chat model has no known price: costUsd leaves it out.', { model });
  return price;
}

function measure(answer: ChatAnswer): void {
  metrics.addMetric('AnswerLatency', MetricUnit.Milliseconds, answer.latencyMs);
  metrics.addMetric('AnswersRefused', MetricUnit.Count, answer.refused ? 1 : 0);
  metrics.addMetric('AnswersUngrounded', MetricUnit.Count, answer.refused || answer.grounded ? 0 : 1);
  metrics.addMetric('AnswersIntervened', MetricUnit.Count, answer.intervention ? 1 : 0);
  if (config.ANSWER_CACHE_MINUTES > 0) {
    metrics.addMetric('AnswersCached', MetricUnit.Count, answer.cached ? 1 : 0);
    metrics.addMetric('SavedUsd', MetricUnit.NoUnit, answer.savedUsd ?? 0);
  }
  metrics.addMetric('InputTokens', MetricUnit.Count, answer.usage.inputTokens);
  metrics.addMetric('CacheReadTokens', MetricUnit.Count, answer.usage.cacheReadTokens ?? 0);
  metrics.addMetric('CacheWriteTokens', MetricUnit.Count, answer.usage.cacheWriteTokens ?? 0);
  metrics.addMetric('OutputTokens', MetricUnit.Count, answer.usage.outputTokens);
  metrics.publishStoredMetrics();
}

const endpoint: ChatEndpoint = {
  ports: chatPorts(config),
  options: {
    historyTokens: config.HISTORY_TOKENS,
    minEvidence: config.MIN_EVIDENCE,
    suspiciousPassages: config.SUSPICIOUS_PASSAGES,
    passageTokens: config.PASSAGE_TOKENS,
    maxTokens: config.CHAT_MAX_TOKENS,
    prices: modelPrices(config),
  },
  identity: config.IDENTITY,
  topK: config.TOP_K,
  log: logger,
  open: (stream, head) => awslambda.HttpResponseStream.from(stream, { ...head }),
  onCompleted: measure,
};

/** `POST /chat`, behind a REST API integration that streams. */
export const handler = awslambda.streamifyResponse<APIGatewayProxyEvent>((event, stream, context) => {
  logger.addContext(context);
  return respond(event, stream, context, endpoint);
});
