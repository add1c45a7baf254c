import { beforeEach, expect, it } from 'vitest';
import type { EmbeddingArchive, EmbeddingPart } from '../../lambdas/ports.ts';

const documentId = 'a'.repeat(32);
const other = 'b'.repeat(32);

/** `count` embeddings of 1024 values, every third of them taken over. */
const partOf = (count: number, seed = 1): EmbeddingPart => ({
  modelId: 'titan',
  dimension: 1_024,
  entries: Array.from({ length: count }, (_, position) => ({
    hash: `${seed}-${position}`.padEnd(32, '0'),
    embedding: Array.from({ length: 1_024 }, (_, index) =>
      Math.fround(Math.sin(seed * 7_919 + position * 1_024 + index)),
    ),
    reused: position % 3 === 0,
  })),
});

/** What every embedding archive must do. `makeArchive` gives an empty one. */
export function embeddingArchiveContract(makeArchive: () => Promise<EmbeddingArchive>) {
  let archive: EmbeddingArchive;
  beforeEach(async () => {
    archive = await makeArchive();
  });
  const ref = (batch: number, version = 1, id = documentId) => ({ documentId: id, version, batch });
  const manifest = { modelId: 'titan', dimension: 1_024, partSize: 32, hashes: ['x', null, 'y'] };

  it('gives a part back as it was, to the last bit of 32', async () => {
    await archive.putPart(ref(0), partOf(32));
    await archive.putPart(ref(1), partOf(1, 2));
    expect(await archive.getPart(ref(0))).toEqual(partOf(32));
    expect(await archive.getPart(ref(1))).toEqual(partOf(1, 2));
  });

  it('rounds values to the precision of 32 bits, and no further', async () => {
    const third = { hash: 'h', embedding: [1 / 3, -2 / 3, 1e-30], reused: false };
    await archive.putPart(ref(0), { modelId: 'titan', dimension: 3, entries: [third] });
    const [entry] = (await archive.getPart(ref(0)))?.entries ?? [];
    expect(entry?.embedding).toEqual([Math.fround(1 / 3), Math.fround(-2 / 3), Math.fround(1e-30)]);
  });

  it('tells the hashes of a part', async () => {
    await archive.putPart(ref(0), partOf(32));
    expect(await archive.getHashes(ref(0))).toEqual(partOf(32).entries.map(({ hash }) => hash));
  });

  it('finds nothing where nothing was put', async () => {
    await archive.putPart(ref(0), partOf(1));
    expect(await archive.getPart(ref(1))).toBeUndefined();
    expect(await archive.getPart(ref(0, 2))).toBeUndefined();
    expect(await archive.getHashes(ref(7))).toBeUndefined();
    expect(await archive.getManifest(documentId, 1)).toBeUndefined();
  });

  it('keeps an unfinished part beside the finished one', async () => {
    await archive.putPart({ ...ref(0), unfinished: true }, partOf(2));
    expect(await archive.getPart(ref(0))).toBeUndefined();
    await archive.putPart(ref(0), partOf(3, 2));
    expect(await archive.getPart({ ...ref(0), unfinished: true })).toEqual(partOf(2));
    expect(await archive.getPart(ref(0))).toEqual(partOf(3, 2));
  });

  it('replaces what is put again', async () => {
    await archive.putPart(ref(0), partOf(3));
    await archive.putPart(ref(0), partOf(2, 5));
    expect(await archive.getPart(ref(0))).toEqual(partOf(2, 5));
  });

  it('keeps a manifest for each version', async () => {
    await archive.putManifest(documentId, 1, manifest);
    await archive.putManifest(documentId, 2, { ...manifest, hashes: [] });
    expect(await archive.getManifest(documentId, 1)).toEqual(manifest);
    expect(await archive.getManifest(documentId, 2)).toEqual({ ...manifest, hashes: [] });
  });

  it('removes everything of a version, and of no other', async () => {
    for (const batch of [0, 1, 2]) await archive.putPart(ref(batch), partOf(1));
    await archive.putPart({ ...ref(3), unfinished: true }, partOf(1));
    await archive.putManifest(documentId, 1, manifest);
    await archive.putPart(ref(0, 10), partOf(1));
    await archive.putPart(ref(0, 1, other), partOf(1));
    await archive.removeVersion(documentId, 1);
    await archive.removeVersion(documentId, 1);
    expect(await archive.getPart(ref(2))).toBeUndefined();
    expect(await archive.getPart({ ...ref(3), unfinished: true })).toBeUndefined();
    expect(await archive.getManifest(documentId, 1)).toBeUndefined();
    expect(await archive.getPart(ref(0, 10))).toEqual(partOf(1));
    expect(await archive.getPart(ref(0, 1, other))).toEqual(partOf(1));
  });

  it('lists the versions of which anything is kept', async () => {
    await archive.putPart(ref(0), partOf(1));
    await archive.putManifest(documentId, 1, manifest);
    await archive.putManifest(documentId, 12, manifest);
    await archive.putPart({ ...ref(0, 1, other), unfinished: true }, partOf(1));
    const { versions, cursor } = await archive.list({});
    expect(new Set(versions.map(({ documentId: id, version }) => `${id.slice(0, 1)}${version}`))).toEqual(
      new Set(['a1', 'a12', 'b1']),
    );
    expect(cursor).toBeUndefined();
  });
}
