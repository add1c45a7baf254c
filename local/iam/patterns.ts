/** Wildcards and policy variables of policy elements. */

/** Looks up a condition key, e.g. `aws:PrincipalArn`. @returns undefined when the call has no single value for it */
export type VariableLookup = (key: string) => string | undefined;

/** Matches a text against an element of a policy. */
export type Pattern = (text: string, variables: VariableLookup) => boolean;

export interface PatternOptions {
  /** Whether `*` and `?` stand for other text. @default true */
  readonly wildcards?: boolean;
  /** @default false */
  readonly ignoreCase?: boolean;
}

/** `${key}`, `${key, 'default'}`, and the escapes `${*}`, `${?}` and `${$}` */
const VARIABLE = /\$\{([^}]*)\}/g;

/** Compiles one value of an Action, Resource or Condition element. */
export function compilePattern(value: string, { wildcards = true, ignoreCase = false }: PatternOptions = {}): Pattern {
  const flags = ignoreCase ? 'isu' : 'su';
  const toRegExp = (variables: VariableLookup | undefined) => {
    const source = patternSource(value, wildcards, variables);
    return source === undefined ? undefined : new RegExp(`^${source}$`, flags);
  };
  if (value.includes('${')) return (text, variables) => toRegExp(variables)?.test(text) ?? false;
  const fixed = toRegExp(undefined);
  return text => fixed?.test(text) ?? false;
}

/** @returns undefined when a variable has no value: then nothing matches, as on AWS */
function patternSource(value: string, wildcards: boolean, variables: VariableLookup | undefined): string | undefined {
  let source = '';
  let end = 0;
  for (const variable of value.matchAll(VARIABLE)) {
    const resolved = resolveVariable(variable[1] ?? '', variables);
    if (resolved === undefined) return undefined;
    // A variable's value stands for itself, wildcards in it included.
    source += literalSource(value.slice(end, variable.index), wildcards) + escapeRegExp(resolved);
    end = variable.index + variable[0].length;
  }
  return source + literalSource(value.slice(end), wildcards);
}

function resolveVariable(expression: string, variables: VariableLookup | undefined): string | undefined {
  if (expression === '*' || expression === '?' || expression === '$') return expression;
  const [, key = '', fallback] = /^\s*([^,]*?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(expression) ?? [];
  return variables?.(key) ?? fallback;
}

function literalSource(text: string, wildcards: boolean): string {
  if (!wildcards) return escapeRegExp(text);
  return text
    .split(/(\*+|\?)/)
    .map(part => (part.startsWith('*') ? '.*' : part === '?' ? '.' : escapeRegExp(part)))
    .join('');
}

const escapeRegExp = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
