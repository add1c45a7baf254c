import type { BlockList } from './block.ts';
import { limits } from './limits.ts';
import { rowLine } from './table.ts';
import { unreadable } from './unreadable.ts';

/** An object with more values than this is read part by part. */
const maxRecordValues = 60;

/**
 * Adds plain data (of JSON or YAML): each object is a record, `key: value; …`, and lists of objects are read item by item.
 * @param path the name that the value has in what holds it; empty at the top
 * @throws UnreadableDocument too-deep
 */
export function addRecords(list: BlockList, value: unknown, path = '', depth = 0): void {
  if (depth > limits.nesting) throw unreadable('too-deep');
  if (Array.isArray(value) && value.some(isContainer)) {
    for (const item of value) addRecords(list, item, path, depth + 1);
    return;
  }
  const names: string[] = [];
  const values: string[] = [];
  if (flatten(value, path, names, values, depth)) {
    list.add({ kind: 'table-row', text: rowLine(values, names), place: {} });
    return;
  }
  const entries: [string, unknown][] = Array.isArray(value) ? value.map(item => [path, item]) : childrenOf(value, path);
  for (const [name, child] of entries) addRecords(list, child, name, depth + 1);
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

export const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Items of a list have their list's name; keys within keys are joined by a dot. */
function childrenOf(value: unknown, path: string): [string, unknown][] {
  if (Array.isArray(value)) return value.map(item => [path, item]);
  if (!isContainer(value)) return [];
  return Object.entries(value).map(([key, child]) => [path === '' ? key : `${path}.${key}`, child]);
}
