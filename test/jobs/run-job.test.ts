import { describe, expect, it } from 'vitest';
import { type Letter, UNREADABLE, World } from '../ingest/world.ts';

const key = (name: string) => `documents/${name}.md`;

/** A world in which these documents are live. */
async function worldWith(...names: string[]): Promise<World> {
  const world = new World();
  for (const name of names) world.put(key(name), `The first text of ${name}`);
  await world.settle();
  return world;
}
const take = (world: World, queue: Letter['queue']): Letter => {
  const place = world.letters.findIndex(letter => letter.queue === queue);
  const [letter] = place < 0 ? [] : world.letters.splice(place, 1);
  if (!letter) throw new Error(`No letter waits in ${queue}`);
  return letter;
};
const jobOf = async (world: World, jobId: string) => {
  const job = await world.jobs.get(jobId);
  if (!job) throw new Error('There is no such job');
  return job;
};
/** Dies at the n-th call of a port. */
const dyingAt = (call: number) => {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls >= call) throw new Error('died');
  };
};

describe('a reconcile', () => {
  it('says what it mended, with the first examples of each kind', async () => {
    const world = await worldWith('kept', 'gone', 'bare', 'changed');
    world.put(key('new'), 'Its event is lost');
    world.put(key('changed'), 'The event of this text is lost');
    world.mark(key('gone'));
    world.letters.length = 0;
    const { documentId, head } = await world.read(key('bare'));
    await world.vectors.removeVersion('default', documentId, head?.liveVersion ?? 0);
    const jobId = await world.reconcile();
    await world.settle();
    const job = await jobOf(world, jobId);
    expect(job).toMatchObject({ status: 'COMPLETED', total: 2, processed: 2, failed: 0 });
    expect(job.mended).toMatchObject({ registered: 1, updated: 1, deleted: 1, rebuilt: 1, resent: 0 });
    expect(job.examples).toContainEqual({
      kind: 'deleted',
      tenant: 'default',
      documentId: expect.any(String),
      key: key('gone'),
    });
    expect(await world.read(key('bare'))).toMatchObject({ head: { newestVersion: 1 }, vectors: [{ version: 1 }] });
    expect((await world.read(key('gone'))).head?.status).toBe('DELETED');
  });

  it('has the words of each tenant counted anew, once', async () => {
    const world = await worldWith('a', 'b');
    world.statistics.messages.length = 0;
    const job = await jobOf(world, await world.reconcile());
    await world.settle();
    expect(world.statistics.messages).toEqual([{ tenant: 'default', changedAt: Date.parse(job.startedAt) }]);
  });

  it('starts above whatever is left of a document whose records were lost, and removes that', async () => {
    const world = await worldWith('lost');
    world.put(key('lost'), 'A second text');
    await world.settle();
    const { documentId, chunks } = await world.read(key('lost'));
    const bare = new World();
    await bare.chunks.put(documentId, 2, chunks);
    bare.put(key('lost'), 'A third text');
    bare.letters.length = 0;
    await bare.reconcile();
    await bare.settle();
    expect((await bare.read(key('lost'))).head).toMatchObject({ status: 'COMPLETED', liveVersion: 3 });
    await bare.reconcile();
    await bare.settle();
    expect((await bare.read(key('lost'))).chunks.map(({ version }) => version)).toEqual([3]);
  });

  it('removes chunks and vectors that no record tells of', async () => {
    const world = await worldWith('left');
    const { chunks, documentId } = await world.read(key('left'));
    const bare = new World();
    await bare.chunks.put(documentId, 1, chunks);
    await bare.vectors.upsert('default', [
      { ref: { documentId, version: 1, index: 0 }, key: key('left'), embedding: [1, 0, 0, 0], metadata: {} },
    ]);
    const jobId = await bare.reconcile();
    await bare.settle();
    expect([bare.chunks.all(), bare.vectors.refs()]).toEqual([[], []]);
    expect((await jobOf(bare, jobId)).mended.removed).toBe(1);
  });

  it('writes the vectors anew of a version that answers while a newer upload is FAILED', async () => {
    const world = await worldWith('a');
    world.put(key('a'), UNREADABLE);
    await world.settle();
    const { documentId } = await world.read(key('a'));
    await world.vectors.removeVersion('default', documentId, 1);
    const jobId = await world.reconcile();
    await world.settle();
    expect(await world.read(key('a'))).toMatchObject({
      head: { status: 'FAILED', liveVersion: 1, newestVersion: 2 },
      vectors: [{ version: 1 }],
    });
    expect((await jobOf(world, jobId)).mended.rebuilt).toBe(1);
  });

  it('processes a live version again that lacks chunks', async () => {
    const world = await worldWith('a');
    const { documentId } = await world.read(key('a'));
    await world.chunks.removeVersion(documentId, 1);
    await world.reconcile();
    await world.settle();
    const whole = { chunks: [{ version: 2 }], vectors: [{ version: 2 }] };
    expect(await world.read(key('a'))).toMatchObject({ head: { status: 'COMPLETED', liveVersion: 2 }, ...whole });
  });

  it('removes archived embeddings that a late writer left', async () => {
    const world = await worldWith('a');
    const { documentId } = await world.read(key('a'));
    world.put(key('a'), 'A second text');
    await world.settle();
    await world.archive.putManifest(documentId, 1, { modelId: 'm', dimension: 4, partSize: 32, hashes: [] });
    const jobId = await world.reconcile();
    await world.settle();
    expect((await world.read(key('a'))).archived).toEqual([{ documentId, version: 2 }]);
    expect((await jobOf(world, jobId)).mended.removed).toBe(1);
  });

  it('goes on with a job whose message was lost', async () => {
    const world = await worldWith('a');
    const stopped = await world.start('BATCH', { prefix: 'documents/' });
    take(world, 'jobs');
    await world.reconcile();
    await world.settle();
    expect(await jobOf(world, stopped)).toMatchObject({ status: 'COMPLETED', total: 1, processed: 1 });
  });

  it('is not undone by the older events that come after it', async () => {
    const world = new World();
    world.put(key('a'), 'An old text');
    world.put(key('a'), 'The newest text');
    const [older, newer] = [take(world, 'events'), take(world, 'events')];
    await world.reconcile();
    await world.settle();
    world.letters.push(older);
    await world.settle();
    expect((await world.read(key('a'))).versions).toHaveLength(1);
    world.letters.push(newer, older);
    await world.settle();
    const { versions, chunks, head } = await world.read(key('a'));
    expect(versions).toHaveLength(1);
    expect(chunks.map(({ text }) => text)).toEqual(['The newest text']);
    expect(head?.unordered ?? false).toBe(false);
  });

  it('does not bring back what was deleted when the upload comes late', async () => {
    const world = await worldWith('a');
    world.put(key('a'), 'A text that nobody shall read');
    const late = take(world, 'events');
    world.mark(key('a'));
    world.letters.length = 0;
    await world.reconcile();
    await world.settle();
    world.letters.push(late);
    await world.settle();
    expect(await world.read(key('a'))).toMatchObject({ head: { status: 'DELETED' }, chunks: [], vectors: [] });
  });

  it('finds nothing to mend the second time', async () => {
    const world = await worldWith('a', 'b');
    for (const jobId of [await world.reconcile(), await world.reconcile()]) {
      await world.settle();
      const { status, total, mended } = await jobOf(world, jobId);
      expect({ status, total, mends: Object.values(mended).filter(count => count > 0) }).toEqual({
        ...{ status: 'COMPLETED', total: 0, mends: [] },
      });
    }
  });
});

describe('a job', () => {
  it('goes on after it was cut short, and counts each document once', async () => {
    for (const call of [1, 5, 10, 15, 20, 25]) {
      const world = await worldWith('a', 'b', 'c');
      const jobId = await world.start('BATCH', { prefix: 'documents/' });
      const letter = take(world, 'jobs');
      await world.handle(letter, dyingAt(call)).catch(() => undefined);
      world.letters.push(letter);
      await world.settle();
      expect(await jobOf(world, jobId)).toMatchObject({ status: 'COMPLETED', total: 3, processed: 3, failed: 0 });
      for (const name of ['a', 'b', 'c']) {
        expect((await world.read(key(name))).head).toMatchObject({ status: 'COMPLETED', liveVersion: 2 });
      }
    }
  });

  it('sends its documents on again when none of them ends for long', async () => {
    const world = await worldWith('a', 'b');
    const jobId = await world.start('BATCH', { prefix: 'documents/', quietMinutes: 0 });
    await world.handle(take(world, 'jobs'));
    take(world, 'process');
    await world.settle();
    expect(await jobOf(world, jobId)).toMatchObject({ status: 'COMPLETED', total: 2, processed: 2 });
    expect((await world.read(key('b'))).head).toMatchObject({ status: 'COMPLETED', liveVersion: 2 });
  });

  it('goes on with what came by the drop box from where it was filed, also after it was cut short', async () => {
    for (let call = 1; call <= 30; call += 1) {
      const world = new World();
      world.put('incoming/a.md', 'A text that was dropped');
      await world.settle();
      const jobId = await world.start('REINDEX', { models: 'all' });
      const letter = take(world, 'jobs');
      await world.handle(letter, dyingAt(call)).catch(() => undefined);
      world.letters.push(letter);
      await world.settle();
      expect((await world.read('incoming/a.md')).head).toMatchObject({ status: 'COMPLETED', liveVersion: 2 });
      expect(await jobOf(world, jobId)).toMatchObject({ status: 'COMPLETED', total: 1, processed: 1, failed: 0 });
    }
  });

  it('is done once when its message comes twice at the same time', async () => {
    const world = await worldWith('a', 'b');
    const jobId = await world.start('REINDEX', { models: 'all' });
    const letter = take(world, 'jobs');
    await Promise.all([world.handle(letter), world.handle(letter)]);
    await world.settle();
    expect(await jobOf(world, jobId)).toMatchObject({ status: 'COMPLETED', total: 2, processed: 2 });
    expect((await world.read(key('a'))).head?.newestVersion).toBe(2);
  });

  it('leaves out what the present model embedded, when only the others are asked for', async () => {
    const world = await worldWith('a');
    const jobId = await world.start('REINDEX', { models: 'others' });
    await world.settle();
    expect(await jobOf(world, jobId)).toMatchObject({ status: 'COMPLETED', total: 0, examined: 1 });
  });

  it('goes no further once it is cancelled', async () => {
    const world = await worldWith('a');
    const jobId = await world.start('BATCH', { prefix: 'documents/' });
    await world.jobs.end(jobId, 'CANCELLED');
    await world.settle();
    expect(await jobOf(world, jobId)).toMatchObject({ status: 'CANCELLED', total: 0 });
    expect((await world.read(key('a'))).head?.newestVersion).toBe(1);
  });

  it('takes only what lies under its prefix', async () => {
    const world = await worldWith('a', 'folder/b');
    const jobId = await world.start('BATCH', { prefix: 'documents/folder/' });
    await world.settle();
    expect(await jobOf(world, jobId)).toMatchObject({ total: 1, processed: 1 });
    expect((await world.read(key('a'))).head?.newestVersion).toBe(1);
  });

  it('retries what failed with its codes, and counts what fails again', async () => {
    const world = await worldWith('fine');
    world.put(key('broken'), UNREADABLE);
    world.put(key('empty'), '');
    await world.settle();
    const jobId = await world.start('RETRY', { codes: ['corrupt-file'] });
    await world.settle();
    expect(await jobOf(world, jobId)).toMatchObject({ status: 'COMPLETED', total: 1, processed: 0, failed: 1 });
    expect((await world.read(key('broken'))).versions[0]?.attempts).toBe(2);
    expect((await world.read(key('empty'))).versions[0]?.attempts).toBe(0);
  });
});
