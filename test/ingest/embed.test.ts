import { beforeEach, describe, expect, it } from 'vitest';
import { embedBatch } from '../../lambdas/ingest/embed.ts';
import { processDocument } from '../../lambdas/ingest/process.ts';
import { chunkAt } from '../contracts/chunk-store.ts';
import { readerOf } from '../fakes/document-reader.ts';
import { documentId, key, makeSteps, onceAfter, removalOf } from './steps.ts';

describe('embedding a batch', () => {
  let steps: ReturnType<typeof makeSteps>;
  beforeEach(() => {
    steps = makeSteps();
  });
  /** Uploads and processes a document of so many chunks. @returns its version number */
  const plan = async (chunkCount: number): Promise<number> => {
    const chunks = Array.from({ length: chunkCount }, (_, index) => chunkAt(index));
    steps.ports.readDocument = readerOf(() => ({ title: 'The guide', chunks }));
    const version = await steps.upload();
    await processDocument(steps.ports, { documentId, version }, { maxDocumentBytes: 1_000, timeLimitMs: 1_000 });
    return version;
  };
  const message = (version: number, batch: number) => {
    const found = steps.ports.embedQueue.messages.find(sent => sent.version === version && sent.batch === batch);
    if (!found) throw new Error(`There is no batch ${batch} of version ${version}`);
    return found;
  };
  const run = (version: number, batch: number) => embedBatch(steps.ports, message(version, batch));

  it('stores its vectors, and with the last one makes the version live', async () => {
    await plan(40);
    expect(await run(1, 1)).toEqual({ outcome: 'embedded', embedded: 8, reused: 0 });
    expect(await steps.head()).toMatchObject({ status: 'PROCESSING' });
    expect(await run(1, 0)).toMatchObject({ outcome: 'completed', embedded: 32, createdAt: expect.any(String) });
    expect(await steps.head()).toMatchObject({
      status: 'COMPLETED',
      liveVersion: 1,
      chunkCount: 40,
      title: 'The guide',
    });
    expect(steps.ports.vectors.refs()).toHaveLength(40);
    expect(await steps.version(1)).toMatchObject({ embeddedBatches: [0, 1], embeddingModel: 'fake-embedding-model' });
  });

  it('embeds a chunk with its title, headings and table header', async () => {
    const embedded: string[] = [];
    const { embedDocuments } = steps.ports.embeddings;
    steps.ports.embeddings = {
      ...steps.ports.embeddings,
      embedDocuments: texts => {
        embedded.push(...texts);
        return embedDocuments(texts);
      },
    };
    await plan(1);
    await steps.ports.chunks.put(documentId, 1, [{ ...chunkAt(0, 'North; 3'), context: 'Region; Price' }]);
    await run(1, 0);
    expect(embedded).toEqual(['The guide\nGuide\nStart\nRegion; Price\nNorth; 3']);
  });

  it('has the older versions removed once the new one is live', async () => {
    await plan(1);
    await run(1, 0);
    await plan(1);
    expect(steps.ports.removeQueue.messages).toEqual([]);
    await run(2, 0);
    expect(await steps.head()).toMatchObject({ liveVersion: 2 });
    expect(steps.ports.removeQueue.messages).toEqual([removalOf(1)]);
  });

  it('does nothing twice: a batch that is stored costs no second call of the model', async () => {
    await plan(40);
    await run(1, 0);
    const { embeddings } = steps.ports;
    steps.ports.embeddings = { ...embeddings, embedDocuments: () => Promise.reject(new Error('not again')) };
    expect(await run(1, 0)).toEqual({ outcome: 'embedded', embedded: 0, reused: 0 });
    steps.ports.embeddings = embeddings;
    await run(1, 1);
    expect(await run(1, 1)).toEqual({ outcome: 'stale', embedded: 0, reused: 0 });
  });

  it('completes at the next delivery when the switch died after the last batch', async () => {
    await plan(1);
    onceAfter(steps.ports.documents, 'recordEmbedded', () => Promise.reject(new Error('died')));
    await expect(run(1, 0)).rejects.toThrow('died');
    expect(await run(1, 0)).toMatchObject({ outcome: 'completed', embedded: 0 });
  });

  it('has older versions removed at the next delivery when it died right after the switch', async () => {
    await plan(1);
    await run(1, 0);
    await plan(1);
    onceAfter(steps.ports.documents, 'switchLive', () => Promise.reject(new Error('died')));
    await expect(run(2, 0)).rejects.toThrow('died');
    expect(steps.ports.removeQueue.messages).toEqual([]);
    expect(await run(2, 0)).toEqual({ outcome: 'stale', embedded: 0, reused: 0 });
    expect(steps.ports.removeQueue.messages).toEqual([removalOf(1)]);
  });

  it('does not go live before all of it can be found', async () => {
    await plan(40);
    await run(1, 0);
    steps.ports.vectors.waitUntilVisible = async (_, { index }) => {
      if (index === 31) throw new Error('Vector did not show');
    };
    await expect(run(1, 1)).rejects.toThrow('did not show');
    expect(await steps.head()).toMatchObject({ status: 'PROCESSING' });
    expect(await steps.version(1)).toMatchObject({ error: { code: 'processing-failed' } });
  });

  it('is not done for a superseded version, which is sent to be removed', async () => {
    await plan(1);
    await plan(1);
    expect(await run(1, 0)).toEqual({ outcome: 'stale', embedded: 0, reused: 0 });
    expect(steps.ports.vectors.refs()).toEqual([]);
    expect(steps.ports.removeQueue.messages).toEqual([removalOf(1)]);
  });

  it('has its vectors removed again when the document was deleted while they were written', async () => {
    await plan(40);
    onceAfter(steps.ports.vectors, 'upsert', () => steps.remove());
    expect(await run(1, 0)).toEqual({ outcome: 'stale', embedded: 0, reused: 0 });
    expect(steps.ports.removeQueue.messages).toEqual([removalOf(1)]);
    expect((await steps.version(1)).embeddedBatches).toEqual([]);
  });

  it('lets no superseded version go live, even when the newer upload comes at the last moment', async () => {
    await plan(1);
    onceAfter(steps.ports.vectors, 'waitUntilVisible', () => steps.upload());
    expect(await run(1, 0)).toEqual({ outcome: 'stale', embedded: 1, reused: 0 });
    expect((await steps.head())?.liveVersion).toBeUndefined();
    expect(steps.ports.removeQueue.messages).toEqual([removalOf(1)]);
  });

  it('drops messages of a failed version, and of a plan that was replaced', async () => {
    await plan(40);
    const old = message(1, 1);
    const shorter = [chunkAt(0)];
    steps.ports.readDocument = readerOf(() => ({ chunks: shorter }));
    await processDocument(steps.ports, { documentId, version: 1 }, { maxDocumentBytes: 1_000, timeLimitMs: 1_000 });
    expect(await embedBatch(steps.ports, old)).toEqual({ outcome: 'stale', embedded: 0, reused: 0 });
    await steps.ports.documents.fail(documentId, 1, { code: 'x', message: 'X.' });
    expect(await embedBatch(steps.ports, { ...old, batch: 0, from: 0, to: 1 })).toEqual({
      outcome: 'stale',
      embedded: 0,
      reused: 0,
    });
    expect(steps.ports.vectors.refs()).toEqual([]);
    expect(steps.ports.removeQueue.messages).toEqual([]);
  });

  it('does nothing for a document that nobody knows', async () => {
    const unknown = { documentId: '0'.repeat(32), version: 1, batch: 0, from: 0, to: 1 };
    expect(await embedBatch(steps.ports, unknown)).toEqual({ outcome: 'stale', embedded: 0, reused: 0 });
    expect(steps.ports.removeQueue.messages).toEqual([]);
  });

  it('writes into the tenant’s own namespace, under the document’s folders', async () => {
    await plan(1);
    await run(1, 0);
    const question = await steps.ports.embeddings.embedQuery('Text of chunk 0');
    const found = (namespace: string, folder: string) =>
      steps.ports.vectors.query(namespace, { embedding: question }, { groups: [], topK: 1, filter: { folder } });
    expect(await found('default', key.slice(0, key.indexOf('/') + 1))).toHaveLength(1);
    expect(await found('acme', 'documents/')).toEqual([]);
  });
});
