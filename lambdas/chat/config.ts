import * as z from 'zod';
import {
  budgetVariables,
  type EnvironmentOf,
  embeddingVariables,
  identityVariables,
  parseEnvironment,
  rerankVariables,
  retrievalVariables,
  variables,
  vectorIndexVariables,
} from '../environment.ts';

const chat = {
  DOCUMENTS_TABLE: variables.name,
  CHUNKS_TABLE: variables.name,
  CONVERSATIONS_TABLE: variables.name,
  /** Days after which a turn is forgotten. */
  CONVERSATION_DAYS: variables.count(1, 3_653),
  ...retrievalVariables,
  ...embeddingVariables,
  ...vectorIndexVariables,
  UPKEEP_QUEUE_URL: variables.url,
  CHAT_MODEL_ID: variables.name,
  /** Answers what is not simple; empty: the model above answers everything. */
  STRONG_MODEL_ID: z.string().transform(id => id || undefined),
  /** Rewrites follow-up questions; a small model will do. */
  CONDENSE_MODEL_ID: variables.name,
  ...rerankVariables,
  CHAT_MAX_TOKENS: variables.count(1, 64_000),
  /** Empty: the model's own default, for models that refuse the parameter. */
  CHAT_TEMPERATURE: z.union([z.literal('').transform(() => undefined), z.coerce.number().min(0).max(1)]),
  /** Passages given to the model. */
  TOP_K: variables.count(1, 50),
  /** Below it the model is not asked, 0 to 1. */
  MIN_EVIDENCE: z.coerce.number().min(0).max(1),
  /** The guardrail that checks questions, passages and answers, and its version; empty: none. */
  GUARDRAIL_ID: z.string(),
  GUARDRAIL_VERSION: z.string(),
  /** Whether the rules that intervened are told. */
  GUARDRAIL_TRACE: z.enum(['on', 'off']),
  /** Whether the guardrail compares answers with passages and question. */
  GUARDRAIL_GROUNDING: z.enum(['on', 'off']),
  /** What becomes of passages with signs that they are to steer a model. */
  SUSPICIOUS_PASSAGES: z.enum(['mark', 'drop', 'keep']),
  HISTORY_TOKENS: variables.count(0, 100_000),
  /** Tokens of a passage, as documents are usually cut. */
  PASSAGE_TOKENS: variables.count(1, 100_000),
  ...budgetVariables,
  ...identityVariables,
  ANSWERS_TABLE: variables.name,
  /** How long replies are kept for other questions; 0: not at all. */
  ANSWER_CACHE_MINUTES: variables.count(0, 10_080),
  /** Least similarity of two questions that mean the same, 0 to 1. */
  ANSWER_CACHE_SIMILARITY: z.coerce.number().min(0).max(1),
  /** US dollars per million tokens, for models that prices.ts does not list; empty: its list price. */
  CHAT_PRICE_INPUT: variables.price,
  CHAT_PRICE_OUTPUT: variables.price,
  STRONG_PRICE_INPUT: variables.price,
  STRONG_PRICE_OUTPUT: variables.price,
};

export type ChatEnvironment = EnvironmentOf<typeof chat>;
export type ChatConfig = ReturnType<typeof parseChatConfig>;
export const parseChatConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(chat, env);
