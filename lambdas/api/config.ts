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

/** Where messages are given up, and where they go back to. */
function parseDeadLetterPairs(text: string): { readonly url: string; readonly workQueueArn: string }[] {
  return text.split(',').map(pair => {
    const [url = '', workQueueArn = ''] = pair.split(' ');
    return { url: variables.url.parse(url), workQueueArn: variables.arn.parse(workQueueArn) };
  });
}

const records = {
  DOCUMENTS_TABLE: variables.name,
  CHUNKS_TABLE: variables.name,
  CONVERSATIONS_TABLE: variables.name,
  BUCKET_NAME: variables.name,
  PROCESS_QUEUE_URL: variables.url,
  JOBS_TABLE: variables.name,
  KEYS_TABLE: variables.name,
  JOB_QUEUE_URL: variables.url,
  /** `<URL of the dead-letter queue> <ARN of its work queue>`, separated by commas. */
  DEAD_LETTER_QUEUES: variables.name.transform(parseDeadLetterPairs),
  MAX_DOCUMENT_BYTES: variables.count(1, 1_000_000_000),
  ...budgetVariables,
  ...identityVariables,
};
const search = {
  DOCUMENTS_TABLE: variables.name,
  CHUNKS_TABLE: variables.name,
  ...retrievalVariables,
  ...embeddingVariables,
  ...vectorIndexVariables,
  ...rerankVariables,
  ...identityVariables,
  TOP_K: variables.count(1, 50),
  PASSAGE_TOKENS: variables.count(1, 100_000),
  ...budgetVariables,
};

/** Documents, conversations, health and the OpenAPI document: no model and no vector store. */
export type RecordsEnvironment = EnvironmentOf<typeof records>;
/** POST /search: embeds the query and reads the vector store, but calls no chat model. */
export type SearchEnvironment = EnvironmentOf<typeof search>;
export const parseRecordsConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(records, env);
export const parseSearchConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(search, env);
