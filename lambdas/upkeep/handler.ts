import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { bedrockClient } from '../adapters/aws/services.ts';
import { bedrockChatModel } from '../adapters/bedrock-chat-model.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbConversationStore } from '../adapters/dynamodb-conversation-store.ts';
import { dynamodbSpendStore } from '../adapters/dynamodb-spend-store.ts';
import { dynamodbUsageLedger } from '../adapters/dynamodb-usage-ledger.ts';
import { SUMMARY_MAX_TOKENS } from '../chat/history.ts';
import { priceOf } from '../chat/prices.ts';
import { startDeadline } from '../http/deadline.ts';
import { sqsHandler } from '../ingest/sqs-handler.ts';
import { logger, metrics } from '../telemetry.ts';
import { parseUpkeepConfig } from './config.ts';
import { upkeepMessage } from './messages.ts';
import { keepUp, type UpkeepPorts } from './upkeep.ts';

const TITLE_MAX_TOKENS = 40;

const config = parseUpkeepConfig(process.env);
const bedrock = bedrockClient({ maxAttempts: 3 });
const modelOf = (maxTokens: number) => bedrockChatModel(bedrock, { modelId: config.UPKEEP_MODEL_ID, maxTokens });
const dynamodb = dynamodbDocumentClient();
const price = priceOf(config.UPKEEP_MODEL_ID, {
  input: config.UPKEEP_PRICE_INPUT,
  output: config.UPKEEP_PRICE_OUTPUT,
});
const options = { historyTokens: config.HISTORY_TOKENS, price };
const ports: UpkeepPorts = {
  conversations: dynamodbConversationStore(dynamodb, config.CONVERSATIONS_TABLE),
  spend: dynamodbSpendStore(dynamodb, config.QUOTAS_TABLE),
  ledger: dynamodbUsageLedger(dynamodb, config.QUOTAS_TABLE),
  budgets: config.BUDGETS,
  notCounted: error => logger.error('What upkeep cost could not be counted.', { error }),
  titleModel: modelOf(TITLE_MAX_TOKENS),
  summaryModel: modelOf(SUMMARY_MAX_TOKENS),
};

/** Titles a conversation after its first turn, and summarizes turns that its history has no room for. */
export const handler = sqsHandler(async (body, { remainingMs }) => {
  const message = upkeepMessage.parse(JSON.parse(body));
  const deadline = startDeadline(remainingMs(), 'The chat model');
  try {
    const { usage, ...upkeep } = await keepUp(ports, message, options, deadline.signal);
    const { conversationId, turnId } = message;
    logger.info('Conversation kept up', { conversationId, turnId, ...upkeep, ...usage });
    metrics.addMetric('InputTokens', MetricUnit.Count, usage.inputTokens);
    metrics.addMetric('OutputTokens', MetricUnit.Count, usage.outputTokens);
  } finally {
    deadline.clear();
  }
});
