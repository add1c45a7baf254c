/** Condition blocks. @see "IAM JSON policy elements: Condition operators", AWS IAM User Guide */
import type { PolicyStatement } from '../contracts.ts';
import type { RequestContext } from './context.ts';
import { compilePattern, type VariableLookup } from './patterns.ts';
import { PolicyError } from './policy-error.ts';

/** Whether the call's condition keys satisfy a Condition element. */
export type Condition = (context: RequestContext) => boolean;

/** Whether one value of the call matches one value of the policy. */
type ValueTest = (value: string, variables: VariableLookup) => boolean;

interface Operator {
  /** Compiles a value of the policy. @throws PolicyError when it is not of the operator's type */
  readonly compile: (policyValue: string) => ValueTest;
  /** `…NotEquals`: true when no value of the policy matches. */
  readonly negated: boolean;
}

/**
 * No server of the local cloud knows these. A condition on an absent key can hold (`ForAllValues`, `…IfExists`, `…Not…`),
 * so taking them as absent would allow what AWS denies.
 */
const UNKNOWN_KEYS = [
  'dynamodb:',
  'aws:sourceip',
  'aws:sourcevpc',
  'aws:vpcsourceip',
  'aws:principaltag/',
  'aws:principalorg',
];

const exact = (value: string) => compilePattern(value, { wildcards: false });
const exactIgnoringCase = (value: string) => compilePattern(value, { wildcards: false, ignoreCase: true });
const wildcard = (value: string) => compilePattern(value);

const OPERATORS: Readonly<Record<string, Operator>> = {
  ...withNegation('String', 'Equals', exact),
  ...withNegation('String', 'EqualsIgnoreCase', exactIgnoringCase),
  ...withNegation('String', 'Like', wildcard),
  ...withNegation('Arn', 'Equals', compileArn),
  ...withNegation('Arn', 'Like', compileArn),
  ...ordered('Numeric', toNumber),
  ...ordered('Date', toTime),
  Bool: { compile: exactIgnoringCase, negated: false },
};

/** @throws PolicyError for an operator, key or value that is not emulated */
export function compileCondition(block: PolicyStatement['Condition'] = {}): Condition {
  const tests = Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => compileTest(operator, key, [values].flat().map(String))),
  );
  return context => tests.every(test => test(context));
}

function compileTest(name: string, key: string, policyValues: readonly string[]): Condition {
  const lowerKey = key.toLowerCase();
  if (UNKNOWN_KEYS.some(unknown => lowerKey.startsWith(unknown))) {
    throw new PolicyError(`The local cloud does not know the condition key ${key}.`);
  }
  if (name === 'Null') return compileNull(lowerKey, policyValues);

  const { set, base, ifExists } = parseOperator(name);
  const operator = OPERATORS[base];
  if (!operator) throw new PolicyError(`The local cloud does not have the condition operator ${name}.`);
  const tests = policyValues.map(operator.compile);

  return context => {
    const values = context.get(lowerKey) ?? [];
    if (values.length === 0) return set === 'ForAllValues' || (set === undefined && (ifExists || operator.negated));
    const variables = variableLookup(context);
    const matches = (value: string) => tests.some(test => test(value, variables)) !== operator.negated;
    // A key with many values is to be used with a set operator; without one, a negation must hold for each of them.
    const forEach = set === undefined ? operator.negated : set === 'ForAllValues';
    return forEach ? values.every(matches) : values.some(matches);
  };
}

function parseOperator(name: string) {
  const match = /^(?:(ForAnyValue|ForAllValues):)?(.+?)(IfExists)?$/.exec(name);
  return { set: match?.[1], base: match?.[2] ?? '', ifExists: match?.[3] !== undefined };
}

/** `Null: { key: true }` holds when the call does not have the key. */
function compileNull(key: string, policyValues: readonly string[]): Condition {
  if (policyValues.some(value => value !== 'true' && value !== 'false')) {
    throw new PolicyError(`Null takes true or false for ${key}, not ${policyValues.join(', ')}.`);
  }
  return context => policyValues.includes(String(!context.has(key)));
}

/** Policy variables: only keys with a single value can stand in a policy. */
export function variableLookup(context: RequestContext): VariableLookup {
  return key => {
    const values = context.get(key.toLowerCase());
    return values?.length === 1 ? values[0] : undefined;
  };
}

function withNegation(type: string, test: string, compile: Operator['compile']): Record<string, Operator> {
  return { [type + test]: { compile, negated: false }, [`${type}Not${test}`]: { compile, negated: true } };
}

function ordered(type: string, parse: (text: string) => number): Record<string, Operator> {
  const compiler = (holds: (value: number, limit: number) => boolean) => (policyValue: string) => {
    const limit = parse(policyValue);
    if (Number.isNaN(limit)) throw new PolicyError(`A ${type} condition cannot compare with ${policyValue}.`);
    return (value: string) => holds(parse(value), limit);
  };
  return {
    ...withNegation(
      type,
      'Equals',
      compiler((value, limit) => value === limit),
    ),
    [`${type}LessThan`]: { compile: compiler((value, limit) => value < limit), negated: false },
    [`${type}LessThanEquals`]: { compile: compiler((value, limit) => value <= limit), negated: false },
    [`${type}GreaterThan`]: { compile: compiler((value, limit) => value > limit), negated: false },
    [`${type}GreaterThanEquals`]: { compile: compiler((value, limit) => value >= limit), negated: false },
  };
}

function toNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** ISO 8601, or seconds since 1970. @returns milliseconds */
function toTime(text: string): number {
  return /^\d{5,}$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

/** ARNs match part by part, so that a `*` does not reach over a colon; the last part is the rest. */
function compileArn(policyValue: string): ValueTest {
  const patterns = arnParts(policyValue).map(part => compilePattern(part));
  if (patterns.length !== 6 && policyValue !== '*') {
    throw new PolicyError(`An Arn condition cannot compare with ${policyValue}: it is no ARN.`);
  }
  if (policyValue === '*') return () => true;
  return (value, variables) => {
    const parts = arnParts(value);
    return parts.length === 6 && patterns.every((pattern, index) => pattern(parts[index] ?? '', variables));
  };
}

/** Splits at the first five colons that are not inside a policy variable. */
function arnParts(arn: string): string[] {
  const parts = arn.match(/(?:\$\{[^}]*\}|[^:])+|(?<=:)(?=:)/g) ?? [];
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
