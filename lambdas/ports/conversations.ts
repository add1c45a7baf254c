import type { BudgetOwner, Limits, Spend, Spending } from '../budgets.ts';
import type { Conversation, Feedback, Reader, Turn } from '../conversation.ts';

/** What was spent on models, by owner, day and month. */
export interface SpendStore {
  /**
   * Reserves `amount` on the day of `at` and in its month, unless what is spent and reserved has reached a limit of either.
   * One atomic write decides: of requests that race, none is let in once a limit is reached, so that it is exceeded by
   * less than one reservation.
   * @returns the owner's spending afterwards, this reservation included
   */
  reserve(
    owner: BudgetOwner,
    at: Date,
    amount: Spend,
    limits: Limits,
  ): Promise<{ readonly granted: boolean; readonly spending: Spending }>;
  /** Turns what was reserved `at` that time, or nothing, into what was spent. */
  settle(owner: BudgetOwner, at: Date, reserved: Spend, spent: Spend): Promise<void>;
  read(owner: BudgetOwner, at: Date): Promise<Spending>;
}

/** What the chat model replied to a question that started a conversation. */
export interface CachedReply {
  /** A ULID. */
  readonly replyId: string;
  readonly question: string;
  /** Of the question; values have the precision of 32 bits. */
  readonly embedding: readonly number[];
  /** The passages of its prompt, in their order, by names that stand for all that was shown of them. */
  readonly passages: readonly string[];
  /** As the model wrote it, marks included. */
  readonly text: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Keeps replies for some time. */
export interface AnswerStore {
  /** The newest replies under the key, newest first. */
  find(key: string): Promise<CachedReply[]>;
  put(key: string, reply: CachedReply): Promise<void>;
}

export interface ConversationStore {
  /**
   * The end of a path of this reader's conversation, oldest turn first, at most `limit` turns: the path that ends in the
   * turn `tip`, by default the newest one.
   * @throws AppFailure conversation-not-found for an unknown conversation and for another's, turn-not-found for no turn of it
   */
  recentTurns(conversationId: string, reader: Reader, options: { limit: number; tip?: string }): Promise<Turn[]>;
  /** Stores a conversation with its first turn, titled by its question. */
  begin(turn: Turn, reader: Reader): Promise<void>;
  /**
   * Stores a further turn. Turns that are appended at the same time are all kept; with one parent they are branches.
   * @throws AppFailure conversation-not-found, also when it was removed meanwhile
   */
  append(turn: Turn, reader: Reader): Promise<void>;
  /** The reader's conversations, last updated first. */
  list(
    reader: Reader,
    options: { limit: number; cursor?: string },
  ): Promise<{ conversations: Conversation[]; cursor?: string }>;
  /**
   * A page of turns of all branches, oldest first. With the first page come the ids of the turns from the first one down
   * to the newest one, in this order.
   * @throws AppFailure conversation-not-found
   */
  get(
    conversationId: string,
    reader: Reader,
    options: { limit: number; cursor?: string },
  ): Promise<{ conversation: Conversation; turns: Turn[]; newestPath?: string[]; cursor?: string }>;
  /** Gives it a title of the reader's choice. @returns it as it is now @throws AppFailure conversation-not-found */
  rename(conversationId: string, reader: Reader, title: string): Promise<Conversation>;
  /** Gives it a title in place of its first question. @returns false when it has another title already, or is gone */
  suggestTitle(conversationId: string, reader: Reader, title: string): Promise<boolean>;
  /**
   * Sets what the reader says of a turn in place of what was said before; undefined takes it back.
   * @throws AppFailure conversation-not-found, turn-not-found
   */
  setFeedback(conversationId: string, turnId: string, reader: Reader, feedback: Feedback | undefined): Promise<void>;
  /** Keeps the summary of the path down to a turn, in place of one made before. @returns false when the turn is gone */
  setSummary(conversationId: string, turnId: string, reader: Reader, summary: string): Promise<boolean>;
  /** @throws AppFailure conversation-not-found */
  remove(conversationId: string, reader: Reader): Promise<void>;
}
