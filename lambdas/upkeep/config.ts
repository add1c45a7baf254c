import * as z from 'zod';
import { budgetVariables, type EnvironmentOf, parseEnvironment, variables } from '../environment.ts';

/** Empty: the model's list price. */
const price = z.union([z.literal('').transform(() => undefined), z.coerce.number().min(0)]);

const upkeep = {
  CONVERSATIONS_TABLE: variables.name,
  /** Titles and summarizes; a small, fast model will do. */
  UPKEEP_MODEL_ID: variables.name,
  /** US dollars per million tokens. */
  UPKEEP_PRICE_INPUT: price,
  UPKEEP_PRICE_OUTPUT: price,
  ...budgetVariables,
  /** What answers have for history, as the chat function's. */
  HISTORY_TOKENS: variables.count(0, 100_000),
};

export type UpkeepEnvironment = EnvironmentOf<typeof upkeep>;
export const parseUpkeepConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(upkeep, env);
