import { beforeEach, describe, expect, it } from 'vitest';
import type { AttributeFilter } from '../../lambdas/attribute-filter.ts';
import { type Attributes, type ChunkRef, chunkIdPrefix, documentIdOf } from '../../lambdas/document.ts';
import type { EmbeddedChunk, VectorStore } from '../../lambdas/ports.ts';

const north = documentIdOf('acme', 'documents/north/guide.md');
const south = documentIdOf('acme', 'documents/south/guide.md');
const keys = new Map([
  [north, 'documents/north/guide.md'],
  [south, 'documents/south/guide.md'],
]);

/** A vector of the given dimension that points at `angle` (radians) in the plane of its first two values. */
const pointing = (angle: number, dimension: number) =>
  Array.from({ length: dimension }, (_, index) => (index === 0 ? Math.cos(angle) : index === 1 ? Math.sin(angle) : 0));

/** What every vector store must do. `makeStore` gives an empty one for vectors of `dimension` values. */
export function vectorStoreContract(makeStore: () => Promise<VectorStore>, dimension: number) {
  let store: VectorStore;
  beforeEach(async () => {
    store = await makeStore();
  });

  const at = (angle: number) => pointing(angle, dimension);
  const chunk = (ref: Partial<ChunkRef>, angle: number): EmbeddedChunk => {
    const whole = { documentId: north, version: 1, index: 0, ...ref };
    return { ref: whole, key: keys.get(whole.documentId) ?? 'documents/other.md', metadata: {}, embedding: at(angle) };
  };
  const search = (angle: number, options: Partial<Parameters<VectorStore['query']>[2]> = {}, namespace = 'acme') =>
    store.query(namespace, { embedding: at(angle) }, { topK: 10, groups: [], ...options });
  const indexes = (matches: readonly ChunkRef[]) => matches.map(({ index }) => index);

  /** Writes chunks 0 to n - 1, each a little further from angle 0, and waits until they can be found. */
  const fill = async (count: number, ref: Partial<ChunkRef> = {}, namespace = 'acme') => {
    const chunks = Array.from({ length: count }, (_, index) => chunk({ ...ref, index }, index * 0.01));
    await store.upsert(namespace, chunks);
    for (const { ref: written } of chunks.slice(-1)) await store.waitUntilVisible(namespace, written, 10_000);
  };

  it('gives the closest chunks first, with higher scores, and no more than asked for', async () => {
    await fill(5);
    const matches = await search(0.03, { topK: 3 });
    expect(matches[0]).toMatchObject({ documentId: north, version: 1, index: 3 });
    expect(matches).toHaveLength(3);
    expect(matches.map(({ score }) => score)).toEqual(matches.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(matches[0]?.score).toBeCloseTo(1, 4);
  });

  it('adds what words have in common to what meaning has', async () => {
    const words = (...indices: number[]) => ({ indices, values: indices.map(() => 0.5) });
    const highest = 4_294_967_295; // indices are unsigned 32-bit
    const chunks = [words(7, 8), words(8, highest), words(9)].map((sparse, index) => ({
      ...chunk({ index }, index * 0.01),
      sparse,
    }));
    await store.upsert('acme', [...chunks, chunk({ index: 3 }, 0.03)]);
    for (const { ref } of chunks) await store.waitUntilVisible('acme', ref, 10_000);
    await store.waitUntilVisible('acme', chunk({ index: 3 }, 0).ref, 10_000);
    const query = { embedding: at(0), sparse: { indices: [8, highest], values: [0.4, 0.6] } };
    const matches = await store.query('acme', query, { topK: 10, groups: [] });
    expect(indexes(matches)).toEqual([1, 0, 2, 3]);
    expect(matches[0]?.score).toBeCloseTo(Math.cos(0.01) + 0.5, 4);
    expect(matches[1]?.score).toBeCloseTo(1 + 0.2, 4);
  });

  it('never gives a chunk of another namespace', async () => {
    await fill(2);
    expect(await search(0, {}, 'globex')).toEqual([]);
  });

  it('replaces a chunk that is written again', async () => {
    await fill(2);
    await store.upsert('acme', [chunk({ index: 0 }, Math.PI / 2)]);
    await store.waitUntilVisible('acme', chunk({ index: 0 }, 0).ref, 10_000);
    expect(indexes(await search(0))).toEqual([1, 0]);
  });

  it('takes more chunks than one request holds', async () => {
    await fill(230);
    expect(indexes(await search(2.29, { topK: 1 }))).toEqual([229]);
    expect(await search(0, { topK: 300 })).toHaveLength(230);
  });

  it('waits in vain for a chunk that was never written', async () => {
    await fill(1);
    await expect(store.waitUntilVisible('acme', chunk({ index: 7 }, 0).ref, 50)).rejects.toThrow('did not show');
  });

  it('stops when the caller gives up', async () => {
    const reason = new Error('the client hung up');
    await expect(search(0, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  describe('narrowed', () => {
    beforeEach(async () => {
      await fill(2, { documentId: north });
      await fill(2, { documentId: south });
    });
    const documents = (matches: readonly ChunkRef[]) => new Set(matches.map(({ documentId }) => documentId));

    it('to documents, finds only theirs', async () => {
      expect(documents(await search(0, { filter: { documentIds: [south] } }))).toEqual(new Set([south]));
      expect(documents(await search(0, { filter: { documentIds: [north, south] } }))).toEqual(new Set([north, south]));
      expect(await search(0, { filter: { documentIds: [] } })).toEqual([]);
    });

    it('to a folder, finds what lies in it and below', async () => {
      expect(documents(await search(0, { filter: { folder: 'documents/north/' } }))).toEqual(new Set([north]));
      expect(documents(await search(0, { filter: { folder: 'documents/' } }))).toEqual(new Set([north, south]));
      expect(await search(0, { filter: { folder: 'documents/nor/' } })).toEqual([]);
    });

    it('to both, finds what satisfies both', async () => {
      expect(await search(0, { filter: { documentIds: [south], folder: 'documents/north/' } })).toEqual([]);
      expect(await search(0, { filter: { documentIds: [north], folder: 'documents/north/' } })).toHaveLength(2);
    });
  });

  describe('narrowed by attributes', () => {
    const described = (index: number, attributes: Attributes) => ({ ...chunk({ index }, 0), metadata: { attributes } });
    const found = async (attributes: AttributeFilter) => indexes(await search(0, { filter: { attributes } })).sort();
    beforeEach(async () => {
      await store.upsert('acme', [
        described(0, { year: 2024, team: 'people', draft: false, tags: ['leave', 'travel'] }),
        described(1, { year: 2026, team: 'finance', draft: true, tags: ['travel'] }),
        chunk({ index: 2 }, 0),
      ]);
      for (const index of [0, 1, 2]) await store.waitUntilVisible('acme', chunk({ index }, 0).ref, 10_000);
    });

    it('finds what has such a value, also in a list', async () => {
      expect(await found({ team: { equals: 'people' } })).toEqual([0]);
      expect(await found({ draft: { equals: false } })).toEqual([0]);
      expect(await found({ tags: { equals: 'travel' } })).toEqual([0, 1]);
      expect(await found({ tags: { in: ['leave', 'other'] } })).toEqual([0]);
      expect(await found({ year: { in: [2024, 2025] } })).toEqual([0]);
    });

    it('finds what lies in a range', async () => {
      expect(await found({ year: { from: 2025 } })).toEqual([1]);
      expect(await found({ year: { from: 2024, to: 2024 } })).toEqual([0]);
      expect(await found({ team: { from: 0 } })).toEqual([]);
    });

    it('finds what meets all conditions', async () => {
      expect(await found({ year: { from: 2024 }, tags: { equals: 'leave' } })).toEqual([0]);
      expect(await found({ year: { from: 2025 }, team: { equals: 'people' } })).toEqual([]);
    });

    it('finds everything that a prefix fits, and maybe more that has the attribute', async () => {
      const matches = await found({ team: { prefix: 'peo' } });
      expect(matches).toContain(0);
      expect(matches).not.toContain(2);
    });

    it('follows a change of attributes', async () => {
      await store.updateMetadata('acme', [chunk({ index: 0 }, 0).ref], { attributes: { team: null, year: 2030 } });
      expect(await found({ team: { equals: 'people' } })).toEqual([]);
      expect(await found({ year: { from: 2030 } })).toEqual([0]);
    });
  });

  describe('listing', () => {
    const listAll = async (namespace: string, prefix?: string) => {
      const refs: ChunkRef[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list(namespace, { prefix, cursor });
        refs.push(...page.refs);
        cursor = page.cursor;
      } while (cursor);
      return refs;
    };

    it('goes through all chunks in the order of their ids', async () => {
      await fill(210, { version: 2 });
      await fill(3, { version: 1 });
      const refs = await listAll('acme');
      expect(refs).toHaveLength(213);
      expect(refs.slice(0, 4)).toEqual([
        { documentId: north, version: 1, index: 0 },
        { documentId: north, version: 1, index: 1 },
        { documentId: north, version: 1, index: 2 },
        { documentId: north, version: 2, index: 0 },
      ]);
      expect(refs.at(-1)).toEqual({ documentId: north, version: 2, index: 209 });
    });

    it('narrows to a prefix, and finds nothing in a namespace that is not there', async () => {
      await fill(2, { version: 1 });
      await fill(3, { version: 2 });
      await fill(1, { documentId: south });
      expect(await listAll('acme', chunkIdPrefix(north, 2))).toHaveLength(3);
      expect(await listAll('nobody')).toEqual([]);
    });

    it('knows the namespaces that hold vectors', async () => {
      await fill(1);
      await fill(1, {}, 'globex');
      expect((await store.namespaces()).sort()).toEqual(['acme', 'globex']);
    });
  });

  describe('open to groups', () => {
    const closed = (index: number, groups: readonly string[]) => ({ ...chunk({ index }, 0), metadata: { groups } });
    const found = async (groups: readonly string[]) => indexes(await search(0, { groups })).sort();
    beforeEach(async () => {
      await store.upsert('acme', [
        closed(0, ['hr', 'board']),
        closed(1, ['board']),
        closed(2, []),
        chunk({ index: 3 }, 0),
      ]);
      for (const index of [0, 1, 2, 3]) await store.waitUntilVisible('acme', chunk({ index }, 0).ref, 10_000);
    });

    it("finds what is open to everyone or to one of the reader's groups", async () => {
      expect(await found([])).toEqual([3]);
      expect(await found(['hr'])).toEqual([0, 3]);
      expect(await found(['hr', 'board'])).toEqual([0, 1, 3]);
    });

    it('finds what names no groups for those alone who read such documents', async () => {
      const closed = async (groups: readonly string[]) =>
        indexes(await search(0, { groups, readsOpenDocuments: false })).sort();
      expect(await closed([])).toEqual([]);
      expect(await closed(['hr'])).toEqual([0]);
    });

    it('follows a change of groups, the vectors being as they were', async () => {
      const { ref } = chunk({ index: 1 }, 0);
      await store.updateMetadata('acme', [ref], { groups: ['hr'], attributes: { year: 2026, tags: ['a', 'b'] } });
      expect(await found(['board'])).toEqual([0, 3]);
      expect(await found(['hr'])).toEqual([0, 1, 3]);
      await store.updateMetadata('acme', [ref], { attributes: { year: null } });
      expect(await found([])).toEqual([1, 3]);
      expect((await search(0)).every(({ score }) => Math.abs(score - 1) < 1e-4)).toBe(true);
    });

    it('passes over a vector that is not stored, and over another namespace', async () => {
      await store.updateMetadata('acme', [chunk({ index: 9 }, 0).ref], { attributes: {} });
      await store.updateMetadata('globex', [chunk({ index: 1 }, 0).ref], { attributes: {} });
      expect(await found([])).toEqual([3]);
    });
  });

  describe('removing a version', () => {
    it('takes all of its chunks, however many, and no others', async () => {
      await fill(210);
      await fill(2, { version: 2 });
      await fill(2, { version: 10 });
      await fill(2, { documentId: south });
      await store.removeVersion('acme', north, 1);
      const left = await search(0, { topK: 300 });
      expect(left).toHaveLength(6);
      expect(left.some(({ documentId, version }) => documentId === north && version === 1)).toBe(false);
    });

    it('can be repeated, and leaves other namespaces alone', async () => {
      await fill(1);
      await fill(1, {}, 'globex');
      await store.removeVersion('acme', north, 1);
      await store.removeVersion('acme', north, 1);
      await store.removeVersion('nobody', north, 1);
      expect(await search(0)).toEqual([]);
      expect(await search(0, {}, 'globex')).toHaveLength(1);
    });
  });
}
