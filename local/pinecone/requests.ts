/** Bodies of the API of 2026-07, as far as the local Pinecone takes them. Unknown fields are refused. */
import { z } from 'zod';
import { badRequest } from './errors.ts';

const METRICS = ['cosine', 'dotproduct', 'euclidean'] as const;
export type Metric = (typeof METRICS)[number];

export const DENSE_FIELD = '_values';
const MAX_RECORDS = 1000;
const MAX_ID_LENGTH = 512;
const MAX_SPARSE_VALUES = 2048;

const deletionProtection = z.enum(['enabled', 'disabled']);
const tags = z.record(z.string().min(1).max(80), z.string().max(120)).refine(all => Object.keys(all).length <= 20);
const cloud = z.enum(['aws', 'gcp', 'azure']);

export const createIndexBody = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z0-9](?:[a-z0-9-]{0,43}[a-z0-9])?$/,
      'must be 1 to 45 lower case letters, digits or hyphens, with no hyphen at either end',
    ),
  schema: z.strictObject({
    fields: z.strictObject({
      [DENSE_FIELD]: z.strictObject({
        type: z.literal('dense_vector'),
        dimension: z.int().min(1).max(20_000),
        metric: z.enum(METRICS).default('cosine'),
        description: z.string().optional(),
      }),
    }),
  }),
  deployment: z
    .strictObject({ deployment_type: z.literal('managed'), cloud, region: z.string().min(1) })
    .default({ deployment_type: 'managed', cloud: 'aws', region: 'us-east-1' }),
  read_capacity: z.strictObject({ mode: z.literal('OnDemand') }).optional(),
  deletion_protection: deletionProtection.default('disabled'),
  tags: tags.default({}),
});
export type IndexSpec = z.infer<typeof createIndexBody>;

export const configureIndexBody = z.strictObject({
  deletion_protection: deletionProtection.optional(),
  /** An empty value removes the tag. */
  tags: tags.optional(),
  read_capacity: z.strictObject({ mode: z.literal('OnDemand') }).optional(),
});

const id = z
  .string()
  .min(1)
  .max(MAX_ID_LENGTH)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every ASCII character but NUL may stand in an id
  .regex(/^[\x01-\x7f]+$/, 'must be ASCII');
const ids = z.array(id).min(1).max(MAX_RECORDS);
const namespace = z.string().default('');
const values = z.array(z.number());
const filter = z.record(z.string(), z.unknown());
const metadata = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], {
    error: 'must be a string, number, boolean or list of strings',
  }),
);
const sparseValues = z
  .strictObject({
    indices: z.array(z.int().min(0).max(0xffff_ffff)).max(MAX_SPARSE_VALUES),
    values: values.max(MAX_SPARSE_VALUES),
  })
  .refine(sparse => sparse.indices.length === sparse.values.length, 'needs as many indices as values')
  .refine(sparse => new Set(sparse.indices).size === sparse.indices.length, 'has an index twice');
export type SparseValues = z.infer<typeof sparseValues>;

const record = z.strictObject({
  id,
  values,
  sparseValues: sparseValues.optional(),
  metadata: metadata.optional(),
});
export type VectorRecord = z.infer<typeof record>;

export const upsertBody = z.strictObject({ vectors: z.array(record).min(1).max(MAX_RECORDS), namespace });

export const queryBody = z.strictObject({
  namespace,
  topK: z.int().min(1).max(10_000),
  vector: values.optional(),
  id: id.optional(),
  sparseVector: sparseValues.optional(),
  filter: filter.optional(),
  includeValues: z.boolean().default(false),
  includeMetadata: z.boolean().default(false),
  /** How hard the search tries: every search here is exact. */
  scanFactor: z.number().min(0.5).max(4).optional(),
  maxCandidates: z.int().min(1).max(100_000).optional(),
});

export const updateBody = z.strictObject({
  namespace,
  id: id.optional(),
  filter: filter.optional(),
  values: values.optional(),
  sparseValues: sparseValues.optional(),
  setMetadata: metadata.optional(),
  dryRun: z.boolean().default(false),
});

export const deleteBody = z.strictObject({
  namespace,
  ids: ids.optional(),
  filter: filter.optional(),
  deleteAll: z.boolean().default(false),
});

export const statsBody = z.strictObject({ filter: filter.optional() });

export const fetchQuery = z.strictObject({ ids, namespace });

const pageQuery = {
  prefix: z.string().default(''),
  limit: z.coerce.number().int().min(1).max(100).default(100),
  paginationToken: z.string().optional(),
};
export const listQuery = z.strictObject({ namespace, ...pageQuery });
export const namespacesQuery = z.strictObject(pageQuery);

/** @throws PineconeError 400 that names the first field that is wrong */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badRequest(`${issue?.path.join('.') || 'The request'}: ${issue?.message ?? 'invalid'}`);
}
