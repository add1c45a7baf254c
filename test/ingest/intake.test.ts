import { beforeEach, describe, expect, it } from 'vitest';
import { documentIdOf } from '../../lambdas/document.ts';
import { intake } from '../../lambdas/ingest/intake.ts';
import type { MetadataMessage, ProcessMessage, RemoveMessage } from '../../lambdas/ingest/messages.ts';
import type { ObjectEvent } from '../../lambdas/ingest/s3-event.ts';
import { inMemoryDocumentBucket } from '../fakes/document-bucket.ts';
import { inMemoryDocumentStore } from '../fakes/document-store.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';

const key = 'documents/guide.md';
const documentId = documentIdOf('default', key);

const created = (sequencer: string, size = 10): ObjectEvent => ({
  kind: 'created',
  upload: { tenant: 'default', key, s3VersionId: `v-${sequencer}`, eTag: `e-${sequencer}`, size, sequencer },
});
const deleted = (sequencer: string): ObjectEvent => ({ kind: 'deleted', tenant: 'default', key, sequencer });
const erased = (sequencer: string): ObjectEvent => ({ kind: 'version-deleted', tenant: 'default', key, sequencer });

const makePorts = () => ({
  documents: inMemoryDocumentStore(),
  bucket: inMemoryDocumentBucket(),
  processQueue: inMemoryWorkQueue<ProcessMessage>(),
  metadataQueue: inMemoryWorkQueue<MetadataMessage>(),
  removeQueue: inMemoryWorkQueue<RemoveMessage>(),
});

describe('intake', () => {
  let ports: ReturnType<typeof makePorts>;
  beforeEach(() => {
    ports = makePorts();
  });
  const handle = (event: ObjectEvent) => intake(ports, event, { maxDocumentBytes: 1_000 });
  const complete = async (version: number) => {
    const started = await ports.documents.startProcessing(documentId, version);
    if (started) await ports.documents.switchLive(started);
  };

  it('registers an upload and sends it on', async () => {
    expect(await handle(created('0A'))).toEqual({ outcome: 'queued', documentId, version: 1 });
    expect(ports.processQueue.messages).toEqual([{ documentId, version: 1 }]);
  });

  it('sends a repeated event on only while it is PENDING, in case the first try died before it could', async () => {
    await handle(created('0A'));
    expect(await handle(created('0A'))).toMatchObject({ outcome: 'queued' });
    expect(ports.processQueue.messages).toHaveLength(2);
    await ports.documents.startProcessing(documentId, 1);
    expect(await handle(created('0A'))).toEqual({ outcome: 'repeated', documentId, version: 1 });
    await complete(1);
    expect(await handle(created('0A'))).toMatchObject({ outcome: 'repeated' });
    expect(ports.processQueue.messages).toHaveLength(2);
  });

  it('fails empty and oversize objects at once, saying why in words, and reads none of them', async () => {
    expect(await handle(created('0A', 0))).toMatchObject({ outcome: 'rejected' });
    expect(await ports.documents.getHead(documentId)).toMatchObject({
      status: 'FAILED',
      error: { code: 'empty-file' },
    });
    expect(await handle(created('0B', 1_001))).toMatchObject({ outcome: 'rejected' });
    const head = await ports.documents.getHead(documentId);
    expect(head).toMatchObject({ status: 'FAILED', error: { code: 'too-large' } });
    expect(head?.error?.message).toContain('Split it');
    expect(await handle(created('0C', 1_000))).toMatchObject({ outcome: 'queued' });
    expect(ports.processQueue.messages).toEqual([{ documentId, version: 3 }]);
  });

  it('ends a deleted document and has each of its versions removed that is not gone yet', async () => {
    await handle(created('0A'));
    await complete(1);
    await handle(created('0B'));
    await handle(created('0C'));
    await ports.documents.recordRemoved(documentId, 2);
    ports.removeQueue.messages.length = 0;
    expect(await handle(deleted('0D'))).toEqual({ outcome: 'deleted', documentId });
    expect((await ports.documents.getHead(documentId))?.liveVersion).toBeUndefined();
    expect(ports.removeQueue.messages).toEqual([
      { documentId, version: 3, tenant: 'default' },
      { documentId, version: 1, tenant: 'default' },
    ]);
  });

  it('sends removals again when a deletion is repeated, until they are done', async () => {
    await handle(created('0A'));
    await handle(deleted('0B'));
    await handle(deleted('0B'));
    expect(ports.removeQueue.messages).toHaveLength(2);
    await ports.documents.recordRemoved(documentId, 1);
    await handle(deleted('0B'));
    expect(ports.removeQueue.messages).toHaveLength(2);
  });

  it('changes nothing for late events', async () => {
    await handle(created('0C'));
    expect(await handle(created('0A'))).toEqual({ outcome: 'stale', documentId });
    expect(await handle(deleted('0B'))).toEqual({ outcome: 'stale', documentId });
    expect(await ports.documents.getHead(documentId)).toMatchObject({ status: 'PENDING', newestVersion: 1 });
    expect(ports.processQueue.messages).toHaveLength(1);
    expect(ports.removeQueue.messages).toEqual([]);
  });

  it('has what an upload supersedes removed, but not what is live', async () => {
    await handle(created('0A'));
    await complete(1);
    await handle(created('0B'));
    await handle(created('0C'));
    expect(ports.removeQueue.messages).toEqual([{ documentId, version: 2, tenant: 'default' }]);
  });

  describe('when one version of an object is deleted for good', () => {
    it('ends the document if nothing is left to see', async () => {
      await handle(created('0A'));
      expect(await handle(erased('0B'))).toMatchObject({ outcome: 'deleted' });
      expect(await ports.documents.getHead(documentId)).toMatchObject({ status: 'DELETED' });
    });

    it('takes up the older object that came to light', async () => {
      const s3VersionId = ports.bucket.put(key, 'older');
      await handle(created('0A'));
      expect(await handle(erased('0B'))).toMatchObject({ outcome: 'queued', version: 2 });
      expect(await ports.documents.getVersion(documentId, 2)).toMatchObject({ s3VersionId, size: 5 });
    });

    it('brings a document back whose delete marker was taken away', async () => {
      ports.bucket.put(key, 'text');
      await handle(created('0A'));
      await handle(deleted('0B'));
      expect(await handle(erased('0C'))).toMatchObject({ outcome: 'queued', version: 2 });
    });

    it('leaves the newest upload alone if that is still what the bucket shows', async () => {
      const s3VersionId = ports.bucket.put(key, 'text');
      const shown = await ports.bucket.head(key);
      const upload = { tenant: 'default', key, eTag: shown?.eTag ?? '', size: 4, s3VersionId, sequencer: '0A' };
      await handle({ kind: 'created', upload });
      await complete(1);
      expect(await handle(erased('0B'))).toEqual({ outcome: 'repeated', documentId, version: 1 });
      expect(await ports.documents.getHead(documentId)).toMatchObject({ status: 'COMPLETED', newestVersion: 1 });
    });
  });
});
