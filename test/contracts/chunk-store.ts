import { createHash } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import type { Chunk } from '../../lambdas/document.ts';
import type { ChunkStore } from '../../lambdas/ports.ts';

const documentId = 'a'.repeat(32);

export const chunkAt = (index: number, text = `Text of chunk ${index}.`): Chunk => ({
  index,
  text,
  start: index * 100,
  end: index * 100 + text.length,
  tokenCount: 5,
  textHash: createHash('sha256').update(text).digest('hex'),
  place: { page: index + 1, section: 'Guide › Start' },
});
const chunks = (count: number) => Array.from({ length: count }, (_, index) => chunkAt(index));

/** What every store of chunks must do. `makeStore` gives an empty one. */
export function chunkStoreContract(makeStore: () => Promise<ChunkStore>) {
  let store: ChunkStore;
  beforeEach(async () => {
    store = await makeStore();
  });

  it('gives a range of chunks back whole and in order', async () => {
    const withContext = {
      ...chunkAt(2, 'Region: north; Price: 3'),
      context: 'Region; Price',
      place: { sheet: 'Prices' },
      sections: [{ start: 4, section: 'Two' }],
      suspicious: ['role-marker'],
    };
    await store.put(documentId, 1, [withContext, chunkAt(1), chunkAt(0), chunkAt(3)]);
    expect(await store.range(documentId, 1, 1, 3)).toEqual([
      { ...chunkAt(1), documentId, version: 1 },
      { ...withContext, documentId, version: 1 },
    ]);
  });

  it('keeps reading order past ten, and takes more than one batch', async () => {
    await store.put(documentId, 1, chunks(60));
    const stored = await store.range(documentId, 1, 0, 60);
    expect(stored.map(({ index }) => index)).toEqual(Array.from({ length: 60 }, (_, index) => index));
  });

  it('reads many large chunks', async () => {
    const text = 'A long line of text. '.repeat(2_000); // 42 KB: a range is more than one page of DynamoDB
    await store.put(
      documentId,
      1,
      Array.from({ length: 40 }, (_, index) => chunkAt(index, text)),
    );
    const stored = await store.range(documentId, 1, 0, 40);
    expect(stored.map(chunk => chunk.text === text)).toEqual(new Array(40).fill(true));
  });

  it('changes nothing when the same chunks are put again', async () => {
    await store.put(documentId, 1, chunks(3));
    await store.put(documentId, 1, chunks(3));
    expect(await store.range(documentId, 1, 0, 100)).toHaveLength(3);
  });

  it('gives nothing for a range, version or document that is not there', async () => {
    await store.put(documentId, 1, chunks(3));
    expect(await store.range(documentId, 1, 3, 9)).toEqual([]);
    expect(await store.range(documentId, 1, 2, 2)).toEqual([]);
    expect(await store.range(documentId, 2, 0, 9)).toEqual([]);
    expect(await store.range('b'.repeat(32), 1, 0, 9)).toEqual([]);
  });

  it('removes one version, and no other, repeatably', async () => {
    await store.put(documentId, 1, chunks(30));
    await store.put(documentId, 10, chunks(2));
    await store.put('b'.repeat(32), 1, chunks(2));
    await store.removeVersion(documentId, 1);
    await store.removeVersion(documentId, 1);
    expect(await store.range(documentId, 1, 0, 100)).toEqual([]);
    expect(await store.range(documentId, 10, 0, 100)).toHaveLength(2);
    expect(await store.range('b'.repeat(32), 1, 0, 100)).toHaveLength(2);
  });

  it('removes the chunks of a version from one on, and none of another version', async () => {
    await store.put(documentId, 1, chunks(60));
    await store.put(documentId, 2, chunks(60));
    await store.removeFrom(documentId, 1, 12);
    await store.removeFrom(documentId, 1, 12);
    expect((await store.range(documentId, 1, 0, 100)).map(({ index }) => index)).toEqual([...new Array(12).keys()]);
    expect(await store.range(documentId, 2, 0, 100)).toHaveLength(60);
  });

  it('takes no chunks as nothing to do', async () => {
    await store.put(documentId, 1, []);
    expect(await store.range(documentId, 1, 0, 9)).toEqual([]);
  });

  it('counts the chunks of a version, and knows the newest one', async () => {
    await store.put(documentId, 2, [chunkAt(0), chunkAt(1), chunkAt(2)]);
    await store.put(documentId, 10, [chunkAt(0)]);
    expect(await store.count(documentId, 2)).toBe(3);
    expect(await store.count(documentId, 3)).toBe(0);
    expect(await store.newestVersion(documentId)).toBe(10);
    expect(await store.newestVersion('f'.repeat(32))).toBe(0);
  });

  it('goes through all chunks of all documents, in pages', async () => {
    const other = 'f'.repeat(32);
    await store.put(documentId, 1, [chunkAt(0), chunkAt(1), chunkAt(2)]);
    await store.put(other, 3, [chunkAt(7)]);
    const refs: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.scan({ limit: 2, cursor });
      refs.push(...page.refs.map(({ documentId: id, version, index }) => `${id} ${version} ${index}`));
      cursor = page.cursor;
    } while (cursor);
    expect(refs.sort()).toEqual(
      [0, 1, 2]
        .map(index => `${documentId} 1 ${index}`)
        .concat(`${other} 3 7`)
        .sort(),
    );
  });
}
