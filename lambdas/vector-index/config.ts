import { type EnvironmentOf, parseEnvironment, variables } from '../environment.ts';

const vectorIndex = { PINECONE_SECRET_ARN: variables.arn };

export type VectorIndexEnvironment = EnvironmentOf<typeof vectorIndex>;
export const parseVectorIndexConfig = (env: NodeJS.ProcessEnv) =>
  // Pinecone's client reads the address of its control plane from the environment only when it gets no options at all.
  // No construct sets it; where the functions run locally, the variable leads to the Pinecone there.
  parseEnvironment({ ...vectorIndex, PINECONE_CONTROLLER_HOST: variables.url.optional() }, env);
