import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { describeWithData } from '../../support/test-data.ts';
import type { Outcome } from './parse-worker.ts';

interface BadFile {
  readonly path: string;
  readonly outcome: 'indexed' | 'rejected' | 'indexed or rejected';
  readonly mustContain?: readonly string[];
  readonly mustNotContain?: readonly string[];
}

const timeLimitMs = 20_000;
const memoryMb = 512;

/** Reads a file where a crash, a hang or a flood of memory ends the worker and nothing else. */
async function parseInWorker(path: string): Promise<Outcome> {
  const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
    workerData: path,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const timer = setTimeout(() => reject(new Error(`still parsing after ${timeLimitMs} ms`)), timeLimitMs);
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', code => reject(new Error(`the worker ended with code ${code} and no outcome`)));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

describeWithData('broken and hostile files', folder => {
  const manifest = JSON.parse(readFileSync(join(folder, 'bad/manifest.json'), 'utf8')) as { files: BadFile[] };

  afterEach(() => {
    for (const path of ['/tmp/traversal.txt', '/etc/traversal.txt']) expect(existsSync(path)).toBe(false);
  });

  it.for(manifest.files)(
    '$path is $outcome',
    { timeout: timeLimitMs + 10_000 },
    async ({ path, outcome, mustContain = [], mustNotContain = [] }) => {
      const result = await parseInWorker(join(folder, 'bad', path));
      expect(outcome.split(' or '), JSON.stringify(result).slice(0, 300)).toContain(result.outcome);
      if (result.outcome === 'rejected') {
        expect(result.code).toMatch(/^[a-z]+(-[a-z]+)*$/);
        expect(result.message).toMatch(/^[A-Z].{30,}\.$/s);
        return;
      }
      expect(result.chunks).toBeGreaterThan(0);
      expect(result.largestChunk).toBeLessThanOrEqual(1_150);
      expect(result.text).not.toMatch(hidden);
      for (const text of mustContain) expect(result.text).toContain(text);
      for (const text of mustNotContain) expect(result.text).not.toContain(text);
    },
  );
});

/** Control characters but line break and tab, bidi overrides, byte order marks. */
const hidden = new RegExp(
  `[${['\\u0000-\\u0008', '\\u000b-\\u001f', '\\u007f-\\u009f', '\\u202a-\\u202e', '\\ufeff'].join('')}]`,
);
