import type { Reader } from '../conversation.ts';
import type { ChatModel, ConversationStore, DocumentBucket, SearchFilter, WorkQueue } from '../ports.ts';
import type { UpkeepMessage } from '../upkeep/messages.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { FindPorts } from './find-passages.ts';
import type { Reranking } from './rerank.ts';
import type { ModelChoice } from './routing.ts';
import type { ModelPrices } from './usage-meter.ts';

export interface ChatPorts extends FindPorts {
  readonly conversations: ConversationStore;
  readonly answerModel: ChatModel;
  /** Answers what is not simple; absent: `answerModel` answers everything. */
  readonly strongModel?: ChatModel | undefined;
  /** Absent: passages keep the order of retrieval. */
  readonly reranking?: Reranking | undefined;
  readonly bucket: Pick<DocumentBucket, 'presignGet'>;
  /** Absent: every question is answered anew. */
  readonly answerCache?: AnswerCache | undefined;
  /** Titles and summarizes conversations, later. Sending does not fail. */
  readonly upkeep: WorkQueue<UpkeepMessage>;
}

export interface AnswerOptions {
  /** Most tokens of earlier turns in the prompt, by estimate. */
  readonly historyTokens: number;
  /** Tokens of a passage, as documents are usually cut: `topK` times as many are given to the model. */
  readonly passageTokens: number;
  /** Below it the question is refused without asking the model, 0 to 1. */
  readonly minEvidence: number;
  readonly prices: ModelPrices;
  /** Of passages with signs that they are to steer a model. */
  readonly suspiciousPassages: SuspiciousPassages;
}

/** `mark`: the model is told of the signs; `drop`: it does not get the passage; `keep`: it gets it like any other. */
export type SuspiciousPassages = 'mark' | 'drop' | 'keep';

export interface Question {
  readonly text: string;
  readonly reader: Reader;
  /** Absent: the question starts a conversation. */
  readonly conversationId?: string;
  /** The turn of the conversation to go on from; null: from its beginning. @default its newest turn */
  readonly parentTurnId?: string | null;
  readonly filter?: SearchFilter;
  /** Passages given to the model. */
  readonly topK: number;
  /** Who answers. @default by `routeOf` */
  readonly model?: ModelChoice;
  /** Have the answer tell which passages it does not cite. @default false */
  readonly includeRetrieved?: boolean;
}
