import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stageSettings } from '../../lib/settings.ts';

/** What z.toJSONSchema writes of a setting. */
interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly minLength?: number;
}

interface Row {
  readonly name: string;
  /** Undefined: the schema has none, and the table says in words what happens. */
  readonly default: string | undefined;
  readonly limits: string;
}

const quoted = (value: unknown) => `\`${Array.isArray(value) ? JSON.stringify(value) : value}\``;

function limitsOf({ type, enum: choices, minimum, maximum, pattern, minLength }: JsonSchema): string {
  if (type === 'array') return 'a list';
  if (type === 'boolean') return '`true`, `false`';
  if (choices) return choices.length > 5 ? 'what CloudWatch knows' : choices.map(quoted).join(', ');
  if (pattern !== undefined) return quoted(pattern);
  if (minimum !== undefined) return maximum === undefined ? `at least ${minimum}` : `${minimum} to ${maximum}`;
  if (minLength === 1) return 'not empty';
  throw new Error('A setting of a kind that the table has no words for yet.');
}

function rowsOf(schema: JsonSchema, path: readonly string[] = []): Row[] {
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([key, property]) => rowsOf(property, [...path, key]));
  }
  const value = schema.default === undefined ? undefined : quoted(schema.default);
  return [{ name: quoted(path.join('.')), default: value, limits: limitsOf(schema) }];
}

const guide = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');
const [, section = ''] = guide.split('\n## Settings\n');
const documented = section
  .split('\n## ')[0]
  ?.split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.split('|').map(cell => cell.trim()));

describe('the table of settings in docs/deploy.md', () => {
  const rows = rowsOf(z.toJSONSchema(stageSettings, { io: 'input' }) as JsonSchema); // its type knows every keyword of JSON Schema

  it('has every setting, in the order of the schema, and no other', () => {
    expect(documented?.map(([, name]) => name)).toEqual(rows.map(({ name }) => name));
  });

  it.each(rows)('states default, limits and meaning of $name', row => {
    const [, , value, limits, meaning] = documented?.find(([, name]) => name === row.name) ?? [];
    if (row.default === undefined) expect(value).not.toBe('');
    else expect(value).toBe(row.default);
    expect(limits).toBe(row.limits);
    expect(meaning).toMatch(/\w/);
  });
});
