import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { UnreadableDocument } from '../../lambdas/errors.ts';
import { parseDeadLetter } from '../../lambdas/ingest/dead-letter.ts';
import { recognitionMessage } from '../../lambdas/ingest/messages.ts';
import { processDocument } from '../../lambdas/ingest/process.ts';
import { processRecognized } from '../../lambdas/ingest/recognized.ts';
import type { IngestionRules } from '../../lambdas/ingest/rules.ts';
import type { RecognizedLine, TextRecognition } from '../../lambdas/ports.ts';
import { documentId, key, makeSteps, removalOf } from './steps.ts';

const chunking = { targetTokens: 100, overlapTokens: 10 };
const line = (page: number, text: string, top: number): RecognizedLine => ({ page, text, top, height: 0.02 });
const told = (Status: string, version = 1) =>
  recognitionMessage.parse({
    ...{ JobId: 'job-1', Status, API: 'StartDocumentTextDetection', JobTag: `${documentId}:${version}` },
    ...{ Timestamp: 1_795_000_000_000, DocumentLocation: { S3ObjectName: key, S3Bucket: 'bucket' } },
  });

describe('a scanned document', () => {
  let steps: ReturnType<typeof makeSteps>;
  let started: unknown[];
  let rules: IngestionRules;
  beforeEach(async () => {
    steps = makeSteps();
    started = [];
    rules = {};
    steps.ports.readRules = async () => ({ rules });
    steps.ports.readDocument = () => Promise.reject(new UnreadableDocument('no-text-layer', 'Only pictures.'));
    await steps.upload('a scan');
  });
  const recognition: TextRecognition = { start: async (...job) => void started.push(job) };
  const process = (ports: { recognition?: TextRecognition } = { recognition }) =>
    processDocument(
      { ...steps.ports, ...ports },
      { documentId, version: 1 },
      { maxDocumentBytes: 1_000, timeLimitMs: 1_000 },
    );
  const recognized = (lines: readonly RecognizedLine[], message = told('SUCCEEDED')) => {
    const parts = async function* () {
      for (const one of lines) yield [one];
    };
    return processRecognized({ ...steps.ports, recognition: { lines: parts } }, message, chunking);
  };
  const scan = [
    line(1, 'Leave of absence is granted for thir-', 0.1),
    line(1, 'ty days a year.', 0.125),
    line(1, 'Ask your manager first.', 0.2),
    line(2, 'Hotel nights are paid up to 120 euros.', 0.1),
  ];

  it('ends FAILED where scans are not read', async () => {
    expect(await process({})).toEqual({ outcome: 'failed', code: 'no-text-layer' });
  });

  it('goes to recognition, and stays in processing meanwhile', async () => {
    expect(await process()).toEqual({ outcome: 'recognizing' });
    const { s3VersionId } = await steps.version(1);
    expect(started).toEqual([
      [
        { key, s3VersionId },
        { documentId, version: 1, attempt: 1 },
      ],
    ]);
    expect(await steps.head()).toMatchObject({ status: 'PROCESSING' });
  });

  it('ends FAILED where the rules leave recognition out', async () => {
    rules = { ocr: true, folders: { 'documents/': { ocr: false } } };
    expect(await process()).toEqual({ outcome: 'failed', code: 'no-text-layer' });
    expect(started).toEqual([]);
  });

  it('is cut by the rules, and only of the pages that they name', async () => {
    await process();
    rules = { chunkTokens: 50, chunkOverlapTokens: 0, formats: { pdf: { pages: ['2-'] } } };
    const sentences = Array.from({ length: 8 }, (_, n) =>
      line(2, `Room ${n} is paid up to 120 euros a night.`, n / 10),
    );
    await recognized([...scan.slice(0, 3), ...sentences]);
    const chunks = await steps.ports.chunks.range(documentId, 1, 0, 9);
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.every(({ place, tokenCount }) => place.page === 2 && tokenCount <= 50)).toBe(true);
  });

  it('ends FAILED when recognition refuses it', async () => {
    const start = () => Promise.reject(new UnreadableDocument('ocr-failed', 'Damaged.'));
    expect(await process({ recognition: { start } })).toEqual({ outcome: 'failed', code: 'ocr-failed' });
  });

  it('is cut into chunks with their pages, paragraphs apart and parted words together, and embedded', async () => {
    await process();
    expect(await recognized(scan)).toEqual({ outcome: 'planned', chunkCount: 2 });
    const chunks = await steps.ports.chunks.range(documentId, 1, 0, 9);
    expect(chunks.map(({ text, place }) => [text, place])).toEqual([
      ['Leave of absence is granted for thirty days a year.\n\nAsk your manager first.', { page: 1 }],
      ['Hotel nights are paid up to 120 euros.', { page: 2 }],
    ]);
    expect(await steps.version(1)).toMatchObject({
      chunkCount: 2,
      contentHash: createHash('sha256').update('a scan').digest('hex'),
    });
    expect(steps.ports.embedQueue.messages).toEqual([{ documentId, version: 1, batch: 0, from: 0, to: 2 }]);
  });

  it.each([
    ['failed', () => recognized(scan, told('FAILED')), 'ocr-failed'],
    ['found no letters', () => recognized([]), 'no-text'],
  ])('ends FAILED, and leaves no chunk, when recognition %s', async (_, run, code) => {
    await process();
    expect(await run()).toEqual({ outcome: 'failed', code });
    expect(await steps.head()).toMatchObject({ status: 'FAILED', error: { code } });
    expect(steps.ports.chunks.all()).toEqual([]);
  });

  it('is not brought back by a message that comes late or twice', async () => {
    await process();
    await recognized([]);
    expect(await recognized(scan)).toEqual({ outcome: 'stale' });
    await steps.upload('a better scan');
    expect(await recognized(scan)).toEqual({ outcome: 'stale' });
    expect(steps.ports.removeQueue.messages).toEqual([removalOf(1)]);
    expect(steps.ports.chunks.all()).toEqual([]);
  });

  it('is tried again when the results cannot be fetched', async () => {
    await process();
    const lines = async function* () {
      yield scan.slice(0, 1);
      throw new Error('connection reset');
    };
    const run = processRecognized({ ...steps.ports, recognition: { lines } }, told('SUCCEEDED'), chunking);
    await expect(run).rejects.toThrow('connection reset');
    expect(await steps.head()).toMatchObject({ status: 'PROCESSING' });
    expect(await recognized(scan)).toEqual({ outcome: 'planned', chunkCount: 2 });
  });

  it('ends FAILED by its dead letter when no attempt succeeds', () => {
    const body = JSON.stringify({ JobId: 'job-1', Status: 'SUCCEEDED', JobTag: `${documentId}:2`, Timestamp: 1 });
    expect(parseDeadLetter(body)).toEqual({ kind: 'ingestion', documentId, version: 2 });
  });
});
