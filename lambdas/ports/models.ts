import type { Intervention } from '../conversation.ts';

/** Turns text into vectors. */
export interface EmbeddingModel {
  readonly modelId: string;
  /** Values in each embedding. */
  readonly dimension: number;
  /** Texts that one call of the model takes. */
  readonly textsPerCall: number;
  /** One embedding a text, of length 1, in the order of `texts`. */
  embedDocuments(texts: readonly string[], signal?: AbortSignal): Promise<number[][]>;
  /** Apart, because some models embed a question differently from the text that answers it. */
  embedQuery(text: string, signal?: AbortSignal): Promise<number[]>;
}

/** What a call is for: cost allocation in production, and the local model knows what is asked of it. */
export type Purpose = 'answer' | 'condense' | 'title' | 'summarize';

export interface Prompt {
  readonly purpose: Purpose;
  readonly system: string;
  /** Alternating, first and last from the user. */
  readonly messages: readonly PromptMessage[];
}

export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** What `text` is made of, joined by blank lines; told of the message that a guardrail is to check. */
  readonly parts?: readonly PromptPart[];
}

export interface PromptPart {
  /** `context` was checked before, or needs no check. */
  readonly kind: 'source' | 'question' | 'context';
  readonly text: string;
}

/** What one call of a model used. */
export interface CallTokens {
  /** All of the prompt, what the provider's cache held of it included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of `inputTokens`: read from the provider's cache, and written to it. */
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
}

export type ChatModelEvent =
  /** The pieces joined are the whole answer. */
  | { readonly type: 'text'; readonly text: string }
  /** The last event. `stopReason` is Bedrock's word: end_turn, max_tokens, guardrail_intervened … */
  | ({
      readonly type: 'end';
      readonly stopReason: string;
      /** A guardrail took the answer's place, or changed it; the text says what it says then. */
      readonly intervention?: Intervention;
    } & CallTokens);

export interface ChatModel {
  readonly modelId: string;
  /** @throws AppFailure service-unavailable when the model is throttled or down after retries, also midway */
  stream(prompt: Prompt, signal?: AbortSignal): AsyncIterable<ChatModelEvent>;
}

/** A text's place in an order of relevance. */
export interface RankedText {
  /** Of the text among those that were given. */
  readonly index: number;
  /** Higher is more relevant; comparable within one call only. */
  readonly score: number;
}

/** Reads a question and a text together, where an embedding knows only one of them. */
export interface Reranker {
  readonly modelId: string;
  /**
   * @returns at most `topK` texts, the most relevant first, none twice
   * @throws what the service fails with, or the signal's reason
   */
  rerank(query: string, texts: readonly string[], topK: number, signal?: AbortSignal): Promise<RankedText[]>;
}
