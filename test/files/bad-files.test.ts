import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { isolatedDocumentReader } from '../../lambdas/adapters/isolated-document-reader.ts';
import { UnreadableDocument } from '../../lambdas/errors.ts';
import { rejectionOf } from '../../lambdas/ingest/failures.ts';
import { buildBundle } from '../../lib/bundles.ts';
import { fileOf, readWhole } from '../contracts/document-reader.ts';
import { describeWithData } from '../support/test-data.ts';

interface BadFile {
  readonly path: string;
  readonly outcome: 'indexed' | 'rejected' | 'indexed or rejected';
  readonly mustContain?: readonly string[];
  readonly mustNotContain?: readonly string[];
}

/** What the process step gives a file; past either the file is rejected. */
const bounds = { timeLimitMs: 20_000, memoryMegabytes: 512 };
const maxDocumentBytes = 50 * 1024 * 1024;
const chunking = { targetTokens: 1_000, overlapTokens: 200 };

describeWithData('broken and hostile files, read as the process step reads them', folder => {
  const manifest = JSON.parse(readFileSync(join(folder, 'bad/manifest.json'), 'utf8')) as { files: BadFile[] };
  let bundles: string;
  let reader: ReturnType<typeof isolatedDocumentReader>;

  beforeAll(async () => {
    bundles = mkdtempSync(join(tmpdir(), 'bad-files-'));
    const bundle = await buildBundle(join(import.meta.dirname, '../..'), bundles, 'process');
    const entry = pathToFileURL(join(bundle, 'reading-process.mjs'));
    reader = isolatedDocumentReader({ entry, memoryMegabytes: bounds.memoryMegabytes, chunking });
  }, 60_000);
  afterAll(() => {
    reader.close();
    rmSync(bundles, { recursive: true, force: true });
  });
  afterEach(() => {
    for (const path of ['/tmp/traversal.txt', '/etc/traversal.txt']) expect(existsSync(path)).toBe(false);
  });

  async function attempt(path: string) {
    const bytes = readFileSync(join(folder, 'bad', path));
    const rejection = rejectionOf(bytes.length, maxDocumentBytes);
    if (rejection) return { outcome: 'rejected' as const, ...rejection };
    const file = { ...fileOf(bytes, `documents/${path}`, 65_536), timeLimitMs: bounds.timeLimitMs };
    try {
      return { outcome: 'indexed' as const, ...(await readWhole(reader, file)) };
    } catch (error) {
      if (!(error instanceof UnreadableDocument)) throw error;
      return { outcome: 'rejected' as const, code: error.code, message: error.message };
    }
  }

  it.for(manifest.files)(
    '$path is $outcome',
    { timeout: bounds.timeLimitMs + 10_000 },
    async ({ path, outcome, mustContain = [], mustNotContain = [] }) => {
      const result = await attempt(path);
      expect(outcome.split(' or '), JSON.stringify(result).slice(0, 300)).toContain(result.outcome);
      if (result.outcome === 'rejected') {
        expect(result.code).toMatch(/^[a-z]+(-[a-z]+)*$/);
        expect(result.code, 'no file of the set needs to be stopped from outside').not.toMatch(/timeout|complex/);
        expect(result.message).toMatch(/^[A-Z].{30,}\.$/s);
        return;
      }
      const text = result.chunks.map(chunk => chunk.text).join('\n');
      expect(result.chunkCount).toBeGreaterThan(0);
      expect(Math.max(...result.chunks.map(chunk => chunk.tokenCount))).toBeLessThanOrEqual(1_150);
      expect(text).not.toMatch(hidden);
      for (const wanted of mustContain) expect(text).toContain(wanted);
      for (const unwanted of mustNotContain) expect(text).not.toContain(unwanted);
    },
  );
});

/** Control characters but line break and tab, bidi overrides, byte order marks. */
const hidden = new RegExp(
  `[${['\\u0000-\\u0008', '\\u000b-\\u001f', '\\u007f-\\u009f', '\\u202a-\\u202e', '\\ufeff'].join('')}]`,
);
