import type { Template, Value } from '../assembly.ts';
import { ACCOUNT_ID, PARTITION } from '../contracts.ts';

/** A template that cannot be deployed here; the message says which part and why. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** What the values of one stack are resolved against. */
export interface Scope {
  /** The stack's pseudo parameters, parameters with their defaults, and mappings. */
  readonly names: Readonly<Record<string, Value>>;
  readonly mappings: Template['mappings'];
  /** Names of the conditions that hold. */
  readonly holding: ReadonlySet<string>;
  /** What `Ref` gives for a resource. @throws TemplateError for one that does not exist */
  ref(logicalId: string): string;
  /** @throws TemplateError naming a resource or an attribute that does not exist */
  attribute(logicalId: string, name: string): Value;
}

const nothing = Symbol('AWS::NoValue');
type Resolved = Value | typeof nothing;

/** Pseudo parameters and the defaults of the template's own parameters. */
export function stackNames(template: Template, stack: { name: string; id: string; region: string }): Scope['names'] {
  const parameters = Object.entries(template.parameters).flatMap(([name, parameter]): [string, Value][] => {
    // A value in Parameter Store: the bootstrap version that CDK asks for is the only one, and nothing reads it.
    if (parameter.type.startsWith('AWS::SSM::Parameter::')) return [];
    if (parameter.default === undefined) throw new TemplateError(`Parameter ${name} has no default value.`);
    const isList = parameter.type === 'CommaDelimitedList' || parameter.type.startsWith('List<');
    return [
      [
        name,
        isList
          ? String(parameter.default)
              .split(',')
              .map(item => item.trim())
          : parameter.default,
      ],
    ];
  });
  return {
    ...Object.fromEntries(parameters),
    'AWS::Region': stack.region,
    'AWS::AccountId': ACCOUNT_ID,
    'AWS::Partition': PARTITION,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack.name,
    'AWS::StackId': stack.id,
    'AWS::NotificationARNs': [],
  };
}

/** @returns the names of the template's conditions that hold; conditions see parameters and mappings, no resources */
export function holdingConditions(template: Template, names: Scope['names']): Set<string> {
  const noResources = (logicalId: string): never => {
    throw new TemplateError(`A condition refers to ${logicalId}, which is not a parameter.`);
  };
  const scope = {
    names,
    mappings: template.mappings,
    holding: new Set<string>(),
    ref: noResources,
    attribute: noResources,
  };
  const holds = (name: string, above: readonly string[]): boolean => {
    const condition = template.conditions[name];
    if (condition === undefined) throw new TemplateError(`Condition ${name} does not exist.`);
    if (above.includes(name)) throw new TemplateError(`Conditions form a circle: ${[...above, name].join(' → ')}.`);
    return evaluate(condition, [...above, name]);
  };
  const evaluate = (condition: Value, above: readonly string[]): boolean => {
    const [key, operands] = onlyEntry(condition) ?? ['', null];
    const list = Array.isArray(operands) ? operands : [];
    switch (key) {
      case 'Condition':
        return holds(String(operands), above);
      case 'Fn::And':
        return list.every(operand => evaluate(operand, above));
      case 'Fn::Or':
        return list.some(operand => evaluate(operand, above));
      case 'Fn::Not':
        return !evaluate(list[0] ?? null, above);
      case 'Fn::Equals':
        return JSON.stringify(resolve(list[0] ?? null, scope)) === JSON.stringify(resolve(list[1] ?? null, scope));
      default:
        throw new TemplateError(
          `A condition must use Fn::Equals, And, Or, Not or Condition: ${JSON.stringify(condition)}.`,
        );
    }
  };
  return new Set(Object.keys(template.conditions).filter(name => holds(name, [])));
}

/**
 * Replaces every `Fn::If` by the branch that applies, and drops what is `AWS::NoValue`: what is left refers only to what
 * really is there.
 */
export function chooseBranches(value: Value, holding: ReadonlySet<string>): Value {
  const chosen = choose(value, holding);
  return chosen === nothing ? null : chosen;
}

function choose(value: Value, holding: ReadonlySet<string>): Resolved {
  if (isList(value)) return value.map(item => choose(item, holding)).filter(item => item !== nothing);
  if (value === null || typeof value !== 'object') return value;
  const [key, argument] = onlyEntry(value) ?? ['', null];
  if (key === 'Ref' && argument === 'AWS::NoValue') return nothing;
  if (key !== 'Fn::If')
    return withoutNothing(Object.entries(value).map(([name, item]) => [name, choose(item, holding)]));
  const [name, then, otherwise] = isList(argument) ? argument : [];
  if (typeof name !== 'string' || then === undefined || otherwise === undefined) {
    throw new TemplateError(`Fn::If needs a condition's name and two values: ${JSON.stringify(value)}.`);
  }
  return choose(holding.has(name) ? then : otherwise, holding);
}

function withoutNothing(entries: readonly (readonly [string, Resolved])[]): Value {
  return Object.fromEntries(entries.flatMap(([name, item]) => (item === nothing ? [] : [[name, item]])));
}

/**
 * Resolves every intrinsic function in `value`.
 * @throws TemplateError naming a function that is not known here, or a reference that leads nowhere
 */
export function resolve(value: Value, scope: Scope): Value {
  if (isList(value)) return value.map(item => resolve(item, scope));
  if (value === null || typeof value !== 'object') return value;
  const entry = onlyEntry(value);
  if (entry && isIntrinsic(entry[0])) return call(entry[0], entry[1], scope);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, scope)]));
}

export const isIntrinsic = (key: string): boolean => key === 'Ref' || key.startsWith('Fn::');

/** Intrinsic functions that `resolve` knows; `Fn::If` is gone once the branches are chosen. */
export const knownIntrinsics: readonly string[] = [
  ...['Ref', 'Fn::GetAtt', 'Fn::Join', 'Fn::Sub', 'Fn::Select', 'Fn::Split', 'Fn::FindInMap', 'Fn::If'],
];

function call(name: string, argument: Value, scope: Scope): Value {
  switch (name) {
    case 'Ref':
      return reference(String(argument), scope);
    case 'Fn::GetAtt': {
      const [logicalId, attribute] = attributePath(argument);
      return scope.attribute(logicalId, attribute);
    }
    case 'Fn::Join':
      return join(argument, scope);
    case 'Fn::Sub':
      return substitute(argument, scope);
    case 'Fn::Select':
      return select(argument, scope);
    case 'Fn::Split':
      return split(argument, scope);
    case 'Fn::FindInMap':
      return findInMap(argument, scope);
    case 'Fn::If':
      return resolve(chooseBranches({ [name]: argument }, scope.holding), scope);
    default:
      throw new TemplateError(`${name} is not supported by the local cloud.`);
  }
}

const reference = (name: string, scope: Scope): Value => scope.names[name] ?? scope.ref(name);

/** `['Table', 'Arn']` and `'Table.Arn'` say the same. */
export function attributePath(argument: Value): [logicalId: string, attribute: string] {
  const [logicalId = '', ...rest] = isList(argument) ? argument.map(String) : String(argument).split('.');
  return [logicalId, rest.join('.')];
}

function join(argument: Value, scope: Scope): string {
  const [delimiter, list] = listOf('Fn::Join', argument);
  const items = resolve(list ?? null, scope);
  if (typeof delimiter !== 'string' || !isList(items)) throw malformed('Fn::Join', argument);
  return items.map(text).join(delimiter);
}

function substitute(argument: Value, scope: Scope): string {
  const [template, variables] = isList(argument) ? argument : [argument, {}];
  if (typeof template !== 'string') throw malformed('Fn::Sub', argument);
  const own = variables !== null && typeof variables === 'object' && !isList(variables) ? variables : {};
  return template.replaceAll(subReference, (_, escaped: string, name: string) => {
    if (escaped) return `\${${name}}`;
    const variable = own[name];
    if (variable !== undefined) return text(resolve(variable, scope));
    return text(name.includes('.') ? scope.attribute(...attributePath(name)) : reference(name, scope));
  });
}

/** `${Name}`, `${Resource.Attribute}`; `${!Literal}` stays as `${Literal}`. */
const subReference = /\$\{(!?)([^}]+)\}/g;

/** Logical ids and parameters that a `Fn::Sub` refers to, without those that it defines itself. */
export function subReferences(argument: Value): string[] {
  const [template, variables] = isList(argument) ? argument : [argument, {}];
  const own = variables !== null && typeof variables === 'object' ? Object.keys(variables ?? {}) : [];
  return [...String(template).matchAll(subReference)]
    .filter(([, escaped]) => !escaped)
    .map(([, , name = '']) => name)
    .filter(name => !own.includes(name));
}

function select(argument: Value, scope: Scope): Value {
  const [index, list] = listOf('Fn::Select', argument);
  const items = resolve(list ?? null, scope);
  const item = isList(items) ? items[Number(resolve(index ?? null, scope))] : undefined;
  if (item === undefined) throw malformed('Fn::Select', argument);
  return item;
}

function split(argument: Value, scope: Scope): Value {
  const [delimiter, source] = listOf('Fn::Split', argument);
  if (typeof delimiter !== 'string' || !delimiter) throw malformed('Fn::Split', argument);
  return text(resolve(source ?? null, scope)).split(delimiter);
}

function findInMap(argument: Value, scope: Scope): Value {
  const [map = '', first = '', second = ''] = listOf('Fn::FindInMap', argument).map(key => text(resolve(key, scope)));
  const found = scope.mappings[map]?.[first]?.[second];
  if (found === undefined) throw new TemplateError(`Fn::FindInMap finds nothing at ${map}.${first}.${second}.`);
  return found;
}

function listOf(name: string, argument: Value): readonly Value[] {
  if (!isList(argument)) throw malformed(name, argument);
  return argument;
}

function text(value: Value): string {
  if (value === null || typeof value === 'object') {
    throw new TemplateError(`A string was expected: ${JSON.stringify(value)}.`);
  }
  return String(value);
}

const malformed = (name: string, argument: Value) =>
  new TemplateError(`${name} is malformed or finds nothing: ${JSON.stringify(argument)}.`);

/** The one entry of an object with one key. */
export function onlyEntry(value: Value): [string, Value] | undefined {
  if (value === null || typeof value !== 'object' || isList(value)) return undefined;
  const [entry, ...others] = Object.entries(value);
  return others.length === 0 ? entry : undefined;
}

/** Like Array.isArray, which does not narrow read-only arrays. */
export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
