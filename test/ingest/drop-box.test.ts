import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentIdOf, filedObject } from '../../lambdas/document.ts';
import { UNREADABLE, World } from './world.ts';

const key = 'incoming/a.md';
const documentId = documentIdOf('default', key);
const text = async (world: World, objectKey: string) => {
  const bytes = await world.bucket.read(objectKey);
  return bytes && Buffer.from(bytes).toString();
};

interface Step {
  readonly pick: number;
  /** It is delivered again later. */
  readonly keep: boolean;
  /** After so many calls of ports. */
  readonly dies: number | null;
}

async function handleSome(world: World, { pick, keep, dies }: Step): Promise<void> {
  const letter = world.letters[pick % Math.max(1, world.letters.length)];
  if (!letter) return;
  let left = dies ?? Number.POSITIVE_INFINITY;
  const gate = async () => {
    left -= 1;
    if (left < 0) throw new Error('died');
  };
  const isDone = await world.handle(letter, gate).then(
    () => true,
    () => false,
  );
  if (isDone && !keep) world.letters.splice(world.letters.indexOf(letter), 1);
}

async function expectFiled(world: World, content: string): Promise<void> {
  const { head, chunks } = await world.read(key);
  const failed = content === UNREADABLE;
  expect(await world.bucket.head(key)).toBeUndefined();
  expect(await text(world, failed ? 'failed/a.md' : 'processed/a.md')).toBe(content);
  expect(head?.status).toBe(failed ? 'FAILED' : 'COMPLETED');
  if (failed) return;
  expect(chunks.map(chunk => chunk.text).join('\n')).toBe(content);
  expect(await world.bucket.head('failed/a.md.error.json')).toBeUndefined();
}

describe('the drop box', () => {
  it('files what is complete as processed, and the document stays as it was', async () => {
    const world = new World();
    world.put(key, 'one');
    await world.settle();
    expect(await world.bucket.head(key)).toBeUndefined();
    expect(await text(world, 'processed/a.md')).toBe('one');
    const { head, chunks } = await world.read(key);
    expect(head).toMatchObject({ status: 'COMPLETED', liveVersion: 1 });
    expect(head && filedObject(head, 1)).toMatchObject({ key: 'processed/a.md' });
    expect(chunks).toHaveLength(1);
  });

  it('files what failed with the reason, and a retry that succeeds clears it away', async () => {
    const world = new World();
    world.put(key, UNREADABLE);
    await world.settle();
    expect(await world.bucket.head(key)).toBeUndefined();
    expect(await text(world, 'failed/a.md')).toBe(UNREADABLE);
    const report = JSON.parse((await text(world, 'failed/a.md.error.json')) ?? '');
    expect(report).toMatchObject({ key, documentId, version: 1, code: 'corrupt-file', when: expect.any(String) });
    expect(report.retry).toContain(`/documents/${documentId}/retry`);
    world.put(key, 'corrected');
    await world.settle();
    expect(await text(world, 'processed/a.md')).toBe('corrected');
    expect(await world.bucket.head('failed/a.md')).toBeUndefined();
    expect(await world.bucket.head('failed/a.md.error.json')).toBeUndefined();
  });

  it('ends the document when its processed object is deleted, and takes it up again when it is dropped again', async () => {
    const world = new World();
    world.put(key, 'one');
    await world.settle();
    world.mark('processed/a.md');
    await world.settle();
    expect(await world.read(key)).toMatchObject({ head: { status: 'DELETED' }, chunks: [], vectors: [] });
    world.put(key, 'two');
    await world.settle();
    expect(await world.read(key)).toMatchObject({ head: { status: 'COMPLETED', liveVersion: 2 } });
    expect(await text(world, 'processed/a.md')).toBe('two');
  });

  it('has a filed document processed again from where it lies', async () => {
    const world = new World();
    world.put(key, 'one');
    await world.settle();
    await world.chunks.removeVersion(documentId, 1);
    await world.reconcile();
    await world.settle();
    const { head, vectors } = await world.read(key);
    expect(head).toMatchObject({
      status: 'COMPLETED',
      liveVersion: 2,
      processedObject: { version: 2, key: 'processed/a.md' },
    });
    expect(vectors).toHaveLength(1);
    expect(await text(world, 'processed/a.md')).toBe('one');
  });

  it('files what was left in the box, once a reconcile finds it', async () => {
    const world = new World();
    world.put(key, 'one');
    world.put('incoming/b.md', UNREADABLE);
    const isFiling = ({ body }: { body: string }) => 'file' in JSON.parse(body);
    while (!world.letters.every(isFiling)) {
      const [letter] = world.letters.splice(
        world.letters.findIndex(letter => !isFiling(letter)),
        1,
      );
      if (letter) await world.handle(letter);
    }
    world.letters.length = 0; // given up
    const jobId = await world.reconcile();
    await world.settle();
    await expectFiled(world, 'one');
    expect(await text(world, 'failed/b.md')).toBe(UNREADABLE);
    expect((await world.jobs.get(jobId))?.mended).toMatchObject({ resent: 2 });
    await world.reconcile();
    await world.settle();
    expect((await world.read(key)).head).toMatchObject({ liveVersion: 1, newestVersion: 1 });
  });

  it('has filed documents processed again by a job, and nothing that a person put beside them', async () => {
    const world = new World();
    for (const name of ['a.md', 'b.md', 'gone.md']) world.put(`incoming/${name}`, 'one');
    world.put('incoming/bad.md', UNREADABLE);
    await world.settle();
    world.put('processed/stray.md', 'stray');
    world.mark('processed/gone.md');
    await world.settle();
    const jobId = await world.start('BATCH', { prefix: 'incoming/' });
    await world.settle();
    expect(await world.jobs.get(jobId)).toMatchObject({ status: 'COMPLETED', total: 3, processed: 2, failed: 1 });
    expect(await world.read(key)).toMatchObject({ head: { status: 'COMPLETED', liveVersion: 2 } });
    expect((await world.read('incoming/bad.md')).head).toMatchObject({ status: 'FAILED', newestVersion: 2 });
    expect((await world.read('incoming/gone.md')).head).toMatchObject({ status: 'DELETED' });
    expect((await world.read('incoming/stray.md')).head).toBeUndefined();
    expect(await text(world, 'processed/a.md')).toBe('one');
  });

  it('drops an upload that is withdrawn before it was read', async () => {
    const world = new World();
    world.put(key, 'one');
    world.mark(key);
    await world.settle();
    expect((await world.read(key)).head?.status).not.toBe('COMPLETED');
    expect(await world.bucket.head('processed/a.md')).toBeUndefined();
  });

  /** Each letter may be handled twice, and dies at some call when `dies` says so; the oldest need not come first. */
  it('ends with the newest upload filed, and nothing left in the box, whatever the order, duplicates and deaths', async () => {
    const step = fc.record({ pick: fc.nat(99), keep: fc.boolean(), dies: fc.option(fc.nat(12)) });
    const upload = fc.constantFrom('one', 'two\nlines', UNREADABLE, 'three');
    const moves = fc.array(fc.oneof({ weight: 1, arbitrary: upload }, { weight: 5, arbitrary: step }), {
      minLength: 5,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(moves, async made => {
        const world = new World();
        let last: string | undefined;
        for (const move of made) {
          if (typeof move === 'string') {
            last = move;
            world.put(key, move);
            continue;
          }
          await handleSome(world, move);
        }
        await world.settle();
        if (last === undefined) return;
        await expectFiled(world, last);
      }),
      { numRuns: 300 },
    );
  });
});
