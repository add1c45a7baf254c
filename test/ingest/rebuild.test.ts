import { beforeEach, describe, expect, it } from 'vitest';
import { buryDeadLetter, parseDeadLetter } from '../../lambdas/ingest/dead-letter.ts';
import { embedBatch } from '../../lambdas/ingest/embed.ts';
import { processDocument } from '../../lambdas/ingest/process.ts';
import { rebuildDocument } from '../../lambdas/ingest/rebuild.ts';
import { chunkAt } from '../contracts/chunk-store.ts';
import { readerOf } from '../fakes/document-reader.ts';
import { inMemoryEmbeddingArchive } from '../fakes/embedding-archive.ts';
import { inMemoryVectorStore } from '../fakes/vector-store.ts';
import { documentId, makeSteps, onceAfter, removalOf } from './steps.ts';

describe('rebuilding an index', () => {
  let steps: ReturnType<typeof makeSteps>;
  let modelCalls: number;
  beforeEach(async () => {
    steps = makeSteps();
    modelCalls = 0;
    const { embeddings } = steps.ports;
    steps.ports.embeddings = {
      ...embeddings,
      embedDocuments: texts => {
        modelCalls += 1;
        return embeddings.embedDocuments(texts);
      },
    };
    await ingest();
  });
  const ingest = async () => {
    const chunks = Array.from({ length: 40 }, (_, index) => chunkAt(index));
    steps.ports.readDocument = readerOf(() => ({ title: 'The guide', chunks }));
    const version = await steps.upload();
    await processDocument(steps.ports, { documentId, version }, { maxDocumentBytes: 1_000, timeLimitMs: 1_000 });
    for (const message of steps.ports.embedQueue.messages) await embedBatch(steps.ports, message);
  };
  const rebuild = (version: number) => rebuildDocument(steps.ports, { documentId, version });
  const loseIndex = () => {
    modelCalls = 0;
    steps.ports.vectors = inMemoryVectorStore();
  };
  const scores = async () => {
    const embedding = await steps.ports.embeddings.embedQuery('Text of chunk 7 of the guide');
    const matches = await steps.ports.vectors.query('default', { embedding }, { groups: [], topK: 40 });
    return matches.toSorted((a, b) => a.index - b.index).map(({ score }) => Math.fround(score));
  };

  it('brings every vector back without one call of the model, with the scores as they were', async () => {
    const before = await scores();
    loseIndex();
    expect(await rebuild(1)).toEqual({
      outcome: 'rebuilt',
      restored: 40,
      embedded: 0,
    });
    expect(modelCalls).toBe(0);
    expect(await scores()).toEqual(before.map(score => expect.closeTo(score, 6)));
    expect(await rebuild(1)).toMatchObject({ restored: 40, embedded: 0 });
    expect(steps.ports.vectors.refs()).toHaveLength(40);
  });

  it('embeds what the archive lacks, and archives that', async () => {
    const { getPart } = steps.ports.archive;
    steps.ports.archive.getPart = async ref => (ref.batch === 1 ? undefined : getPart(ref));
    loseIndex();
    expect(await rebuild(1)).toEqual({
      outcome: 'rebuilt',
      restored: 32,
      embedded: 8,
    });
    steps.ports.archive.getPart = getPart;
    expect(await rebuild(1)).toMatchObject({ restored: 40, embedded: 0 });
  });

  it('archives a version that was embedded before there was an archive', async () => {
    steps.ports.archive = inMemoryEmbeddingArchive();
    loseIndex();
    expect(await rebuild(1)).toMatchObject({ restored: 0, embedded: 40 });
    expect((await steps.ports.archive.getManifest(documentId, 1))?.hashes).not.toContain(null);
    loseIndex();
    expect(await rebuild(1)).toMatchObject({ restored: 40, embedded: 0 });
  });

  it('leaves alone what is not live', async () => {
    await steps.upload();
    loseIndex();
    for (const version of [2, 9]) {
      expect(await rebuild(version)).toMatchObject({ outcome: 'not-live' });
    }
    await steps.remove();
    expect(await rebuild(1)).toMatchObject({ outcome: 'not-live' });
    expect(steps.ports.vectors.refs()).toEqual([]);
  });

  it('has its vectors removed again when the document was deleted while they were written', async () => {
    loseIndex();
    onceAfter(steps.ports.vectors, 'upsert', () => steps.remove());
    expect(await rebuild(1)).toMatchObject({ outcome: 'not-live' });
    expect(steps.ports.removeQueue.messages).toContainEqual(removalOf(1));
  });

  it('fails no live document when its message is given up', async () => {
    const body = JSON.stringify({ documentId, version: 1, rebuild: true });
    expect(await buryDeadLetter(steps.ports, parseDeadLetter(body))).toMatchObject([
      { outcome: 'completed-meanwhile' },
    ]);
    expect(await steps.head()).toMatchObject({ status: 'COMPLETED', liveVersion: 1 });
  });
});
