import { type EnvironmentOf, parseEnvironment, variables } from '../environment.ts';

const upkeep = {
  CONVERSATIONS_TABLE: variables.name,
  /** Titles and summarizes; a small, fast model will do. */
  UPKEEP_MODEL_ID: variables.name,
  /** What answers have for history, as the chat function's. */
  HISTORY_TOKENS: variables.count(0, 100_000),
};

export type UpkeepEnvironment = EnvironmentOf<typeof upkeep>;
export const parseUpkeepConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(upkeep, env);
