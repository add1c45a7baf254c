import { type EnvironmentOf, parseEnvironment, variables } from '../environment.ts';

const vectorIndex = { PINECONE_SECRET_ARN: variables.arn };

export type VectorIndexEnvironment = EnvironmentOf<typeof vectorIndex>;
export const parseVectorIndexConfig = (env: NodeJS.ProcessEnv) => parseEnvironment(vectorIndex, env);
