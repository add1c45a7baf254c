import { beforeEach, describe, expect, it } from 'vitest';
import type { Chunk } from '../../lambdas/document.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import { embedBatch } from '../../lambdas/ingest/embed.ts';
import { processDocument } from '../../lambdas/ingest/process.ts';
import { removeVersion } from '../../lambdas/ingest/remove.ts';
import { chunkAt } from '../contracts/chunk-store.ts';
import { readerOf } from '../fakes/document-reader.ts';
import { documentId, makeSteps, pausingInNoTime, removalOf } from './steps.ts';

const lines = (count: number, change: (index: number) => string = index => `Line ${index}`): Chunk[] =>
  Array.from({ length: count }, (_, index) => ({ ...chunkAt(index, change(index)), place: {} }));
const throttle = () =>
  new AppFailure(
    { kind: 'service-unavailable', service: 'The embedding model', retryAfterSeconds: 5 },
    { cause: Object.assign(new Error('slow down'), { name: 'ThrottlingException' }) },
  );

describe('stored embeddings', () => {
  let steps: ReturnType<typeof makeSteps>;
  /** Texts that the model was asked for, in order. */
  let asked: string[];
  /** Decides over the nth call of the model, from 1. */
  let refuse: (call: number) => Error | undefined;
  beforeEach(() => {
    steps = makeSteps();
    asked = [];
    refuse = () => undefined;
    let calls = 0;
    const { embeddings } = steps.ports;
    steps.ports.embeddings = {
      ...embeddings,
      embedDocuments: async texts => {
        calls += 1;
        const error = refuse(calls);
        if (error) throw error;
        asked.push(...texts);
        return embeddings.embedDocuments(texts);
      },
    };
  });

  const plan = async (chunks: readonly Chunk[], title = 'Guide'): Promise<number> => {
    steps.ports.readDocument = readerOf(() => ({ title, chunks }));
    const version = await steps.upload();
    await processDocument(steps.ports, { documentId, version }, { maxDocumentBytes: 1_000, timeLimitMs: 1_000 });
    return version;
  };
  const run = async (version: number) => {
    const outcomes = [];
    for (const message of steps.ports.embedQueue.messages.filter(sent => sent.version === version)) {
      outcomes.push(await embedBatch(steps.ports, message));
    }
    asked.sort();
    return outcomes;
  };
  const embed = async (chunks: readonly Chunk[], title?: string) => run(await plan(chunks, title));
  /** What a search for exactly this text thinks of the chunk at this place. */
  const matchOf = async (text: string, index: number) => {
    const embedding = await steps.ports.embeddings.embedQuery(`Guide\n${text}`);
    const matches = await steps.ports.vectors.query('default', { embedding }, { groups: [], topK: 100 });
    return matches.find(match => match.index === index);
  };
  const exact = expect.closeTo(1, 5);

  it('make the same content under a new version cost no call of the model', async () => {
    await embed(lines(70));
    asked = [];
    await embed(lines(70));
    expect(asked).toEqual([]);
    expect(await steps.version(2)).toMatchObject({ status: 'COMPLETED', embeddingsReused: 70 });
    await removeVersion(steps.ports, removalOf(1));
    expect(await matchOf('Line 64', 64)).toMatchObject({ version: 2, score: exact });
  });

  it('are taken over for what did not change, wherever it stands now', async () => {
    await embed(lines(70));
    asked = [];
    const changed = (index: number) => (index === 41 ? 'Changed' : `Line ${index - 1}`);
    await embed(lines(71, index => (index === 0 ? 'A new beginning' : changed(index))));
    expect(asked).toEqual(['Guide\nA new beginning', 'Guide\nChanged']);
    expect(await steps.version(2)).toMatchObject({ embeddingsReused: 69, chunkCount: 71 });
    await removeVersion(steps.ports, removalOf(1));
    expect(await matchOf('Line 69', 70)).toMatchObject({ version: 2, score: exact });
    expect(await matchOf('Changed', 41)).toMatchObject({ version: 2, score: exact });
  });

  it('are not taken over when the title, the headings or the table’s header changed, since those are embedded too', async () => {
    await embed(lines(3));
    asked = [];
    await embed(lines(3), 'Another title');
    expect(asked).toHaveLength(3);
    asked = [];
    const [first, second, third] = lines(3);
    if (!first || !second || !third) throw new Error('There are three');
    await embed([{ ...first, place: { section: 'New' } }, { ...second, context: 'Price' }, third], 'Another title');
    expect(asked).toEqual(['Another title\nNew\nLine 0', 'Another title\nPrice\nLine 1']);
  });

  it.each([
    ['model', { modelId: 'another-model' }],
    ['dimension', { dimension: 32 }],
  ])('are not taken over from another %s', async (_, other) => {
    await embed(lines(2));
    asked = [];
    steps.ports.embeddings = { ...steps.ports.embeddings, ...other };
    await embed(lines(2));
    expect(asked).toHaveLength(2);
    expect((await steps.version(2)).embeddingsReused).toBe(0);
  });

  it('serve a third version, too, though the first is gone', async () => {
    await embed(lines(40));
    await embed(lines(40));
    await removeVersion(steps.ports, removalOf(1));
    asked = [];
    await embed(lines(40));
    expect(asked).toEqual([]);
  });

  it('that were lost are embedded again', async () => {
    await embed(lines(40));
    steps.ports.archive.getPart = async () => undefined;
    asked = [];
    await embed(lines(40));
    expect(asked).toHaveLength(40);
    expect(await steps.head()).toMatchObject({ status: 'COMPLETED', liveVersion: 2 });
  });

  it('embed equal texts of a batch once', async () => {
    const outcomes = await embed(lines(5, () => 'The same'));
    expect(asked).toEqual(['Guide\nThe same']);
    expect(outcomes).toMatchObject([{ outcome: 'completed', embedded: 1, reused: 0 }]);
    expect(steps.ports.vectors.refs()).toHaveLength(5);
  });

  it('go with their version', async () => {
    await embed(lines(1));
    await embed(lines(1));
    await removeVersion(steps.ports, removalOf(1));
    expect(steps.ports.archive.versions()).toEqual([{ documentId, version: 2 }]);
  });

  describe('of an attempt that failed', () => {
    it('at the vector store are not asked for again, and do not count as taken over', async () => {
      const { upsert } = steps.ports.vectors;
      steps.ports.vectors.upsert = () => Promise.reject(throttle());
      const version = await plan(lines(20));
      await expect(run(version)).rejects.toBeInstanceOf(AppFailure);
      expect(asked).toHaveLength(20);
      steps.ports.vectors.upsert = upsert;
      expect(await run(version)).toMatchObject([{ outcome: 'completed', embedded: 0, reused: 0 }]);
      expect(asked).toHaveLength(20);
    });

    it('at the model are kept, so that a throttled document still gets further with every attempt', async () => {
      refuse = call => (call % 4 === 0 ? undefined : throttle());
      const version = await plan(lines(20));
      let attempts = 0;
      const limits = { waitMs: 200 };
      const [message] = steps.ports.embedQueue.messages;
      if (!message) throw new Error('There is a message');
      for (; (await steps.head())?.status !== 'COMPLETED' && attempts < 200; attempts += 1) {
        steps.ports.pace = pausingInNoTime(1); // as in another function, some time later
        await embedBatch(steps.ports, message, limits).catch((error: unknown) => {
          if (!(error instanceof AppFailure)) throw error;
        });
      }
      expect(attempts).toBeGreaterThan(1);
      expect(asked.toSorted()).toEqual(
        lines(20)
          .map(({ text }) => `Guide\n${text}`)
          .toSorted(),
      );
      expect(await steps.version(version)).toMatchObject({ status: 'COMPLETED', embeddingsReused: 0 });
    });

    it('do not fail the document: it waits, and says why', async () => {
      refuse = () => throttle();
      await plan(lines(2));
      await expect(run(1)).rejects.toBeInstanceOf(AppFailure);
      expect(await steps.head()).toMatchObject({ status: 'PROCESSING' });
      expect(await steps.version(1)).toMatchObject({ error: { code: 'service-unavailable' } });
    });
  });

  it('are the backup that shows how far a version is', async () => {
    const version = await plan(lines(40));
    const [first] = steps.ports.embedQueue.messages;
    if (!first) throw new Error('There is a message');
    await embedBatch(steps.ports, first);
    expect(await steps.ports.archive.getHashes({ documentId, version, batch: 0 })).toHaveLength(32);
    expect(await steps.ports.archive.getManifest(documentId, version)).toBeUndefined();
    await run(version);
    const manifest = await steps.ports.archive.getManifest(documentId, version);
    expect(manifest).toMatchObject({ modelId: 'fake-embedding-model', dimension: 64, partSize: 32 });
    expect(new Set(manifest?.hashes).size).toBe(40);
    expect(manifest?.hashes).not.toContain(null);
  });
});
