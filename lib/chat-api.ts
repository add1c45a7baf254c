import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  type ApiKey,
  Cors,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseTransferMode,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { RecordsEnvironment, SearchEnvironment } from '../lambdas/api/config.ts';
import type { ChatEnvironment } from '../lambdas/chat/config.ts';
import { acknowledge } from './acknowledge.ts';
import { allowModel, allowRerank, foundationModelArn } from './bedrock-model.ts';
import type { Bundles } from './bundles.ts';
import type { DocumentBucket } from './document-bucket.ts';
import { addProblemResponses } from './gateway-problems.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import { AnswerGuardrail, guardrailEnvironment } from './guardrail.ts';
import { allowOnTable, type Records } from './records.ts';
import type { Settings } from './settings.ts';
import type { VectorIndex } from './vector-index.ts';
import type { WorkQueue } from './work-queue.ts';

export interface ChatApiProps {
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
const chatTimeoutSeconds = 120;
const bufferedTimeoutSeconds = 29;

/** The REST API: POST /chat (streamed), POST /search, and everything that reads or changes records. */
export class ChatApi extends Construct {
  readonly api: RestApi;
  readonly apiKey: ApiKey;
  readonly #props: ChatApiProps;

  constructor(scope: Construct, id: string, props: ChatApiProps) {
    super(scope, id);
    this.#props = props;
    this.api = this.#createApi();
    addProblemResponses(this.api);
    this.api.node.tryRemoveChild('Endpoint'); // the stack has an output of its own for the address
    this.apiKey = this.#meterByKey();
    this.#addRoutes();
    this.#acknowledgeRules();
  }

  #createApi(): RestApi {
    const { settings } = this.#props;
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: settings.logRetentionDays as RetentionDays, // the settings allow CloudWatch's values only; the enum is those numbers
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new RestApi(this, 'Api', {
      restApiName: `groundwork-${settings.stage}`,
      description: 'Groundwork: questions, documents and conversations',
      endpointTypes: [EndpointType.REGIONAL],
      // The account's one role by which API Gateway writes logs; kept when this stack goes, others may use it.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: 'v1',
        tracingEnabled: true,
        metricsEnabled: true,
        loggingLevel: MethodLoggingLevel.ERROR,
        throttlingRateLimit: settings.api.requestsPerSecond,
        throttlingBurstLimit: settings.api.burst,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields({
          caller: false,
          httpMethod: true,
          ip: true,
          protocol: true,
          requestTime: true,
          resourcePath: true,
          responseLength: true,
          status: true,
          user: false,
        }),
      },
      defaultCorsPreflightOptions: {
        allowOrigins: Cors.ALL_ORIGINS,
        allowHeaders: ['content-type', 'accept', 'authorization', 'x-api-key'],
        maxAge: Duration.hours(1),
      },
      defaultMethodOptions: { apiKeyRequired: true },
    });
  }

  #meterByKey(): ApiKey {
    const { settings } = this.#props;
    const plan = this.api.addUsagePlan('UsagePlan', {
      throttle: { rateLimit: settings.api.requestsPerSecond, burstLimit: settings.api.burst },
      apiStages: [{ stage: this.api.deploymentStage }],
    });
    // API Gateway makes up the value: it never stands in the template.
    const key = this.api.addApiKey('Key', { description: `The first API key of Groundwork ${settings.stage}` });
    plan.addApiKey(key);
    return key as ApiKey; // addApiKey promises the interface, and makes an ApiKey
  }

  #addRoutes(): void {
    const chat = new LambdaIntegration(this.#chatFunction().function, {
      responseTransferMode: ResponseTransferMode.STREAM,
      timeout: Duration.seconds(chatTimeoutSeconds),
      allowTestInvoke: false,
    });
    const search = new LambdaIntegration(this.#searchFunction().function, { allowTestInvoke: false });
    const records = new LambdaIntegration(this.#recordsFunction().function, { allowTestInvoke: false });

    const { root } = this.api;
    const chatResource = root.addResource('chat');
    chatResource.addMethod('POST', chat);
    chatResource.addMethod('ANY', records); // answers 405 and names what is allowed
    const searchResource = root.addResource('search');
    searchResource.addMethod('POST', search);
    searchResource.addMethod('ANY', records);
    for (const open of ['health', 'openapi.json'])
      root.addResource(open).addMethod('ANY', records, { apiKeyRequired: false });
    root.addMethod('ANY', records);
    root.addProxy({ defaultIntegration: records, anyMethod: true });
  }

  #chatFunction(): GroundworkFunction<ChatEnvironment> {
    const { settings, bundles, bucket, records, index, upkeepQueue } = this.#props;
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
      new AnswerGuardrail(this, 'Guardrail', { stage: settings.stage, settings: settings.chat.guardrail });
    const chat = new GroundworkFunction<ChatEnvironment>(this, 'Chat', {
      description: 'Answers questions from the documents, streamed, with citations',
      bundle: bundles.chat,
      memoryMegabytes: 1769, // one whole vCPU: the first answer of a cold start waits for it
      timeoutSeconds: chatTimeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        ...this.#retrievalEnvironment(),
        CONVERSATIONS_TABLE: records.conversations.tableName,
        CONVERSATION_DAYS: String(settings.conversations.retentionDays),
        UPKEEP_QUEUE_URL: upkeepQueue.queue.queueUrl,
        CHAT_MODEL_ID: modelId,
        STRONG_MODEL_ID: strongModelId ?? '',
        CONDENSE_MODEL_ID: condenseModelId,
        RERANK_MODEL_ARN: rerankModelId === undefined ? '' : foundationModelArn(this, rerankModelId),
        CHAT_MAX_TOKENS: String(maxTokens),
        CHAT_TEMPERATURE: temperature === undefined ? '' : String(temperature),
        TOP_K: String(topK),
        ...guardrailEnvironment(guardrail),
        SUSPICIOUS_PASSAGES: settings.chat.suspiciousPassages,
        HISTORY_TOKENS: String(historyTokens),
        PASSAGE_TOKENS: String(settings.ingestion.chunkTokens),
        ...this.#budgetEnvironment(),
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
    this.#allowRetrieval(chat);
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

  #searchFunction(): GroundworkFunction<SearchEnvironment> {
    const { settings, bundles, index } = this.#props;
    const search = new GroundworkFunction<SearchEnvironment>(this, 'Search', {
      description: 'Finds passages without answering',
      bundle: bundles.search,
      memoryMegabytes: 1024,
      timeoutSeconds: bufferedTimeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: { ...this.#retrievalEnvironment(), TOP_K: String(settings.chat.topK) },
    });
    this.#allowRetrieval(search);
    index.grantKey(search);
    return search;
  }

  #recordsFunction(): GroundworkFunction<RecordsEnvironment> {
    const { settings, bundles, bucket, records, processQueue, jobQueue, workQueues } = this.#props;
    const api = new GroundworkFunction<RecordsEnvironment>(this, 'Records', {
      description: 'Documents, jobs, conversations, health and the OpenAPI document',
      bundle: bundles.records,
      memoryMegabytes: 1024,
      timeoutSeconds: bufferedTimeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        DOCUMENTS_TABLE: records.documents.tableName,
        CHUNKS_TABLE: records.chunks.tableName,
        CONVERSATIONS_TABLE: records.conversations.tableName,
        BUCKET_NAME: bucket.bucket.bucketName,
        PROCESS_QUEUE_URL: processQueue.queue.queueUrl,
        JOBS_TABLE: records.jobs.tableName,
        JOB_QUEUE_URL: jobQueue.queue.queueUrl,
        DEAD_LETTER_QUEUES: workQueues
          .map(({ deadLetters, queue }) => `${deadLetters.queueUrl} ${queue.queueArn}`)
          .join(','),
        MAX_DOCUMENT_BYTES: String(settings.ingestion.maxDocumentMegabytes * 1_000_000),
        ...this.#budgetEnvironment(),
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
    allowOnTable(api, records.quotas, ['GetItem']);
    bucket.grantRead(api);
    bucket.grantRules(api);
    bucket.grantChange(api);
    processQueue.grantSend(api);
    allowOnTable(api, records.jobs, ['GetItem', 'PutItem', 'UpdateItem']);
    api.allow(['dynamodb:Query'], [`${records.jobs.tableArn}/index/status-startedAt`]);
    jobQueue.grantSend(api);
    for (const queue of workQueues) queue.grantRedrive(api);
    return api;
  }

  #acknowledgeRules(): void {
    acknowledge(this, 'AwsSolutions-APIG2', 'The functions check every request against the schemas of /openapi.json.');
    acknowledge(
      this,
      'AwsSolutions-APIG3',
      'A web ACL has a fixed price a month; attach one where the stack is public.',
    );
    acknowledge(this, 'AwsSolutions-APIG4', 'API keys stand in for identities until users have accounts.');
    acknowledge(this, 'AwsSolutions-COG4', 'API keys stand in for identities until users have accounts.');
    acknowledge(
      this,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      'The role is the account-wide one that AWS documents for API Gateway.',
    );
  }

  #retrievalEnvironment() {
    const { settings, bucket, records, index } = this.#props;
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

  #budgetEnvironment() {
    const { settings, records } = this.#props;
    return { QUOTAS_TABLE: records.quotas.tableName, BUDGETS: JSON.stringify(settings.budgets) };
  }

  #allowRetrieval(reader: GroundworkFunction<Record<string, string>>): void {
    const { settings, bucket, records } = this.#props;
    bucket.grantStatistics(reader, ['s3:GetObject']);
    allowOnTable(reader, records.documents, ['BatchGetItem']);
    allowOnTable(reader, records.chunks, ['BatchGetItem']);
    allowModel(reader, settings.embedding.modelId, ['bedrock:InvokeModel']);
  }
}
