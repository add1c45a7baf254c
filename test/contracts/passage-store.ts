import { beforeEach, describe, expect, it } from 'vitest';
import { type ChunkRef, documentIdOf } from '../../lambdas/document.ts';
import type { ChunkStore, DocumentStore, PassageStore } from '../../lambdas/ports.ts';
import { chunkOf } from '../chat/passages.ts';

export interface PassageStores {
  readonly documents: DocumentStore;
  readonly chunks: ChunkStore;
  readonly passages: PassageStore;
}

/** What every store of passages must do. `makeStores` gives one over empty stores of documents and chunks. */
export function passageStoreContract(makeStores: () => Promise<PassageStores>) {
  let stores: PassageStores;
  beforeEach(async () => {
    stores = await makeStores();
  });

  /** Uploads the next version of a document with `count` chunks, live unless said otherwise. */
  async function put(key: string, count: number, live = true): Promise<ChunkRef[]> {
    const { documents, chunks } = stores;
    const documentId = documentIdOf('default', key);
    const newest = (await documents.getHead(documentId))?.newestVersion ?? 0;
    const s3VersionId = `${key}-${newest + 1}`;
    const sequencer = `0${newest + 1}`;
    await documents.registerUpload({ tenant: 'default', key, s3VersionId, eTag: 'e', size: 1, sequencer });
    const version = newest + 1;
    const texts = Array.from({ length: count }, (_, index) =>
      chunkOf({ key, text: `${key} ${version} ${index}`, index }),
    );
    await chunks.put(documentId, version, texts);
    await documents.startProcessing(documentId, version);
    await documents.recordPlan(documentId, version, { contentHash: 'h', title: key, chunkCount: count, batchCount: 1 });
    const embedded = await documents.recordEmbedded(documentId, version, 0, 'model');
    if (live) await documents.switchLive(embedded);
    return texts.map(({ index }) => ({ documentId, version, index }));
  }
  const textsOf = async (refs: readonly ChunkRef[]) =>
    (await stores.passages.readChunksAndHeads(refs)).chunks.map(({ text }) => text).sort();

  it('reads the chunks that are asked for, with head and object version of each document', async () => {
    const [a0 = never(), , a2 = never()] = await put('documents/a.md', 3);
    const [b0 = never()] = await put('documents/b.md', 1);
    const { chunks, heads, s3VersionIds } = await stores.passages.readChunksAndHeads([a0, a2, b0]);
    expect(chunks.map(({ text }) => text).sort()).toEqual([
      'documents/a.md 1 0',
      'documents/a.md 1 2',
      'documents/b.md 1 0',
    ]);
    expect(heads.get(a0.documentId)).toEqual(await stores.documents.getHead(a0.documentId));
    expect([...heads.keys()].sort()).toEqual([a0.documentId, b0.documentId].sort());
    expect(s3VersionIds.get(b0.documentId)).toBe('documents/b.md-1');
  });

  it('leaves out what is gone', async () => {
    const [ref = never()] = await put('documents/a.md', 1);
    const nowhere = { documentId: '0'.repeat(32), version: 1, index: 0 };
    const { chunks, heads } = await stores.passages.readChunksAndHeads([{ ...ref, index: 7 }, nowhere]);
    expect(chunks).toEqual([]);
    expect([...heads.keys()]).toEqual([ref.documentId]);
  });

  it('reads each chunk once, however often it is asked for', async () => {
    const [ref = never()] = await put('documents/a.md', 1);
    expect(await textsOf([ref, { ...ref }, ref])).toEqual(['documents/a.md 1 0']);
  });

  it('asks for nothing when there is nothing to ask for', async () => {
    const { chunks, heads } = await stores.passages.readChunksAndHeads([]);
    expect([chunks.length, heads.size]).toEqual([0, 0]);
  });

  it('reads more than fits into one call', async () => {
    const refs = [...(await put('documents/a.md', 90)), ...(await put('documents/b.md', 90))];
    expect(await textsOf(refs)).toHaveLength(180);
  });

  describe('which version is live', () => {
    it('is told as it is at this moment', async () => {
      const [first = never()] = await put('documents/a.md', 1);
      const [second = never()] = await put('documents/a.md', 1, false);
      const before = await stores.passages.readChunksAndHeads([first, second]);
      expect(before.heads.get(first.documentId)?.liveVersion).toBe(1);
      expect(before.s3VersionIds.get(first.documentId)).toBe('documents/a.md-1');
      const version = await stores.documents.getVersion(second.documentId, 2);
      await stores.documents.switchLive(version ?? never());
      const after = await stores.passages.readChunksAndHeads([first, second]);
      expect(after.heads.get(first.documentId)?.liveVersion).toBe(2);
      expect(after.s3VersionIds.get(first.documentId)).toBe('documents/a.md-2');
    });

    it('is none once the deletion is registered', async () => {
      const [ref = never()] = await put('documents/a.md', 1);
      await stores.documents.registerDeletion({ tenant: 'default', key: 'documents/a.md', sequencer: '09' });
      const { heads, s3VersionIds } = await stores.passages.readChunksAndHeads([ref]);
      expect(heads.get(ref.documentId)).toMatchObject({ status: 'DELETED' });
      expect(heads.get(ref.documentId)?.liveVersion).toBeUndefined();
      expect(s3VersionIds.size).toBe(0);
    });
  });
}

function never(): never {
  throw new Error('The chunk was not written.');
}
