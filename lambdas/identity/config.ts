import * as z from 'zod';
import { type EnvironmentOf, parseEnvironment, variables } from '../environment.ts';

const authorizer = {
  KEYS_TABLE: variables.name,
  /** Who issues the access tokens: the address of the user pool. */
  TOKEN_ISSUER: variables.url,
  /** The pool's clients whose tokens are taken, separated by commas. */
  CLIENT_IDS: z
    .string()
    .transform(ids => ids.split(','))
    .pipe(z.array(variables.name)),
};

export type AuthorizerEnvironment = EnvironmentOf<typeof authorizer>;
export const parseAuthorizerConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(authorizer, env);
