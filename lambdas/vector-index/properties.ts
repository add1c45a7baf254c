import * as z from 'zod';

/** CloudFormation gives every property as a string. Unknown ones (ServiceToken, ServiceTimeout) are its own. */
const properties = z.object({
  IndexName: z.string().regex(/^[a-z0-9-]{1,45}$/, 'must be 1 to 45 characters of a-z, 0-9 and -'),
  Dimension: z.coerce.number().int().min(1).max(20_000),
  Metric: z.enum(['dotproduct', 'cosine', 'euclidean']),
  Cloud: z.enum(['aws', 'gcp', 'azure']),
  Region: z.string().min(1),
  DeletionProtection: z.enum(['enabled', 'disabled']),
  OnDelete: z.enum(['retain', 'destroy']),
});
export type VectorIndexProperties = z.infer<typeof properties>;

/** @throws Error naming every property that is missing or wrong */
export function parseProperties(input: unknown): VectorIndexProperties {
  const result = properties.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The vector index's properties are wrong. ${faults.join('; ')}`);
}
