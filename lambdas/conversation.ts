import type { Place } from './document.ts';
import type { Role } from './identity/role.ts';

/** Who asks. Decided in `reader.ts` from the verified identity, never from a request's body. */
export interface Reader {
  readonly tenant: string;
  readonly userId: string;
  /** As people call them; absent where the identity does not say. */
  readonly name?: string;
  /** What they may do. Contributors and administrators see that each document is there, but read by `groups` alone. */
  readonly role: Role;
  readonly groups: readonly string[];
  /** Whether they read the documents of their tenant that name no groups. */
  readonly readsOpenDocuments: boolean;
  /** Of the API key that the request came with; absent for users who come with an identity of their own. */
  readonly apiKeyId?: string;
}

/** A pointer from a mark `[n]` in the answer to the text that supports it. */
export interface Citation {
  /** The number in the answer's marks: from 1, in the order of first use. */
  readonly n: number;
  readonly documentId: string;
  readonly version: number;
  readonly chunkId: string;
  readonly title: string;
  readonly key: string;
  readonly place: Place;
  /** Exactly `chunk.text.slice(start, end)`. */
  readonly quote: string;
  /** Offsets in the stored chunk's text, in UTF-16 code units; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** Similarity of the passage to the question: higher is closer. */
  readonly score: number;
  /** Share of the words of the sentence that cites it which the quote and its headings hold, 0 to 1. */
  readonly support: number;
  /** Whether that is enough, and no figure of the sentence is missing in the passage. */
  readonly supported: boolean;
  /** A link to the document, presigned for some minutes; made when the answer is sent, never stored. */
  readonly url: string;
}

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of `inputTokens`: read from the provider's prompt cache, and written to it; absent when it had no part. */
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  /** Of the reranker, as they are billed; absent when it was not asked. */
  readonly rerankQueries?: number;
  /** US dollars, estimated from the list price of the models used. */
  readonly costUsd: number;
}

/** Why an answer is found good or bad. */
export const FEEDBACK_REASONS = {
  up: ['accurate', 'complete', 'well-cited', 'clear'],
  down: [
    'incorrect',
    'incomplete',
    'outdated',
    'off-topic',
    'unsupported',
    'wrong-source',
    'wrongly-refused',
    'unclear',
    'unsafe',
    'other',
  ],
} as const;

/** What a reader says of an answer. */
export interface Feedback {
  readonly rating: 'up' | 'down';
  /** Of the rating's `FEEDBACK_REASONS`. */
  readonly reasons: readonly (typeof FEEDBACK_REASONS)['up' | 'down'][number][];
  readonly comment?: string;
  /** ISO 8601. */
  readonly updatedAt: string;
}

/** A document by which a reader may look on. */
export interface NearDocument {
  readonly documentId: string;
  readonly title: string;
  readonly key: string;
}

/** A guardrail kept something from the model or from the reader. */
export interface Intervention {
  /** The rules that intervened, e.g. `topic` or `prompt-attack`; empty when they are not told. */
  readonly policies: readonly string[];
}

/** A question with its answer. */
export interface Turn {
  /** A ULID: turns sort by time. */
  readonly turnId: string;
  readonly conversationId: string;
  /**
   * The turn that it goes on from: the model was shown the path that ends there. Absent for a turn that starts from the
   * beginning. Turns with one parent are branches.
   */
  readonly parentTurnId?: string;
  readonly question: string;
  readonly answer: string;
  readonly refused: boolean;
  readonly citations: readonly Omit<Citation, 'url'>[];
  /** Share of the answer's statements that a quote supports, 0 to 1; absent for a refusal. */
  readonly groundedness?: number;
  /** Of a refusal: the documents nearest to the question, best first. */
  readonly nearest?: readonly NearDocument[];
  /** The id of the model that answered; absent when none was asked. */
  readonly model?: string;
  /** No model is shown the turn again. */
  readonly intervention?: Intervention;
  readonly usage: Usage;
  readonly latencyMs: number;
  readonly createdAt: string;
  readonly feedback?: Feedback;
  /** What was said on the path down to this turn and in it, in few words, made for later questions. */
  readonly summary?: string;
}

export interface Conversation {
  readonly conversationId: string;
  readonly title: string;
  readonly turnCount: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}
