import { type EnvironmentOf, parseEnvironment, variables, vectorIndexVariables } from '../environment.ts';

const jobs = {
  JOBS_TABLE: variables.name,
  DOCUMENTS_TABLE: variables.name,
  CHUNKS_TABLE: variables.name,
  BUCKET_NAME: variables.name,
  JOB_QUEUE_URL: variables.url,
  PROCESS_QUEUE_URL: variables.url,
  EMBED_QUEUE_URL: variables.url,
  REMOVE_QUEUE_URL: variables.url,
  STATISTICS_QUEUE_URL: variables.url,
  /** Bytes; a larger object ends FAILED without being read. */
  MAX_DOCUMENT_BYTES: variables.count(1, 1_000_000_000),
  EMBEDDING_MODEL_ID: variables.name,
  ...vectorIndexVariables,
};
const jobDeadLetter = { JOBS_TABLE: variables.name };

export type JobsEnvironment = EnvironmentOf<typeof jobs>;
export type JobDeadLetterEnvironment = EnvironmentOf<typeof jobDeadLetter>;

export const parseJobsConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(jobs, env);
export const parseJobDeadLetterConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(jobDeadLetter, env);
