import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { bedrockChatModel } from '../adapters/bedrock-chat-model.ts';
import { dynamodbDocumentClient } from '../adapters/dynamodb-client.ts';
import { dynamodbConversationStore } from '../adapters/dynamodb-conversation-store.ts';
import { startDeadline } from '../http/deadline.ts';
import { sqsHandler } from '../ingest/sqs-handler.ts';
import { logger, metrics } from '../telemetry.ts';
import { parseUpkeepConfig } from './config.ts';
import { upkeepMessage } from './messages.ts';
import { keepUp, type UpkeepPorts } from './upkeep.ts';

const TITLE_MAX_TOKENS = 40;
/** Words of a summary take more tokens in some languages than in English. */
const SUMMARY_MAX_TOKENS = 600;

const config = parseUpkeepConfig(process.env);
const bedrock = new BedrockRuntimeClient({ maxAttempts: 3 });
const modelOf = (maxTokens: number) => bedrockChatModel(bedrock, { modelId: config.UPKEEP_MODEL_ID, maxTokens });
const ports: UpkeepPorts = {
  conversations: dynamodbConversationStore(dynamodbDocumentClient(), config.CONVERSATIONS_TABLE),
  titleModel: modelOf(TITLE_MAX_TOKENS),
  summaryModel: modelOf(SUMMARY_MAX_TOKENS),
};

/** Titles a conversation after its first turn, and summarizes turns that its history has no room for. */
export const handler = sqsHandler(async (body, { remainingMs }) => {
  const message = upkeepMessage.parse(JSON.parse(body));
  const deadline = startDeadline(remainingMs(), 'The chat model');
  try {
    const upkeep = await keepUp(ports, message, config.HISTORY_TOKENS, deadline.signal);
    const { conversationId, turnId } = message;
    logger.info('Conversation kept up', { conversationId, turnId, ...upkeep });
    metrics.addMetric('InputTokens', MetricUnit.Count, upkeep.inputTokens);
    metrics.addMetric('OutputTokens', MetricUnit.Count, upkeep.outputTokens);
  } finally {
    deadline.clear();
  }
});
