import { z } from 'zod';
import { badRequest } from './errors.ts';

type MetadataValue = string | number | boolean | readonly string[];
export type Metadata = Readonly<Record<string, MetadataValue>>;
export type MetadataFilter = (metadata: Metadata) => boolean;

type Condition = (value: MetadataValue | undefined) => boolean;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
/** Pinecone takes at most so many values for `$in` and `$nin`. */
const list = z.array(scalar).nonempty().max(10_000);

/** A list of strings meets a condition when one of its strings does. */
const valuesOf = (value: MetadataValue | undefined): readonly (string | number | boolean)[] =>
  value === undefined ? [] : typeof value === 'object' ? value : [value];

const compares =
  (holds: (value: number, operand: number) => boolean) =>
  (operand: unknown): Condition => {
    const bound = z.number().parse(operand);
    return value => typeof value === 'number' && holds(value, bound);
  };
const isIn = (operand: unknown, schema: z.ZodType<readonly (string | number | boolean)[]>): Condition => {
  const wanted = new Set(schema.parse(operand));
  return value => valuesOf(value).some(one => wanted.has(one));
};
const not =
  (condition: Condition): Condition =>
  value =>
    !condition(value);

/** What each operator makes of its operand; a ZodError means that it does not take it. */
const OPERATORS: Readonly<Record<string, (operand: unknown) => Condition>> = {
  $eq: operand => isIn([operand], list),
  $ne: operand => not(isIn([operand], list)),
  $in: operand => isIn(operand, list),
  $nin: operand => not(isIn(operand, list)),
  $gt: compares((value, bound) => value > bound),
  $gte: compares((value, bound) => value >= bound),
  $lt: compares((value, bound) => value < bound),
  $lte: compares((value, bound) => value <= bound),
  $exists: operand => {
    const wanted = z.boolean().parse(operand);
    return value => (value !== undefined) === wanted;
  },
};

/**
 * Pinecone's filter language: `{ field: value }`, `{ field: { $op: operand } }`, `$and` and `$or`. All that is given must hold.
 * @throws PineconeError 400 that names the operator that is wrong
 */
export function compileFilter(filter: unknown): MetadataFilter {
  const fields = Object.entries(objectOf(filter, 'A filter'));
  if (fields.length === 0) throw badRequest('A filter must have at least one field.');
  const parts = fields.map(([name, operand]) => {
    if (name === '$and' || name === '$or') return compileGroup(name, operand);
    if (name.startsWith('$')) throw badRequest(`${name} is not a valid operator at the top of a filter.`);
    return compileField(name, operand);
  });
  return metadata => parts.every(part => part(metadata));
}

function compileGroup(name: '$and' | '$or', operand: unknown): MetadataFilter {
  if (!Array.isArray(operand) || operand.length === 0) throw badRequest(`${name} needs a list of at least one filter.`);
  const parts = operand.map(compileFilter);
  return name === '$and'
    ? metadata => parts.every(part => part(metadata))
    : metadata => parts.some(part => part(metadata));
}

function compileField(field: string, operand: unknown): MetadataFilter {
  const operations = scalar.safeParse(operand).success
    ? [['$eq', operand] as const]
    : Object.entries(objectOf(operand, `The condition on '${field}'`));
  if (operations.length === 0) throw badRequest(`The condition on '${field}' has no operator.`);
  const conditions = operations.map(([operator, value]) => compileOperation(field, operator, value));
  return metadata => conditions.every(holds => holds(metadata[field]));
}

function compileOperation(field: string, operator: string, operand: unknown): Condition {
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!compile) throw badRequest(`${operator} is not a valid operator.`);
  try {
    return compile(operand);
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    throw badRequest(`the ${operator} operator on '${field}' does not take ${JSON.stringify(operand)}.`);
  }
}

function objectOf(value: unknown, what: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw badRequest(`${what} must be an object, not ${JSON.stringify(value)}.`);
}
