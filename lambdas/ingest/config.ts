import * as z from 'zod';
import {
  type EnvironmentOf,
  embeddingVariables,
  parseEnvironment,
  variables,
  vectorIndexVariables,
} from '../environment.ts';

const intake = {
  DOCUMENTS_TABLE: variables.name,
  PROCESS_QUEUE_URL: variables.url,
  /** What a sidecar changes is written beside the vectors by the function that writes them. */
  EMBED_QUEUE_URL: variables.url,
  REMOVE_QUEUE_URL: variables.url,
  /** A permanent deletion may bring an older object to light: only the bucket knows. */
  BUCKET_NAME: variables.name,
  /** Bytes; a larger object ends FAILED without being read. */
  MAX_DOCUMENT_BYTES: variables.count(1, 1_000_000_000),
};
const process = {
  DOCUMENTS_TABLE: variables.name,
  CHUNKS_TABLE: variables.name,
  BUCKET_NAME: variables.name,
  /** As for intake: a retry comes here without passing it. */
  MAX_DOCUMENT_BYTES: variables.count(1, 1_000_000_000),
  EMBED_QUEUE_URL: variables.url,
  REMOVE_QUEUE_URL: variables.url,
  CHUNK_TOKENS: variables.count(50, 8_000),
  CHUNK_OVERLAP_TOKENS: variables.count(0, 4_000),
  /** What the process that reads files may hold; the rest of the function's memory is for the function itself. */
  READING_MEMORY_MEGABYTES: variables.count(128, 10_000),
  /** Where Amazon Textract tells that it is done, and the role by which it may; empty where scans are not read. */
  RECOGNITION_TOPIC_ARN: z.union([z.literal(''), variables.arn]),
  RECOGNITION_ROLE_ARN: z.union([z.literal(''), variables.arn]),
};
const recognized = {
  DOCUMENTS_TABLE: variables.name,
  CHUNKS_TABLE: variables.name,
  BUCKET_NAME: variables.name,
  EMBED_QUEUE_URL: variables.url,
  REMOVE_QUEUE_URL: variables.url,
  CHUNK_TOKENS: variables.count(50, 8_000),
  CHUNK_OVERLAP_TOKENS: variables.count(0, 4_000),
};
const embed = {
  DOCUMENTS_TABLE: variables.name,
  CHUNKS_TABLE: variables.name,
  /** Holds the archived embeddings. */
  BUCKET_NAME: variables.name,
  /** Its own: what takes longer than its time goes on with a message. */
  EMBED_QUEUE_URL: variables.url,
  REMOVE_QUEUE_URL: variables.url,
  STATISTICS_QUEUE_URL: variables.url,
  ...embeddingVariables,
  ...vectorIndexVariables,
};
const remove = {
  DOCUMENTS_TABLE: variables.name,
  CHUNKS_TABLE: variables.name,
  BUCKET_NAME: variables.name,
  ...vectorIndexVariables,
};
const deadLetter = {
  DOCUMENTS_TABLE: variables.name,
  /** An S3 event that intake could not handle is registered here, as intake would. */
  BUCKET_NAME: variables.name,
  EMBED_QUEUE_URL: variables.url,
  REMOVE_QUEUE_URL: variables.url,
};

export type IntakeEnvironment = EnvironmentOf<typeof intake>;
export type ProcessEnvironment = EnvironmentOf<typeof process>;
export type RecognizedEnvironment = EnvironmentOf<typeof recognized>;
export type EmbedEnvironment = EnvironmentOf<typeof embed>;
export type RemoveEnvironment = EnvironmentOf<typeof remove>;
export type DeadLetterEnvironment = EnvironmentOf<typeof deadLetter>;

export const parseIntakeConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(intake, env);
export const parseProcessConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(process, env);
export const parseRecognizedConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(recognized, env);
export const parseEmbedConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(embed, env);
export const parseRemoveConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(remove, env);
export const parseDeadLetterConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(deadLetter, env);
