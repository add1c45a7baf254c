import { beforeEach, describe, expect, it } from 'vitest';
import { type DocumentHead, type DocumentVersion, documentIdOf, type Upload } from '../../lambdas/document.ts';
import type { DocumentStore, SidecarReading } from '../../lambdas/ports.ts';

const key = 'documents/guide.md';
const documentId = documentIdOf('default', key);
const error = { code: 'corrupt-file', message: 'The file is damaged.' };

const uploadAt = (sequencer: string, change: Partial<Upload> = {}): Upload => ({
  tenant: 'default',
  key,
  s3VersionId: `object-${sequencer}`,
  eTag: `tag-${sequencer}`,
  size: 100,
  sequencer,
  ...change,
});
const deletionAt = (sequencer: string) => ({ tenant: 'default', key, sequencer });
const plan = { contentHash: 'ab'.repeat(32), title: 'The guide', chunkCount: 40, batchCount: 2 };

/** A clock whose every reading is a second after the last, so that orders by time are certain. */
function steppingClock(): () => Date {
  let time = Date.parse('2026-01-01T00:00:00Z');
  return () => {
    time += 1_000;
    return new Date(time);
  };
}

/** What every registry of documents must do. `makeStore` gives an empty one whose times come from the clock. */
export function documentStoreContract(makeStore: (clock: () => Date) => Promise<DocumentStore>) {
  let store: DocumentStore;
  beforeEach(async () => {
    store = await makeStore(steppingClock());
  });

  const version = async (number: number): Promise<DocumentVersion> => {
    const found = await store.getVersion(documentId, number);
    if (!found) throw new Error(`There is no version ${number}`);
    return found;
  };
  /** Takes the newest upload through all steps. */
  const complete = async (number: number): Promise<boolean> => {
    await store.startProcessing(documentId, number);
    await store.recordPlan(documentId, number, plan);
    return store.switchLive(await version(number));
  };

  describe('recording a sidecar', () => {
    const hr = { version: 's1', metadata: { groups: ['hr'], attributes: { year: 2026, tags: ['a'] } } };
    const broken = {
      version: 's2',
      metadata: { groups: [] },
      error: { code: 'sidecar-invalid', message: 'It is not JSON.' },
    };
    const none = { version: 'none', metadata: {} };
    const head = async () => {
      const found = await store.getHead(documentId);
      if (!found) throw new Error('There is no head');
      return found;
    };
    const record = async (reading: SidecarReading) => store.recordSidecar(await head(), reading);

    it('opens a document, closed until then, to whom the sidecar says', async () => {
      await store.registerUpload(uploadAt('0A'), { groups: [] });
      expect(await head()).toMatchObject({ groups: [] });
      expect((await head()).sidecarVersion).toBeUndefined();
      const recorded = await record(hr);
      expect(recorded).toMatchObject({ ...hr.metadata, sidecarVersion: 's1', metadataRevision: 1, status: 'PENDING' });
      expect(await head()).toEqual(recorded);
      await record(none);
      expect(await head()).toMatchObject({ metadataRevision: 2, retiredAttributes: ['year', 'tags'] });
      expect((await head()).groups).toBeUndefined();
      expect((await head()).attributes).toBeUndefined();
    });

    it('is refused when another was recorded since the head was read, also the same one', async () => {
      await store.registerUpload(uploadAt('0A'));
      const seen = await head();
      expect(await store.recordSidecar(seen, none)).toBeDefined();
      expect(await store.recordSidecar(seen, hr)).toBeUndefined();
      expect((await head()).groups).toBeUndefined();
    });

    it('counts no change of metadata when nothing changed', async () => {
      await store.registerUpload(uploadAt('0A'));
      await record(hr);
      expect(await record({ ...hr, version: 's9' })).toMatchObject({ metadataRevision: 1, sidecarVersion: 's9' });
    });

    it('fails a complete document while the sidecar is in error, and completes it again afterwards', async () => {
      await store.registerUpload(uploadAt('0A'));
      await complete(1);
      await record(broken);
      expect(await head()).toMatchObject({ status: 'FAILED', error: broken.error, groups: [], liveVersion: 1 });
      expect((await store.listHeads('default', { status: 'FAILED', limit: 5 })).heads).toHaveLength(1);
      expect(await store.reopen(documentId, 1)).toBe(false);
      await record(hr);
      expect(await head()).toMatchObject({ status: 'COMPLETED', groups: ['hr'] });
      expect((await head()).error).toBeUndefined();
    });

    it('lets a version go live while the sidecar is in error, but complete it is not', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.startProcessing(documentId, 1);
      await record(broken);
      expect(await head()).toMatchObject({ status: 'PROCESSING' });
      await store.recordPlan(documentId, 1, plan);
      expect(await store.switchLive(await version(1))).toBe(true);
      expect(await head()).toMatchObject({ status: 'FAILED', error: broken.error, liveVersion: 1 });
      expect(await store.switchLive(await version(1))).toBe(true);
      await record(none);
      expect(await head()).toMatchObject({ status: 'COMPLETED' });
    });

    it('closes a document again that comes back after its deletion', async () => {
      await store.registerUpload(uploadAt('0A'));
      await record(none);
      await store.registerDeletion(deletionAt('0B'));
      expect(await record(hr)).toMatchObject({ status: 'DELETED', groups: ['hr'] });
      expect((await store.listHeads('default', { limit: 5 })).heads).toEqual([]);
      await store.registerUpload(uploadAt('0C'), { groups: [] });
      expect(await head()).toMatchObject({ groups: [], status: 'PENDING' });
      expect((await head()).sidecarVersion).toBeUndefined();
    });
  });

  it('notes where an upload of the drop box was filed, while it is the newest of a document that is not deleted', async () => {
    await store.registerUpload(uploadAt('0A'));
    const first = { version: 1, key: 'processed/guide.md', s3VersionId: 'copy-1' };
    await store.recordFiled(documentId, 'processed', first);
    await store.registerUpload(uploadAt('0B'));
    await store.recordFiled(documentId, 'processed', { version: 1, key: 'processed/late.md' });
    const second = { version: 2, key: 'failed/guide.md' };
    await store.recordFiled(documentId, 'failed', second);
    expect(await store.getHead(documentId)).toMatchObject({ processedObject: first, failedObject: second });
    await store.registerDeletion(deletionAt('0C'));
    await store.recordFiled(documentId, 'processed', { version: 2, key: 'processed/guide.md' });
    expect(await store.getHead(documentId)).toMatchObject({ processedObject: first });
  });

  describe('registering an upload', () => {
    it('makes it the newest version, PENDING', async () => {
      expect(await store.registerUpload(uploadAt('0A'))).toEqual({
        outcome: 'registered',
        version: 1,
        status: 'PENDING',
      });
      const head = await store.getHead(documentId);
      expect(head).toMatchObject({
        documentId,
        tenant: 'default',
        key,
        title: 'guide.md',
        status: 'PENDING',
        size: 100,
      });
      expect(head).toMatchObject({ newestVersion: 1, chunkCount: 0 });
      expect(head?.liveVersion).toBeUndefined();
      const expected = {
        documentId,
        version: 1,
        eTag: 'tag-0A',
        s3VersionId: 'object-0A',
        status: 'PENDING',
        attempts: 0,
      };
      expect(await version(1)).toMatchObject({ ...expected, embeddedBatches: [] });
    });

    it('says that the same event is repeated, and what became of it', async () => {
      await store.registerUpload(uploadAt('0A'));
      expect(await store.registerUpload(uploadAt('0A'))).toEqual({
        outcome: 'repeated',
        version: 1,
        status: 'PENDING',
      });
      await complete(1);
      expect(await store.registerUpload(uploadAt('0A'))).toEqual({
        outcome: 'repeated',
        version: 1,
        status: 'COMPLETED',
      });
      expect(await store.listVersions(documentId)).toHaveLength(1);
    });

    it('counts versions up, newest first in the list', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.registerUpload(uploadAt('0B', { size: 7, eTag: 'etag-2' }));
      expect((await store.listVersions(documentId)).map(({ version }) => version)).toEqual([2, 1]);
      expect(await store.getHead(documentId)).toMatchObject({ newestVersion: 2, size: 7, eTag: 'etag-2' });
    });

    it('drops an event that comes after a later one, whatever the length of its sequencer', async () => {
      await store.registerUpload(uploadAt('100'));
      expect(await store.registerUpload(uploadAt('FF'))).toEqual({ outcome: 'stale' });
      expect(await store.registerUpload(uploadAt('0FF'))).toEqual({ outcome: 'stale' });
      expect(await store.listVersions(documentId)).toHaveLength(1);
    });

    it('takes an object version that is the newest already for the same upload, and moves the sequencer on', async () => {
      await store.registerUpload(uploadAt('0A'));
      const again = uploadAt('0C', { s3VersionId: 'object-0A', eTag: 'tag-0A' });
      expect(await store.registerUpload(again)).toMatchObject({ outcome: 'repeated', version: 1 });
      expect(await store.registerDeletion(deletionAt('0B'))).toEqual({ outcome: 'stale' });
    });

    it('registers equal content anew where objects have no versions', async () => {
      await store.registerUpload(uploadAt('0A', { s3VersionId: undefined, eTag: 'same' }));
      const again = uploadAt('0B', { s3VersionId: undefined, eTag: 'same' });
      expect(await store.registerUpload(again)).toMatchObject({ outcome: 'registered', version: 2 });
    });

    it('keeps the live version while the new one is not complete', async () => {
      await store.registerUpload(uploadAt('0A'));
      await complete(1);
      await store.registerUpload(uploadAt('0B'));
      expect(await store.getHead(documentId)).toMatchObject({ status: 'PENDING', liveVersion: 1, chunkCount: 40 });
    });

    it('registers once when the same event arrives many times at once', async () => {
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => store.registerUpload(uploadAt('0A'))));
      expect(outcomes.filter(({ outcome }) => outcome === 'registered')).toHaveLength(1);
      expect(outcomes.filter(({ outcome }) => outcome === 'repeated')).toHaveLength(5);
      expect(await store.listVersions(documentId)).toHaveLength(1);
    });

    it('ends with the latest of many events that arrive at once, each registered or stale', async () => {
      const sequencers = ['0C', '0A', '0F', '0B', '0E', '0D'];
      const outcomes = await Promise.all(sequencers.map(sequencer => store.registerUpload(uploadAt(sequencer))));
      const registered = outcomes.filter(({ outcome }) => outcome === 'registered');
      const versions = await store.listVersions(documentId);
      expect(versions.map(({ version }) => version)).toEqual(registered.map((_, index) => registered.length - index));
      expect(versions[0]?.s3VersionId).toBe('object-0F');
      const inOrder = versions.map(({ sequencer }) => sequencer);
      expect(inOrder).toEqual(inOrder.toSorted().toReversed());
      expect(outcomes.every(({ outcome }) => outcome === 'registered' || outcome === 'stale')).toBe(true);
    });
  });

  describe('registering a deletion', () => {
    it('leaves no version live', async () => {
      await store.registerUpload(uploadAt('0A'));
      await complete(1);
      expect(await store.registerDeletion(deletionAt('0B'))).toEqual({ outcome: 'deleted', newestVersion: 1 });
      const head = await store.getHead(documentId);
      expect(head).toMatchObject({ status: 'DELETED', newestVersion: 1, chunkCount: 0 });
      expect(head?.liveVersion).toBeUndefined();
      expect(await store.registerDeletion(deletionAt('0B'))).toEqual({ outcome: 'repeated', newestVersion: 1 });
    });

    it('is stale after a later upload, and its sequencer is no less than its own upload’s', async () => {
      await store.registerUpload(uploadAt('0B'));
      expect(await store.registerDeletion(deletionAt('0A'))).toEqual({ outcome: 'stale' });
      expect(await store.registerDeletion(deletionAt('0B'))).toEqual({ outcome: 'stale' });
      expect(await store.getHead(documentId)).toMatchObject({ status: 'PENDING' });
    });

    it('makes the upload before it stale, even when that arrives later', async () => {
      expect(await store.registerDeletion(deletionAt('0B'))).toEqual({ outcome: 'unknown' });
      expect(await store.registerUpload(uploadAt('0A'))).toEqual({ outcome: 'stale' });
      expect(await store.registerUpload(uploadAt('0B'))).toEqual({ outcome: 'stale' });
      expect(await store.listVersions(documentId)).toEqual([]);
    });

    it('lets the document come back with the next version number', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.registerDeletion(deletionAt('0B'));
      expect(await store.registerUpload(uploadAt('0C'))).toMatchObject({ outcome: 'registered', version: 2 });
      expect(await store.getHead(documentId)).toMatchObject({ status: 'PENDING', newestVersion: 2 });
    });

    it('registers the same object anew when a delete marker was taken away', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.registerDeletion(deletionAt('0B'));
      const restored = uploadAt('0C', { s3VersionId: 'object-0A', eTag: 'tag-0A' });
      expect(await store.registerUpload(restored)).toMatchObject({ outcome: 'registered', version: 2 });
    });
  });

  describe('registering what the bucket shows', () => {
    const found = (name: string) => {
      const { sequencer: _, ...object } = uploadAt(name);
      return object;
    };
    const head = async () => {
      const known = await store.getHead(documentId);
      if (!known) throw new Error('There is no head');
      return known;
    };

    it('makes an object without records the first version, or one after those that are left of it', async () => {
      expect(await store.registerFound(found('0A'), undefined, { jobId: 'job', after: 7 })).toBe(8);
      expect(await head()).toMatchObject({ status: 'PENDING', newestVersion: 8, jobId: 'job', unordered: true });
      expect(await version(8)).toMatchObject({ s3VersionId: 'object-0A', status: 'PENDING', attempts: 0 });
    });

    it('makes a known object a new version, while the old one stays live', async () => {
      await store.registerUpload(uploadAt('0A'));
      await complete(1);
      expect(await store.registerFound(found('0A'), await head())).toBe(2);
      expect(await head()).toMatchObject({ status: 'PENDING', newestVersion: 2, liveVersion: 1 });
      expect(await complete(2)).toBe(true);
    });

    it('writes nothing when an event came in between', async () => {
      await store.registerUpload(uploadAt('0A'));
      const seen = await head();
      await store.registerUpload(uploadAt('0B'));
      expect(await store.registerFound(found('0A'), seen)).toBeUndefined();
      expect(await store.registerGone(seen)).toBe(false);
      expect(await store.registerFound(found('0A'), undefined)).toBeUndefined();
      expect(await head()).toMatchObject({ newestVersion: 2, status: 'PENDING' });
    });

    it('writes nothing when the document was deleted in between', async () => {
      await store.registerUpload(uploadAt('0A'));
      const seen = await head();
      await store.registerDeletion(deletionAt('0B'));
      expect(await store.registerFound(found('0A'), seen)).toBeUndefined();
      expect((await head()).status).toBe('DELETED');
    });

    it('happens once when several do it at the same time', async () => {
      await store.registerUpload(uploadAt('0A'));
      const seen = await head();
      const versions = await Promise.all(Array.from({ length: 5 }, () => store.registerFound(found('0C'), seen)));
      expect(versions.filter(number => number === 2)).toHaveLength(1);
      expect((await head()).newestVersion).toBe(2);
    });

    it('ends a document whose object is gone', async () => {
      await store.registerUpload(uploadAt('0A'));
      await complete(1);
      expect(await store.registerGone(await head())).toBe(true);
      expect(await head()).toMatchObject({ status: 'DELETED', unordered: true });
      expect((await head()).liveVersion).toBeUndefined();
    });

    it('is in order again with the event of that very object', async () => {
      await store.registerFound(found('0B'), undefined);
      expect(await store.registerUpload(uploadAt('0B'))).toMatchObject({ outcome: 'repeated', version: 1 });
      expect((await head()).unordered ?? false).toBe(false);
      expect(await store.registerUpload(uploadAt('0A'))).toEqual({ outcome: 'stale' });
      expect(await store.registerUpload(uploadAt('0C'))).toMatchObject({ outcome: 'registered', version: 2 });
    });

    it('leaves it to the bucket what another event means then', async () => {
      await store.registerFound(found('0B'), undefined);
      expect(await store.registerUpload(uploadAt('0A'))).toEqual({ outcome: 'unordered' });
      expect(await store.registerDeletion(deletionAt('0A'))).toEqual({ outcome: 'unordered' });
      const present = uploadAt('0A', { s3VersionId: 'object-0B', eTag: 'tag-0B' });
      expect(await store.registerUpload(present, { asPresent: true })).toMatchObject({ outcome: 'repeated' });
      expect(await head()).toMatchObject({ newestVersion: 1, unordered: true });
      expect(await store.registerDeletion(deletionAt('0C'), { asPresent: true })).toMatchObject({ outcome: 'deleted' });
    });
  });

  describe('a job', () => {
    it('is counted by the states of its documents, and loses those that were uploaded anew', async () => {
      const since = '2026-01-01T00:00:00.000Z';
      for (const name of ['a', 'b', 'c', 'd']) {
        const { sequencer: _, ...object } = uploadAt('0A', { key: `documents/${name}.md` });
        await store.registerFound(object, undefined, { jobId: 'job' });
      }
      const id = (name: string) => documentIdOf('default', `documents/${name}.md`);
      expect(await store.countOfJob('job', since)).toEqual({ pending: 4, processing: 0, failed: 0 });
      await store.startProcessing(id('a'), 1);
      await store.fail(id('b'), 1, error);
      await store.registerUpload(uploadAt('0B', { key: 'documents/c.md' }), { asPresent: true });
      expect(await store.countOfJob('job', since)).toEqual({ pending: 1, processing: 1, failed: 1 });
      expect(await store.countOfJob('another', since)).toEqual({ pending: 0, processing: 0, failed: 0 });
      expect(await store.reopen(id('b'), 1, 'another')).toBe(true);
      expect(await store.countOfJob('another', since)).toEqual({ pending: 1, processing: 0, failed: 0 });
    });
  });

  describe('processing', () => {
    it('is started for the newest version only, and counts attempts', async () => {
      await store.registerUpload(uploadAt('0A'));
      expect(await store.startProcessing(documentId, 1)).toMatchObject({ status: 'PROCESSING', attempts: 1 });
      expect(await store.startProcessing(documentId, 1)).toMatchObject({ status: 'PROCESSING', attempts: 2 });
      expect(await store.getHead(documentId)).toMatchObject({ status: 'PROCESSING' });
      await store.registerUpload(uploadAt('0B'));
      expect(await store.startProcessing(documentId, 1)).toBeUndefined();
      expect(await store.startProcessing(documentId, 3)).toBeUndefined();
      expect(await store.startProcessing('0'.repeat(32), 1)).toBeUndefined();
    });

    it('is not started for what is done, failed or deleted', async () => {
      await store.registerUpload(uploadAt('0A'));
      await complete(1);
      expect(await store.startProcessing(documentId, 1)).toBeUndefined();
      await store.registerUpload(uploadAt('0B'));
      await store.fail(documentId, 2, error);
      expect(await store.startProcessing(documentId, 2)).toBeUndefined();
      await store.registerUpload(uploadAt('0C'));
      await store.registerDeletion(deletionAt('0D'));
      expect(await store.startProcessing(documentId, 3)).toBeUndefined();
    });

    it('records the plan, and each embedded batch once', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.recordPlan(documentId, 1, plan);
      expect(await version(1)).toMatchObject(plan);
      await Promise.all([1, 0, 1, 1].map(batch => store.recordEmbedded(documentId, 1, batch, 'titan')));
      expect(await store.recordEmbedded(documentId, 1, 0, 'titan')).toMatchObject({
        embeddedBatches: [0, 1],
        embeddingModel: 'titan',
        batchCount: 2,
      });
    });

    it('counts the embeddings that were taken over, each batch once', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.recordPlan(documentId, 1, plan);
      await store.recordEmbedded(documentId, 1, 0, 'titan', 30);
      await store.recordEmbedded(documentId, 1, 0, 'titan', 30);
      expect(await store.recordEmbedded(documentId, 1, 1, 'titan')).toMatchObject({ embeddingsReused: 30 });
      expect(await store.recordEmbedded(documentId, 1, 1, 'titan', 8)).toMatchObject({ embeddingsReused: 30 });
      await store.recordPlan(documentId, 1, { ...plan, chunkCount: 41 });
      expect((await version(1)).embeddingsReused).toBeUndefined();
    });

    it('lets exactly the last of many batches embedded at once see all of them', async () => {
      await store.registerUpload(uploadAt('0A'));
      const batches = [0, 1, 2, 3, 4];
      const seen = await Promise.all(batches.map(batch => store.recordEmbedded(documentId, 1, batch, 'titan')));
      expect(seen.filter(({ embeddedBatches }) => embeddedBatches.length === 5)).toHaveLength(1);
    });

    it('keeps embedded batches when the same plan is recorded again, and drops them with another', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.recordPlan(documentId, 1, plan);
      await store.recordEmbedded(documentId, 1, 0, 'titan');
      await store.recordPlan(documentId, 1, plan);
      expect((await version(1)).embeddedBatches).toEqual([0]);
      await store.recordPlan(documentId, 1, { ...plan, chunkCount: 41 });
      expect((await version(1)).embeddedBatches).toEqual([]);
    });

    it('refuses to record anything of a version that does not exist', async () => {
      await expect(store.recordPlan(documentId, 9, plan)).rejects.toThrow('no version 9');
      await expect(store.recordEmbedded(documentId, 9, 0, 'titan')).rejects.toThrow('no version 9');
      await store.recordRemoved(documentId, 9);
      await store.noteAttemptError(documentId, 9, error);
      expect(await store.getVersion(documentId, 9)).toBeUndefined();
    });
  });

  describe('switching live', () => {
    it('completes the version and names the document by its content', async () => {
      await store.registerUpload(uploadAt('0A'));
      expect(await complete(1)).toBe(true);
      expect(await store.getHead(documentId)).toMatchObject({
        status: 'COMPLETED',
        liveVersion: 1,
        chunkCount: 40,
        title: 'The guide',
      });
      const completed = await version(1);
      expect(completed).toMatchObject({ status: 'COMPLETED' });
      expect(await store.switchLive(completed)).toBe(true);
      expect(await version(1)).toEqual(completed);
    });

    it('is refused to a version that is superseded or deleted', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.registerUpload(uploadAt('0B'));
      expect(await store.switchLive(await version(1))).toBe(false);
      await store.registerDeletion(deletionAt('0C'));
      expect(await store.switchLive(await version(2))).toBe(false);
      expect((await store.getHead(documentId))?.liveVersion).toBeUndefined();
    });

    it('never goes back when a newer version is registered at the same moment', async () => {
      await store.registerUpload(uploadAt('0A'));
      const first = await version(1);
      await store.recordPlan(documentId, 1, plan);
      const [switched] = await Promise.all([store.switchLive(first), store.registerUpload(uploadAt('0B'))]);
      const head = await store.getHead(documentId);
      expect(head).toMatchObject({ newestVersion: 2, status: 'PENDING' });
      expect(head?.liveVersion).toBe(switched ? 1 : undefined);
      expect(await complete(2)).toBe(true);
      expect(await store.switchLive(first)).toBe(false);
      expect(await store.getHead(documentId)).toMatchObject({ liveVersion: 2, status: 'COMPLETED' });
    });

    it('leaves nothing live when the document is deleted at the same moment', async () => {
      await store.registerUpload(uploadAt('0A'));
      const first = await version(1);
      await Promise.all([store.switchLive(first), store.registerDeletion(deletionAt('0B')), store.switchLive(first)]);
      const head = await store.getHead(documentId);
      expect(head).toMatchObject({ status: 'DELETED' });
      expect(head?.liveVersion).toBeUndefined();
    });
  });

  describe('failing', () => {
    it('says why, and leaves the older version live', async () => {
      await store.registerUpload(uploadAt('0A'));
      await complete(1);
      await store.registerUpload(uploadAt('0B'));
      await store.fail(documentId, 2, error);
      expect(await store.getHead(documentId)).toMatchObject({
        status: 'FAILED',
        error,
        liveVersion: 1,
        chunkCount: 40,
      });
      expect(await version(2)).toMatchObject({ status: 'FAILED', error });
    });

    it('changes nothing of a version that is complete, removed or deleted', async () => {
      await store.registerUpload(uploadAt('0A'));
      await complete(1);
      await store.fail(documentId, 1, error);
      expect(await store.getHead(documentId)).toMatchObject({ status: 'COMPLETED', liveVersion: 1 });
      expect((await version(1)).status).toBe('COMPLETED');
      await store.registerDeletion(deletionAt('0B'));
      await store.recordRemoved(documentId, 1);
      await store.fail(documentId, 1, error);
      expect(await store.getHead(documentId)).toMatchObject({ status: 'DELETED' });
      expect((await version(1)).status).toBe('DELETED');
    });

    it('of a superseded version does not touch the head', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.registerUpload(uploadAt('0B'));
      await store.fail(documentId, 1, error);
      const head = await store.getHead(documentId);
      expect(head).toMatchObject({ status: 'PENDING' });
      expect(head?.error).toBeUndefined();
      expect((await version(1)).status).toBe('FAILED');
    });

    it('and completing at the same moment end in one of the two, head and version alike', async () => {
      await store.registerUpload(uploadAt('0A'));
      const first = await version(1);
      const [failed, completed] = await Promise.all([store.fail(documentId, 1, error), store.switchLive(first)]);
      expect(failed).toBe(!completed);
      const status = failed ? 'FAILED' : 'COMPLETED';
      expect(await store.getHead(documentId)).toMatchObject({ status });
      expect(await version(1)).toMatchObject({ status });
      expect((await store.getHead(documentId))?.liveVersion).toBe(failed ? undefined : 1);
    });

    it('keeps the version from going live until it is reopened', async () => {
      await store.registerUpload(uploadAt('0A'));
      expect(await store.fail(documentId, 1, error)).toBe(true);
      expect(await store.switchLive(await version(1))).toBe(false);
      expect(await store.getHead(documentId)).toMatchObject({ status: 'FAILED', error });
      expect(await store.fail(documentId, 1, error)).toBe(true);
      await store.reopen(documentId, 1);
      expect(await complete(1)).toBe(true);
      expect(await store.fail(documentId, 1, error)).toBe(false);
    });

    it('can be undone for one more try, once, by which embedded batches are forgotten', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.startProcessing(documentId, 1);
      await store.recordEmbedded(documentId, 1, 0, 'titan');
      expect(await store.reopen(documentId, 1)).toBe(false);
      await store.fail(documentId, 1, error);
      expect(await store.reopen(documentId, 1)).toBe(true);
      expect(await store.reopen(documentId, 1)).toBe(false);
      const head = await store.getHead(documentId);
      expect(head).toMatchObject({ status: 'PENDING' });
      expect(head?.error).toBeUndefined();
      const reopened = await version(1);
      expect(reopened).toMatchObject({ status: 'PENDING', embeddedBatches: [], attempts: 1 });
      expect(reopened.error).toBeUndefined();
      expect(await store.startProcessing(documentId, 1)).toMatchObject({ attempts: 2 });
    });

    it('cannot be undone once a newer version or a deletion came', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.fail(documentId, 1, error);
      await store.registerUpload(uploadAt('0B'));
      expect(await store.reopen(documentId, 1)).toBe(false);
      await store.fail(documentId, 2, error);
      await store.registerDeletion(deletionAt('0C'));
      expect(await store.reopen(documentId, 2)).toBe(false);
    });

    it('has the error of an attempt noted until the version is done', async () => {
      await store.registerUpload(uploadAt('0A'));
      await store.noteAttemptError(documentId, 1, error);
      expect(await version(1)).toMatchObject({ status: 'PENDING', error });
      expect((await store.getHead(documentId))?.error).toBeUndefined();
      await complete(1);
      expect((await version(1)).error).toBeUndefined();
      await store.noteAttemptError(documentId, 1, error);
      expect((await version(1)).error).toBeUndefined();
    });
  });

  describe('listing', () => {
    const register = (name: string, tenant = 'default') =>
      store.registerUpload(uploadAt('0A', { tenant, key: `documents/${name}` }));
    const names = (heads: readonly { key: string }[]) => heads.map(head => head.key.replace('documents/', ''));

    it('gives a tenant its documents, last updated first, in pages', async () => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) await register(name);
      await register('other', 'globex');
      const first = await store.listHeads('default', { limit: 2 });
      const second = await store.listHeads('default', { limit: 2, cursor: first.cursor });
      const third = await store.listHeads('default', { limit: 2, cursor: second.cursor });
      expect([first, second, third].map(({ heads }) => names(heads))).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
      expect(third.cursor).toBeUndefined();
      expect((await store.listHeads('default', { limit: 5 })).cursor).toBeUndefined();
    });

    it('fills its pages with what is wanted, and has no next page for what is not', async () => {
      for (const name of ['a1', 'b2', 'c1', 'd2', 'e1', 'f2', 'g2']) await register(name);
      const only = ({ key }: DocumentHead) => key.endsWith('1');
      const first = await store.listHeads('default', { limit: 2, only });
      const second = await store.listHeads('default', { limit: 2, only, cursor: first.cursor });
      expect([first, second].map(({ heads }) => names(heads))).toEqual([['e1', 'c1'], ['a1']]);
      expect(second.cursor).toBeUndefined();
      const all = await store.listHeads('default', { limit: 3, only });
      expect(names(all.heads)).toEqual(['e1', 'c1', 'a1']);
      expect(all.cursor).toBeUndefined();
      expect(await store.listHeads('default', { limit: 2, only: () => false })).toEqual({ heads: [] });
    });

    it('narrows by status, in pages, to the tenant', async () => {
      for (const name of ['a', 'b', 'c']) {
        await register(name);
        await register(name, 'globex');
        await store.fail(documentIdOf('default', `documents/${name}`), 1, error);
        await store.fail(documentIdOf('globex', `documents/${name}`), 1, error);
      }
      await register('d');
      const first = await store.listHeads('default', { status: 'FAILED', limit: 2 });
      const second = await store.listHeads('default', { status: 'FAILED', limit: 2, cursor: first.cursor });
      expect([names(first.heads), names(second.heads)]).toEqual([['c', 'b'], ['a']]);
      expect(second.cursor).toBeUndefined();
      expect(new Set([...first.heads, ...second.heads].map(({ tenant }) => tenant))).toEqual(new Set(['default']));
    });

    it('narrows by prefix, format and time, all together, in pages', async () => {
      for (const name of ['x/a.pdf', 'x/b.md', 'x/c.PDF', 'y/d.pdf', 'x/e.pdf', 'pdf']) await register(name);
      const all = (await store.listHeads('default', { limit: 10 })).heads;
      const timeOf = (name: string) => all.find(({ key }) => key.endsWith(name))?.updatedAt ?? '';
      const narrowed = async (filter: Parameters<DocumentStore['listHeads']>[1]) =>
        names((await store.listHeads('default', filter)).heads);
      expect(await narrowed({ limit: 10, prefix: 'documents/x/' })).toEqual([
        'x/e.pdf',
        'x/c.PDF',
        'x/b.md',
        'x/a.pdf',
      ]);
      expect(await narrowed({ limit: 10, format: 'pdf' })).toEqual(['x/e.pdf', 'y/d.pdf', 'x/c.PDF', 'x/a.pdf']);
      const between = { updatedAfter: timeOf('a.pdf'), updatedBefore: timeOf('e.pdf') };
      expect(await narrowed({ limit: 10, ...between })).toEqual(['y/d.pdf', 'x/c.PDF', 'x/b.md']);
      expect(
        await narrowed({ limit: 10, status: 'PENDING', format: 'pdf', prefix: 'documents/x/', ...between }),
      ).toEqual(['x/c.PDF']);
      const first = await store.listHeads('default', { limit: 1, prefix: 'documents/x/', format: 'pdf' });
      const second = await store.listHeads('default', {
        ...{ limit: 5, prefix: 'documents/x/', format: 'pdf' },
        ...(first.cursor && { cursor: first.cursor }),
      });
      expect([names(first.heads), names(second.heads)]).toEqual([['x/e.pdf'], ['x/c.PDF', 'x/a.pdf']]);
    });

    it('goes through the heads of all tenants, deleted ones too, in pages', async () => {
      for (const name of ['a', 'b', 'c', 'd']) await register(name, name === 'd' ? 'globex' : 'default');
      await store.registerDeletion({ tenant: 'default', key: 'documents/a', sequencer: '0B' });
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.scanHeads({ limit: 2, ...(cursor && { cursor }) });
        seen.push(...page.heads.map(({ tenant, key: name, status }) => `${tenant} ${name} ${status}`));
        cursor = page.cursor;
      } while (cursor);
      expect(seen.sort()).toEqual([
        'default documents/a DELETED',
        'default documents/b PENDING',
        'default documents/c PENDING',
        'globex documents/d PENDING',
      ]);
    });

    it('leaves deleted documents out', async () => {
      await register('a');
      await register('b');
      await store.registerDeletion({ tenant: 'default', key: 'documents/a', sequencer: '0B' });
      await store.registerDeletion({ tenant: 'default', key: 'documents/never-seen', sequencer: '0B' });
      expect(names((await store.listHeads('default', { limit: 10 })).heads)).toEqual(['b']);
      expect((await store.listHeads('default', { status: 'DELETED', limit: 10 })).heads).toEqual([]);
    });

    it('refuses a cursor that it did not give out for this list', async () => {
      for (const name of ['a', 'b']) await register(name);
      const { cursor } = await store.listHeads('default', { limit: 1 });
      expect(cursor).toBeDefined();
      const invalid = { error: { kind: 'invalid-request' } };
      await expect(store.listHeads('globex', { limit: 1, cursor })).rejects.toMatchObject(invalid);
      await expect(store.listHeads('default', { status: 'FAILED', limit: 1, cursor })).rejects.toMatchObject(invalid);
      await expect(store.listHeads('default', { limit: 1, cursor: 'bogus' })).rejects.toMatchObject(invalid);
    });
  });
}
