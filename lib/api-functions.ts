import type { Construct } from 'constructs';
import type { RecordsEnvironment, SearchEnvironment } from '../lambdas/api/config.ts';
import type { ChatEnvironment } from '../lambdas/chat/config.ts';
import { allowModel, allowRerank, foundationModelArn } from './bedrock-model.ts';
import type { Bundles } from './bundles.ts';
import type { DocumentBucket } from './document-bucket.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import { AnswerGuardrail, guardrailEnvironment } from './guardrail.ts';
import { allowOnTable, type Records } from './records.ts';
import type { Settings } from './settings.ts';
import type { VectorIndex } from './vector-index.ts';
import type { WorkQueue } from './work-queue.ts';

export interface ApiFunctionsProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
  readonly bucket: DocumentBucket;
  readonly records: Records;
  readonly index: VectorIndex;
  readonly processQueue: WorkQueue;
  readonly jobQueue: WorkQueue;
  /** Those whose dead letters the API may send back. */
  readonly workQueues: readonly WorkQueue[];
  readonly upkeepQueue: WorkQueue;
}

/** A streamed answer may take this long; a buffered reply at most the 29 s that API Gateway waits. */
export const CHAT_TIMEOUT_SECONDS = 120;
const BUFFERED_TIMEOUT_SECONDS = 29;

export function chatFunction(scope: Construct, props: ApiFunctionsProps): GroundworkFunction<ChatEnvironment> {
  const { settings, bundles, bucket, records, index, upkeepQueue } = props;
  const {
    modelId,
    strongModelId,
    condenseModelId,
    rerankModelId,
    maxTokens,
    temperature,
    topK,
    historyTokens,
    minEvidence,
    prices,
    strongPrices,
  } = settings.chat;
  const guardrail =
    settings.chat.guardrail &&
    new AnswerGuardrail(scope, 'Guardrail', { stage: settings.stage, settings: settings.chat.guardrail });
  const chat = new GroundworkFunction<ChatEnvironment>(scope, 'Chat', {
    description: 'Answers questions from the documents, streamed, with citations',
    bundle: bundles.chat,
    memoryMegabytes: 1769, // one whole vCPU: the first answer of a cold start waits for it
    timeoutSeconds: CHAT_TIMEOUT_SECONDS,
    logRetentionDays: settings.logRetentionDays,
    environment: {
      ...retrievalEnvironment(props),
      CONVERSATIONS_TABLE: records.conversations.tableName,
      CONVERSATION_DAYS: String(settings.conversations.retentionDays),
      UPKEEP_QUEUE_URL: upkeepQueue.queue.queueUrl,
      CHAT_MODEL_ID: modelId,
      STRONG_MODEL_ID: strongModelId ?? '',
      CONDENSE_MODEL_ID: condenseModelId,
      ...rerankEnvironment(scope, settings),
      CHAT_MAX_TOKENS: String(maxTokens),
      CHAT_TEMPERATURE: temperature === undefined ? '' : String(temperature),
      TOP_K: String(topK),
      ...guardrailEnvironment(guardrail),
      SUSPICIOUS_PASSAGES: settings.chat.suspiciousPassages,
      HISTORY_TOKENS: String(historyTokens),
      PASSAGE_TOKENS: String(settings.ingestion.chunkTokens),
      ...budgetEnvironment(props),
      ...identityEnvironment(props),
      ANSWERS_TABLE: records.answers.tableName,
      ANSWER_CACHE_MINUTES: String(settings.chat.answerCacheMinutes),
      ANSWER_CACHE_SIMILARITY: String(settings.chat.answerCacheSimilarity),
      MIN_EVIDENCE: String(minEvidence),
      CHAT_PRICE_INPUT: String(prices?.input ?? ''),
      CHAT_PRICE_OUTPUT: String(prices?.output ?? ''),
      STRONG_PRICE_INPUT: String(strongPrices?.input ?? ''),
      STRONG_PRICE_OUTPUT: String(strongPrices?.output ?? ''),
    },
  });
  allowRetrieval(chat, props);
  allowOnTable(chat, records.conversations, ['Query', 'GetItem', 'PutItem', 'UpdateItem']);
  allowOnTable(chat, records.quotas, ['GetItem', 'UpdateItem']);
  if (settings.chat.answerCacheMinutes > 0) allowOnTable(chat, records.answers, ['Query', 'PutItem']);
  for (const id of new Set([modelId, strongModelId ?? modelId, condenseModelId]))
    allowModel(chat, id, ['bedrock:InvokeModelWithResponseStream']);
  if (rerankModelId !== undefined) allowRerank(chat, rerankModelId);
  guardrail?.grantApply(chat);
  upkeepQueue.grantSend(chat);
  bucket.grantLink(chat);
  index.grantKey(chat);
  return chat;
}

export function searchFunction(scope: Construct, props: ApiFunctionsProps): GroundworkFunction<SearchEnvironment> {
  const { settings, bundles, index } = props;
  const search = new GroundworkFunction<SearchEnvironment>(scope, 'Search', {
    description: 'Finds passages without answering',
    bundle: bundles.search,
    memoryMegabytes: 1024,
    timeoutSeconds: BUFFERED_TIMEOUT_SECONDS,
    logRetentionDays: settings.logRetentionDays,
    environment: {
      ...retrievalEnvironment(props),
      ...identityEnvironment(props),
      ...rerankEnvironment(scope, settings),
      TOP_K: String(settings.chat.topK),
      PASSAGE_TOKENS: String(settings.ingestion.chunkTokens),
      ...budgetEnvironment(props),
    },
  });
  allowRetrieval(search, props);
  allowOnTable(search, props.records.quotas, ['GetItem', 'UpdateItem']);
  if (settings.chat.rerankModelId !== undefined) allowRerank(search, settings.chat.rerankModelId);
  index.grantKey(search);
  return search;
}

/** Documents, jobs, conversations and everything else that only reads or changes records. */
export function recordsFunction(scope: Construct, props: ApiFunctionsProps): GroundworkFunction<RecordsEnvironment> {
  const { settings, bundles, bucket, records, processQueue, jobQueue, workQueues } = props;
  const api = new GroundworkFunction<RecordsEnvironment>(scope, 'Records', {
    description: 'Documents, jobs, conversations, health and the OpenAPI document',
    bundle: bundles.records,
    memoryMegabytes: 1024,
    timeoutSeconds: BUFFERED_TIMEOUT_SECONDS,
    logRetentionDays: settings.logRetentionDays,
    environment: {
      DOCUMENTS_TABLE: records.documents.tableName,
      CHUNKS_TABLE: records.chunks.tableName,
      CONVERSATIONS_TABLE: records.conversations.tableName,
      BUCKET_NAME: bucket.bucket.bucketName,
      PROCESS_QUEUE_URL: processQueue.queue.queueUrl,
      JOBS_TABLE: records.jobs.tableName,
      KEYS_TABLE: records.keys.tableName,
      JOB_QUEUE_URL: jobQueue.queue.queueUrl,
      DEAD_LETTER_QUEUES: workQueues
        .map(({ deadLetters, queue }) => `${deadLetters.queueUrl} ${queue.queueArn}`)
        .join(','),
      MAX_DOCUMENT_BYTES: String(settings.ingestion.maxDocumentMegabytes * 1_000_000),
      ...budgetEnvironment(props),
      ...identityEnvironment(props),
    },
  });
  allowOnTable(api, records.documents, ['GetItem', 'Query', 'UpdateItem']);
  api.allow(
    ['dynamodb:Query'],
    ['tenant-updatedAt', 'status-updatedAt'].map(name => `${records.documents.tableArn}/index/${name}`),
  );
  allowOnTable(api, records.chunks, ['Query']);
  allowOnTable(api, records.conversations, ['GetItem', 'Query', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']);
  api.allow(['dynamodb:Query'], [`${records.conversations.tableArn}/index/owner-updatedAt`]);
  allowOnTable(api, records.quotas, ['GetItem', 'Query']);
  bucket.grantRead(api);
  bucket.grantRules(api);
  bucket.grantChange(api);
  processQueue.grantSend(api);
  allowOnTable(api, records.jobs, ['GetItem', 'PutItem', 'UpdateItem']);
  api.allow(['dynamodb:Query'], [`${records.jobs.tableArn}/index/status-startedAt`]);
  allowOnTable(api, records.keys, ['GetItem', 'PutItem', 'UpdateItem']);
  api.allow(['dynamodb:Query'], [`${records.keys.tableArn}/index/tenant-createdAt`]);
  jobQueue.grantSend(api);
  for (const queue of workQueues) queue.grantRedrive(api);
  return api;
}

function retrievalEnvironment(props: ApiFunctionsProps) {
  const { settings, bucket, records, index } = props;
  return {
    BUCKET_NAME: bucket.bucket.bucketName,
    DENSE_WEIGHT: String(settings.chat.denseWeight),
    DOCUMENTS_TABLE: records.documents.tableName,
    CHUNKS_TABLE: records.chunks.tableName,
    EMBEDDING_MODEL_ID: settings.embedding.modelId,
    EMBEDDING_DIMENSION: String(settings.embedding.dimension),
    EMBEDDING_CONCURRENCY: String(settings.embedding.concurrency),
    ...index.environment(),
  };
}

function rerankEnvironment(scope: Construct, { chat: { rerankModelId } }: Settings) {
  return { RERANK_MODEL_ARN: rerankModelId === undefined ? '' : foundationModelArn(scope, rerankModelId) };
}

function budgetEnvironment(props: ApiFunctionsProps) {
  const { settings, records } = props;
  return { QUOTAS_TABLE: records.quotas.tableName, BUDGETS: JSON.stringify(settings.budgets) };
}

function identityEnvironment({ settings }: ApiFunctionsProps) {
  const { services, openDocuments } = settings.identity;
  return { IDENTITY: JSON.stringify({ services, openDocuments }) };
}

function allowRetrieval(reader: GroundworkFunction<Record<string, string>>, props: ApiFunctionsProps): void {
  const { settings, bucket, records } = props;
  bucket.grantStatistics(reader, ['s3:GetObject']);
  allowOnTable(reader, records.documents, ['BatchGetItem']);
  allowOnTable(reader, records.chunks, ['BatchGetItem']);
  allowModel(reader, settings.embedding.modelId, ['bedrock:InvokeModel']);
}
