import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe } from 'vitest';
import { isolatedDocumentReader } from '../../lambdas/adapters/isolated-document-reader.ts';
import { documentReader } from '../../lambdas/ingest/read-document.ts';
import { buildBundle } from '../../lib/bundles.ts';
import { documentReaderContract } from './document-reader.ts';

const chunking = { targetTokens: 100, overlapTokens: 10 };

describe('in this process', () => {
  documentReaderContract(() => documentReader(chunking));
});

describe('in a process of its own', () => {
  let folder: string;
  let reader: ReturnType<typeof isolatedDocumentReader>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reading-'));
    const bundle = await buildBundle(join(import.meta.dirname, '../..'), folder, 'process');
    const entry = pathToFileURL(join(bundle, 'reading-process.mjs'));
    reader = isolatedDocumentReader({ entry, memoryMegabytes: 512, chunking });
  });
  afterAll(() => {
    reader.close();
    rmSync(folder, { recursive: true, force: true });
  });

  documentReaderContract(() => reader);
});
