import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLogFiles } from '../../local/lambda/log-files.ts';
import { readableLogLine } from '../../local/lambda/log-lines.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

it('goes on with the files that it finds', () => {
  for (const line of ['first', 'second']) {
    const files = openLogFiles(folder);
    files.write('worker', line);
    files.close();
  }
  expect(read('worker.log')).toBe('first\nsecond\n');
});

it('keeps the newest lines within its bound', () => {
  const files = openLogFiles(folder, 1000);
  for (let index = 0; index < 1000; index += 1) files.write('worker', `line ${index} of a function`);
  files.close();
  const lines = `${read('worker.log.1')}${read('worker.log')}`.trimEnd().split('\n');
  expect(lines.at(-1)).toBe('line 999 of a function');
  expect(lines.length).toBeGreaterThan(40);
  expect(lines).toEqual(lines.map((_, index) => `line ${1000 - lines.length + index} of a function`));
  expect(read('worker.log').length + read('worker.log.1').length).toBeLessThan(2100);
});

it.each([
  ['{"level":"INFO","message":"Handled"}', 'info'],
  ['{"level":"WARN","message":"Slow"}', 'warn'],
  ['{"level":"ERROR","message":"Broken"}', 'error'],
  ['2026-01-01T00:00:00.000Z\t8d5e\tINFO\tHandled', 'info'],
  ['2026-01-01T00:00:00.000Z\tundefined\tERROR\tBroken', 'error'],
  ['(node:1) Warning: something', undefined],
  ['{"message":"of an unknown kind"}', undefined],
])('reads the level of %s', (line, level) => {
  expect(readableLogLine(line, undefined)?.level).toBe(level);
});
