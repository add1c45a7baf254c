import { type EnvironmentOf, parseEnvironment, variables } from '../environment.ts';

const statistics = {
  DOCUMENTS_TABLE: variables.name,
  CHUNKS_TABLE: variables.name,
  BUCKET_NAME: variables.name,
  STATISTICS_QUEUE_URL: variables.url,
};
export type StatisticsEnvironment = EnvironmentOf<typeof statistics>;
export const parseStatisticsConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(statistics, env);
