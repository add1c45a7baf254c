import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const found = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, code]) => (code ? [code] : []));
const sorted = (codes: readonly string[]): string[] => [...new Set(codes)].sort();

/** The codes that a part of the page has entries for. */
function entries(heading: string): string[] {
  const part = read('docs/troubleshooting.md')
    .split(/^## /m)
    .find(text => text.startsWith(`${heading}\n`));
  return found(part ?? '', /^### `([a-z-]+)`$/gm);
}

describe('troubleshooting', () => {
  it('has an entry for each problem of the API, and for nothing else', () => {
    const kinds = [
      ...found(read('lambdas/errors.ts'), /\bkind: '([a-z-]+)'/g),
      ...found(read('lib/gateway-problems.ts'), /\bkind: '([a-z-]+)'/g),
      ...found(read('lambdas/http/problem.ts'), /'\/problems\/([a-z-]+)'/g),
    ];
    expect(kinds).toContain('internal-error');
    expect(entries('Problems of the API').sort()).toEqual(sorted(kinds));
  });

  it('has an entry for each reason why a document FAILED, and for nothing else', () => {
    const sources = globSync(['lambdas/ingest/**/*.ts', 'lambdas/adapters/textract-*.ts'], { cwd: root }).map(read);
    const [, sentences = ''] = /const sentences = \{(.*?)\n\}/s.exec(read('lambdas/ingest/parse/unreadable.ts')) ?? [];
    const codes = [
      ...sources.flatMap(text => found(text, /\bcode: '([a-z-]+)'/g)),
      ...sources.flatMap(text => found(text, /\b(?:UnreadableDocument|unreadable)\(\s*'([a-z-]+)'/g)),
      ...found(sentences, /^ {2}'?([a-z-]+)'?:/gm),
    ];
    expect(codes).toEqual(expect.arrayContaining(['encrypted', 'sidecar-invalid', 'ocr-failed', 'corrupt-file']));
    expect(entries('Documents that FAILED').sort()).toEqual(sorted(codes));
  });
});
