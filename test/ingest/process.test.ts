import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppFailure, UnreadableDocument } from '../../lambdas/errors.ts';
import { processDocument } from '../../lambdas/ingest/process.ts';
import { chunkAt } from '../contracts/chunk-store.ts';
import { readerFailingAfter, readerOf } from '../fakes/document-reader.ts';
import { documentId, key, makeSteps, onceAfter, removalOf } from './steps.ts';

describe('processing a document', () => {
  let steps: ReturnType<typeof makeSteps>;
  beforeEach(() => {
    steps = makeSteps();
  });
  const run = (version: number) =>
    processDocument(steps.ports, { documentId, version }, { maxDocumentBytes: 1_000, timeLimitMs: 1_000 });
  const chunks = (count: number) => Array.from({ length: count }, (_, index) => chunkAt(index));

  it('stores its chunks and what there is to embed, and sends that on in batches', async () => {
    steps.ports.readDocument = readerOf(() => ({ title: 'The guide', chunks: chunks(40) }));
    await steps.upload('text');
    expect(await run(1)).toEqual({ outcome: 'planned', chunkCount: 40 });
    expect(await steps.ports.chunks.range(documentId, 1, 0, 99)).toHaveLength(40);
    expect(await steps.version(1)).toMatchObject({
      ...{ status: 'PROCESSING', title: 'The guide', chunkCount: 40, batchCount: 2, attempts: 1 },
      contentHash: createHash('sha256').update('text').digest('hex'),
    });
    expect(steps.ports.embedQueue.messages).toEqual([
      { documentId, version: 1, batch: 0, from: 0, to: 32 },
      { documentId, version: 1, batch: 1, from: 32, to: 40 },
    ]);
  });

  it('names a document whose content names none by its file', async () => {
    steps.ports.readDocument = readerOf(() => ({ chunks: chunks(1) }));
    await steps.upload();
    await run(1);
    expect((await steps.version(1)).title).toBe('guide.md');
  });

  it('reads the object version that was uploaded, not what lies there now', async () => {
    let content = '';
    steps.ports.readDocument = readerOf(bytes => {
      content = Buffer.from(bytes).toString();
      return { chunks: chunks(1) };
    });
    await steps.upload('as uploaded');
    steps.ports.bucket.put(key, 'changed since');
    await run(1);
    expect(content).toBe('as uploaded');
  });

  it.each([
    ['cannot be read', () => Promise.reject(new UnreadableDocument('encrypted', 'Upload it without.')), 'encrypted'],
    ['holds no text', readerOf(() => ({ chunks: [] })), 'no-text'],
    ['turns out damaged after some chunks', readerFailingAfter([chunkAt(0)]), 'corrupt-file'],
  ])('fails at once when the file %s, and tells the owner', async (_, readDocument, code) => {
    steps.ports.readDocument = readDocument;
    await steps.upload();
    expect(await run(1)).toEqual({ outcome: 'failed', code });
    const head = await steps.head();
    expect(head).toMatchObject({ status: 'FAILED', error: { code } });
    expect(head?.error?.message).toMatch(/Upload .*\.$/);
    expect(steps.ports.chunks.all()).toEqual([]);
    expect(await run(1)).toEqual({ outcome: 'stale' });
  });

  it('fails when the object is gone without a word, and leaves it to the delete event otherwise', async () => {
    await steps.upload();
    steps.ports.bucket.erase(key, (await steps.version(1)).s3VersionId ?? '');
    expect(await run(1)).toEqual({ outcome: 'failed', code: 'object-gone' });
    expect(await steps.head()).toMatchObject({ status: 'FAILED', error: { code: 'object-gone' } });
    await steps.remove();
    expect(await steps.head()).toMatchObject({ status: 'DELETED' });
  });

  it('holds a retried file to the size limit too', async () => {
    await steps.upload('x'.repeat(1_001));
    expect(await run(1)).toEqual({ outcome: 'failed', code: 'too-large' });
  });

  it('is not done for a version that is superseded; what an earlier attempt left of it is sent to be removed', async () => {
    await steps.upload();
    await steps.upload();
    expect(await run(1)).toEqual({ outcome: 'stale' });
    expect(steps.ports.removeQueue.messages).toEqual([removalOf(1)]);
    expect(steps.ports.chunks.all()).toEqual([]);
  });

  it('does not harm a version that is live already', async () => {
    await steps.upload();
    await steps.complete(1);
    await steps.upload();
    expect(await run(1)).toEqual({ outcome: 'stale' });
    expect(steps.ports.removeQueue.messages).toEqual([]);
  });

  it('does not harm a version that went live while a second attempt at it came to a bad end', async () => {
    steps.ports.readDocument = readerOf(() => ({ chunks: chunks(3) }));
    await steps.upload();
    await run(1);
    steps.ports.readDocument = async () => {
      await steps.ports.documents.switchLive(await steps.version(1));
      throw new UnreadableDocument('too-complex', 'Reading took too long.');
    };
    expect(await run(1)).toEqual({ outcome: 'stale' });
    expect(await steps.head()).toMatchObject({ status: 'COMPLETED', liveVersion: 1 });
    expect(await steps.ports.chunks.range(documentId, 1, 0, 99)).toHaveLength(3);
  });

  it('sweeps up after an attempt that died when it had failed the version', async () => {
    steps.ports.readDocument = readerFailingAfter([chunkAt(0)]);
    await steps.upload();
    onceAfter(steps.ports.documents, 'fail', () => Promise.reject(new Error('died')));
    await expect(run(1)).rejects.toThrow('died');
    expect(steps.ports.chunks.all()).toHaveLength(1);
    expect(await run(1)).toEqual({ outcome: 'stale' });
    expect(steps.ports.chunks.all()).toEqual([]);
  });

  it('has its chunks removed again when the document was deleted meanwhile, and embeds none', async () => {
    await steps.upload();
    onceAfter(steps.ports.chunks, 'put', () => steps.remove());
    expect(await run(1)).toEqual({ outcome: 'stale' });
    expect(steps.ports.removeQueue.messages).toEqual([removalOf(1)]);
    expect(steps.ports.embedQueue.messages).toEqual([]);
  });

  it('leaves no chunk of an earlier attempt that cut the file into more', async () => {
    steps.ports.readDocument = readerOf(() => ({ chunks: chunks(40) }));
    await steps.upload();
    await run(1);
    await steps.ports.documents.recordEmbedded(documentId, 1, 0, 'model');
    steps.ports.readDocument = readerOf(() => ({ chunks: chunks(3) }));
    await run(1);
    expect(await steps.ports.chunks.range(documentId, 1, 0, 99)).toHaveLength(3);
    expect(await steps.version(1)).toMatchObject({ chunkCount: 3, batchCount: 1, embeddedBatches: [] });
  });

  it('leaves no chunk of an earlier attempt that broke off before it knew how many there are', async () => {
    steps.ports.readDocument = readerFailingAfter(chunks(40), new Error('the connection is lost'));
    await steps.upload();
    await expect(run(1)).rejects.toThrow('the connection is lost');
    steps.ports.readDocument = readerOf(() => ({ chunks: chunks(3) }));
    expect(await run(1)).toEqual({ outcome: 'planned', chunkCount: 3 });
    expect(await steps.ports.chunks.range(documentId, 1, 0, 99)).toHaveLength(3);
  });

  it.each([
    ['a bug', new TypeError('x is undefined'), 'processing-failed'],
    [
      'a service that is down',
      new AppFailure({ kind: 'service-unavailable', service: 'The embedding model', retryAfterSeconds: 5 }),
      'service-unavailable',
    ],
    ['a throttle', Object.assign(new Error('slow down'), { name: 'ThrottlingException' }), 'service-unavailable'],
  ])('is tried again after %s, which is noted in words without its internals', async (_, failure, code) => {
    steps.ports.readDocument = () => Promise.reject(failure);
    await steps.upload();
    await expect(run(1)).rejects.toBe(failure);
    const version = await steps.version(1);
    expect(version).toMatchObject({ status: 'PROCESSING', error: { code } });
    expect(version.error?.message).toContain(`POST /documents/${documentId}/retry`);
    expect(version.error?.message).not.toContain('undefined');
    expect((await steps.head())?.error).toBeUndefined();
  });

  it('hides neither failure when an error cannot even be noted', async () => {
    const failure = new Error('parser broke');
    steps.ports.readDocument = () => Promise.reject(failure);
    steps.ports.documents.noteAttemptError = () => Promise.reject(new Error('table is gone'));
    await steps.upload();
    await expect(run(1)).rejects.toMatchObject({ errors: [failure, { message: 'table is gone' }] });
  });
});
