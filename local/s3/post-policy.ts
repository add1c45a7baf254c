import { z } from 'zod';
import { S3Error } from './errors.ts';

const condition = z.union([
  z.tuple([z.literal('content-length-range'), z.coerce.number().int().min(0), z.coerce.number().int().min(0)]),
  z.tuple([z.literal(['eq', 'starts-with']), z.string().startsWith('$'), z.string()]),
  z.record(z.string(), z.string()).refine(record => Object.keys(record).length === 1),
]);
const policyDocument = z.object({ expiration: z.iso.datetime(), conditions: z.array(condition) });

/** Fields that no condition has to name: what signs the policy, and what it is. */
const UNCONDITIONED = new Set(['policy', 'x-amz-signature', 'signature', 'awsaccesskeyid', 'file']);

interface FieldCondition {
  readonly operator: 'eq' | 'starts-with';
  /** In lower case, without `$`. */
  readonly field: string;
  readonly value: string;
}

export interface PostPolicy {
  readonly expiresAt: number;
  readonly fields: readonly FieldCondition[];
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** @param encoded the form's field, base64 of JSON @throws S3Error InvalidPolicyDocument */
export function parsePolicy(encoded: string): PostPolicy {
  const parsed = policyDocument.safeParse(parseJson(Buffer.from(encoded, 'base64').toString('utf8')));
  if (!parsed.success) throw invalidPolicy(z.prettifyError(parsed.error));
  const fields: FieldCondition[] = [];
  let minBytes = 0;
  let maxBytes = Number.POSITIVE_INFINITY;
  for (const entry of parsed.data.conditions) {
    if (!Array.isArray(entry)) {
      for (const [field, value] of Object.entries(entry))
        fields.push({ operator: 'eq', field: field.toLowerCase(), value });
    } else if (entry[0] === 'content-length-range') {
      minBytes = Math.max(minBytes, entry[1]);
      maxBytes = Math.min(maxBytes, entry[2]);
    } else {
      fields.push({ operator: entry[0], field: entry[1].slice(1).toLowerCase(), value: entry[2] });
    }
  }
  return { expiresAt: Date.parse(parsed.data.expiration), fields, minBytes, maxBytes };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalidPolicy('It is not JSON.');
  }
}

const invalidPolicy = (reason: string) =>
  new S3Error(
    'InvalidPolicyDocument',
    `The content of the form does not meet the conditions specified in the policy document. ${reason}`,
  );

/**
 * @param fields the form's, names in lower case, `bucket` and the final `key` among them
 * @param now milliseconds since 1970
 * @throws S3Error AccessDenied that names the condition which does not hold
 */
export function enforcePolicy(policy: PostPolicy, fields: ReadonlyMap<string, string>, now: number): void {
  if (now >= policy.expiresAt) throw denied('Policy expired.');
  for (const { operator, field, value } of policy.fields) {
    const actual = fields.get(field) ?? '';
    const holds = operator === 'eq' ? actual === value : startsWith(field, actual, value);
    if (!holds) throw denied(`Policy Condition failed: ${JSON.stringify([operator, `$${field}`, value])}`);
  }
  const conditioned = new Set(policy.fields.map(({ field }) => field));
  const extra = [...fields.keys()].filter(
    field =>
      !conditioned.has(field) && !UNCONDITIONED.has(field) && !field.startsWith('x-ignore-') && field !== 'bucket',
  );
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`);
}

/** Of a Content-Type that lists several, each must begin so. */
const startsWith = (field: string, actual: string, value: string) =>
  field === 'content-type' ? actual.split(',').every(type => type.trim().startsWith(value)) : actual.startsWith(value);

const denied = (reason: string) => new S3Error('AccessDenied', `Invalid according to Policy: ${reason}`);
