import * as z from 'zod';
import { budgetsSchema } from './budgets.ts';
import { identityRulesSchema } from './identity/identity-rules.ts';

// A function checks a few small values: code compiled for each schema costs a cold start more than it ever saves.
z.config({ jitless: true });

/** Environment variables that several functions share: one name, one meaning, one check. */
export const variables = {
  arn: z.string().startsWith('arn:'),
  name: z.string().min(1),
  url: z.url(),
  /** US dollars per million tokens; empty: the list price. */
  price: z.union([z.literal('').transform(() => undefined), z.coerce.number().min(0)]),
  count: (min: number, max: number) => z.coerce.number().int().min(min).max(max),
} as const;

/** What a function that talks to Pinecone needs. The key itself is read from Secrets Manager. */
export const vectorIndexVariables = {
  PINECONE_SECRET_ARN: variables.arn,
  PINECONE_INDEX_NAME: variables.name,
  /** The index's own host, known once the index exists; may carry `http://` locally. */
  PINECONE_INDEX_HOST: variables.name,
};

/** What a function that retrieves needs besides. */
export const retrievalVariables = {
  /** Where the statistics of words lie. */
  BUCKET_NAME: variables.name,
  /** Share of meaning in a passage's score, 0 to 1; the rest is the share of words. */
  DENSE_WEIGHT: z.coerce.number().min(0).max(1),
};

/** What a function that may rerank needs. */
export const rerankVariables = {
  /** Of the model that puts passages in order; empty: they keep retrieval's. */
  RERANK_MODEL_ARN: z.string().transform(arn => arn || undefined),
};

/** What a function that embeds needs. */
export const embeddingVariables = {
  EMBEDDING_MODEL_ID: variables.name,
  EMBEDDING_DIMENSION: variables.count(1, 20_000),
  /** Calls to the embedding model at a time. */
  EMBEDDING_CONCURRENCY: variables.count(1, 100),
};

/** A variable in JSON. */
const inJson = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('must be JSON');
        return z.NEVER;
      }
    })
    .pipe(schema);

/** What a function that counts spending, or shows it, needs. */
export const budgetVariables = {
  QUOTAS_TABLE: variables.name,
  /** The limits, in JSON. */
  BUDGETS: inJson(budgetsSchema),
};

/** What a function that answers somebody needs: who may do what, in JSON. */
export const identityVariables = { IDENTITY: inJson(identityRulesSchema) };

/**
 * Parses a function's environment once a cold start.
 * @throws Error naming every variable that is missing or wrong
 */
export function parseEnvironment<Shape extends z.ZodRawShape>(shape: Shape, env: NodeJS.ProcessEnv) {
  const result = z.object(shape).safeParse(env);
  if (result.success) return result.data;
  const faults = result.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`This function's environment is wrong. ${faults.join('; ')}`);
}

/** What a construct must supply for a shape, key for key. */
export type EnvironmentOf<Shape> = Record<keyof Shape, string>;
