import type { BudgetLeft } from '../budgets.ts';
import type { Citation, Intervention, NearDocument, Usage } from '../conversation.ts';
import type { Source } from './passage.ts';

/** The whole answer, as `POST /chat` gives it. */
export interface ChatAnswer {
  readonly conversationId: string;
  readonly turnId: string;
  /** The turn that it goes on from; absent at the beginning of a conversation. */
  readonly parentTurnId?: string;
  readonly answer: string;
  /** The documents hold no answer; `answer` says so, and there are no citations. */
  readonly refused: boolean;
  /**
   * Whether at least one statement is backed by its quote. An answer that is neither refused nor grounded was given
   * without a citation that holds: show it as unchecked.
   */
  readonly grounded: boolean;
  /** Share of the statements that a quote supports, 0 to 1; absent for a refusal. */
  readonly groundedness?: number;
  readonly citations: readonly Citation[];
  /** Of a refusal: the documents nearest to the question, best first. */
  readonly nearest?: readonly NearDocument[];
  /** Passages that the model was given and the answer does not cite; only when the request asks for them. */
  readonly retrieved?: readonly Source[];
  /** The id of the model that answered; absent when none was asked. */
  readonly model?: string;
  /** A guardrail blocked the question or the answer, or changed the answer; `answer` is what it let through. */
  readonly intervention?: Intervention;
  /** The model said so before, to a question of the same meaning that found the same; it was not asked again. */
  readonly cached?: true;
  /** US dollars that it costs to ask it. */
  readonly savedUsd?: number;
  readonly usage: Usage;
  readonly latencyMs: number;
  /** The model's word for why it ended, e.g. `end_turn`, or `max_tokens` when the answer is cut; absent without a model call. */
  readonly stopReason?: string;
}

/**
 * What happens while a question is answered. `started` is first; `completed` or `failed` is last, except when nobody
 * listens any more. The `text-delta`s joined are the answer; a `citation` comes right after the mark that first uses it.
 */
export type AnswerEvent =
  | {
      readonly type: 'started';
      readonly conversationId: string;
      readonly turnId: string;
      readonly parentTurnId?: string;
      /** What is left when the answer costs all that is reserved for it; absent without limits. */
      readonly budget?: BudgetLeft;
    }
  /** The passages that the answer may draw on, best first. */
  | { readonly type: 'sources'; readonly sources: readonly Source[] }
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'citation'; readonly citation: Citation }
  /** A guardrail intervened; what text there is stands before it. */
  | { readonly type: 'intervened'; readonly intervention: Intervention }
  /** `budget`: what is left after it; absent without limits. */
  | { readonly type: 'completed'; readonly answer: ChatAnswer; readonly budget?: BudgetLeft }
  /** Whatever was thrown; the edge describes it as a problem. The turn is not stored. */
  | { readonly type: 'failed'; readonly error: unknown };
