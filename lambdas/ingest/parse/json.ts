import { BlockList, type ParsedDocument, type Source } from './block.ts';
import { decodeText } from './decode-text.ts';
import { limits } from './limits.ts';
import { rowLine } from './table.ts';
import { unreadable } from './unreadable.ts';

/** JSON and JSON Lines: each object is a record, `key: value; …`. What is no JSON after all is read as plain lines. */
export function read({ bytes }: Source): ParsedDocument {
  const { text } = decodeText(bytes);
  const list = new BlockList();
  const whole = parseJson(text);
  if (whole) addValue(list, whole.value, '', 0);
  else for (const line of text.split(/\r?\n/)) addLine(list, line);
  return { blocks: list.blocks };
}

function addLine(list: BlockList, line: string): void {
  const parsed = parseJson(line);
  if (parsed) addValue(list, parsed.value, '', 0);
  else list.add({ kind: 'paragraph', text: line, place: {} });
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof RangeError) throw unreadable('too-deep'); // the parser's stack is used up
    throw error;
  }
}

/** An object with more values than this is read part by part. */
const maxRecordValues = 60;

function addValue(list: BlockList, value: unknown, path: string, depth: number): void {
  if (depth > limits.nesting) throw unreadable('too-deep');
  if (Array.isArray(value) && value.some(isContainer)) {
    for (const item of value) addValue(list, item, path, depth + 1);
    return;
  }
  const names: string[] = [];
  const values: string[] = [];
  if (flatten(value, path, names, values, depth)) {
    list.add({ kind: 'table-row', text: rowLine(values, names), place: {} });
    return;
  }
  const entries: [string, unknown][] = Array.isArray(value) ? value.map(item => [path, item]) : childrenOf(value, path);
  for (const [name, child] of entries) addValue(list, child, name, depth + 1);
}

/** Collects the values of a record and the records in it. @returns false when there are too many for one block */
function flatten(value: unknown, path: string, names: string[], values: string[], depth: number): boolean {
  if (depth > limits.nesting) throw unreadable('too-deep');
  if (values.length >= maxRecordValues) return false;
  if (value === null || value === undefined) return true;
  if (Array.isArray(value) && !value.some(isContainer)) {
    if (value.length > maxRecordValues) return false;
    names.push(path);
    values.push(value.map(String).join(', '));
    return true;
  }
  if (isContainer(value)) {
    return childrenOf(value, path).every(([name, child]) => flatten(child, name, names, values, depth + 1));
  }
  names.push(path);
  values.push(String(value));
  return true;
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Items of a list have their list's name; keys within keys are joined by a dot. */
function childrenOf(value: unknown, path: string): [string, unknown][] {
  if (Array.isArray(value)) return value.map(item => [path, item]);
  if (!isContainer(value)) return [];
  return Object.entries(value).map(([key, child]) => [path === '' ? key : `${path}.${key}`, child]);
}
