import { Construct } from 'constructs';
import type { UpkeepEnvironment } from '../lambdas/upkeep/config.ts';
import { acknowledge } from './acknowledge.ts';
import { allowModel } from './bedrock-model.ts';
import type { Bundles } from './bundles.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import { allowOnTable, type Records } from './records.ts';
import type { Settings } from './settings.ts';
import { WorkQueue } from './work-queue.ts';

export interface ConversationUpkeepProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
  readonly records: Records;
}

const timeoutSeconds = 60;

/** Titles and summaries of conversations, made after the answers: nobody waits for them. */
export class ConversationUpkeep extends Construct {
  /** Whoever stores a turn says so here, when there is something to do. */
  readonly queue: WorkQueue;

  constructor(scope: Construct, id: string, { settings, bundles, records }: ConversationUpkeepProps) {
    super(scope, id);
    const { modelId, condenseModelId, historyTokens } = settings.chat;
    const prices = condenseModelId === modelId ? settings.chat.prices : undefined;
    this.queue = new WorkQueue(this, 'UpkeepQueue', { workerTimeoutSeconds: timeoutSeconds });
    const worker = new GroundworkFunction<UpkeepEnvironment>(this, 'Upkeep', {
      description: 'Titles and summarizes conversations',
      bundle: bundles.upkeep,
      memoryMegabytes: 512,
      timeoutSeconds,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        CONVERSATIONS_TABLE: records.conversations.tableName,
        UPKEEP_MODEL_ID: condenseModelId,
        UPKEEP_PRICE_INPUT: prices ? String(prices.input) : '',
        UPKEEP_PRICE_OUTPUT: prices ? String(prices.output) : '',
        HISTORY_TOKENS: String(historyTokens),
        QUOTAS_TABLE: records.quotas.tableName,
        BUDGETS: JSON.stringify(settings.budgets),
      },
    });
    allowOnTable(worker, records.conversations, ['GetItem', 'Query', 'UpdateItem']);
    allowOnTable(worker, records.quotas, ['UpdateItem']);
    allowModel(worker, condenseModelId, ['bedrock:InvokeModelWithResponseStream']);
    this.queue.workedBy(worker, { maxConcurrency: 5, batchSize: 5 });
    acknowledge(
      this,
      'Serverless-LambdaEventSourceMappingDestination',
      'A queue keeps its failed messages itself: they go to its dead-letter queue.',
    );
  }
}
