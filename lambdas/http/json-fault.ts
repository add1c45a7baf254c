/** Tokens of JSON (RFC 8259) after white space, each anchored where the scan stands. */
const WHITE_SPACE = /[ \t\n\r]*/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** As far as a string is well formed; it ends there or its next character is the fault. */
const STRING_START = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/uy;

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end';

/**
 * Where a text stops being JSON, since the error of `JSON.parse` does not always say it.
 * @returns the offset of the first character that cannot stand there; the text's length when it ends too early
 */
export function findJsonFault(text: string): number {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = skip(WHITE_SPACE, text, 0);
  let begun = false;
  while (!begun || open.length > 0) {
    begun = true;
    const step = scan(text, at, expected, open);
    if ('fault' in step) return step.fault;
    expected = step.next;
    at = skip(WHITE_SPACE, text, step.at);
  }
  return at;
}

type Step = { readonly at: number; readonly next: Expected } | { readonly fault: number };

/** Reads one token where `expected` may stand, and keeps `open` in step with the brackets. */
function scan(text: string, at: number, expected: Expected, open: ('{' | '[')[]): Step {
  const char = text.at(at);
  if (expected === 'colon') return char === ':' ? { at: at + 1, next: 'value' } : { fault: at };
  if (expected === 'comma-or-end' && char === ',') return { at: at + 1, next: open.at(-1) === '{' ? 'key' : 'value' };
  if (char === '}' || char === ']') return close(char, at, expected, open);
  if (expected === 'comma-or-end') return { fault: at };
  if (expected === 'key' || expected === 'key-or-end') return scanString(text, at, 'colon');
  if (char === '{' || char === '[') {
    open.push(char);
    return { at: at + 1, next: char === '{' ? 'key-or-end' : 'value-or-end' };
  }
  if (char === '"') return scanString(text, at, 'comma-or-end');
  const end = skip(SCALAR, text, at);
  return end > at ? { at: end, next: 'comma-or-end' } : { fault: at };
}

function close(char: '}' | ']', at: number, expected: Expected, open: ('{' | '[')[]): Step {
  const ends = char === '}' ? 'key-or-end' : 'value-or-end';
  const matches = open.at(-1) === (char === '}' ? '{' : '[');
  if (!matches || (expected !== ends && expected !== 'comma-or-end')) return { fault: at };
  open.pop();
  return { at: at + 1, next: 'comma-or-end' };
}

function scanString(text: string, at: number, next: Expected): Step {
  const end = skip(STRING_START, text, at);
  return text.at(end) === '"' && end > at ? { at: end + 1, next } : { fault: end };
}

/** @returns where `pattern`, tried at `at`, ends; `at` itself when it does not match */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
