import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredChunk } from '../../lambdas/document.ts';
import { readSidecar } from '../../lambdas/ingest/sidecar.ts';
import type { SidecarReading } from '../../lambdas/ports.ts';
import { type Letter, UNREADABLE, World } from './world.ts';

/** Most happens to the first one, since only events of one key can get in each other's way. */
const keys = ['documents/a.md', 'documents/folder/b c.md'];
const keyOf = (pick: number) => (pick % 5 < 4 ? 'documents/a.md' : 'documents/folder/b c.md');
const lines = (count: number, mark: number) =>
  Array.from({ length: count }, (_, index) => `Upload ${mark}, line ${index}`).join('\n');
const texts = (chunks: readonly StoredChunk[]) =>
  chunks
    .toSorted((a, b) => a.index - b.index)
    .map(({ text }) => text)
    .join('\n');

/** One run of a handler, held before each call of a port until it is told to go on. */
class Task {
  done = false;
  readonly letter: Letter;
  /** Whether its letter is off the queue once it has succeeded. */
  takesOff: boolean;
  readonly finished: Promise<void>;
  readonly #waiting: { go(): void; die(error: Error): void }[] = [];
  #died = false;

  constructor(world: World, letter: Letter, takesOff: boolean) {
    this.letter = letter;
    this.takesOff = takesOff;
    const gate = () => {
      if (this.#died) return Promise.reject(new Error('died'));
      return new Promise<void>((go, die) => this.#waiting.push({ go, die }));
    };
    this.finished = world.handle(letter, gate).then(
      () => {
        if (this.takesOff) world.take(letter);
        this.done = true;
      },
      () => {
        this.done = true;
      },
    );
  }

  /** Lets one waiting call through. */
  step(pick: number): void {
    this.#waiting.splice(pick % Math.max(1, this.#waiting.length), 1)[0]?.go();
  }

  /** The process dies here: no further call is made. */
  die(): void {
    this.#died = true;
    for (const { die } of this.#waiting.splice(0)) die(new Error('died'));
  }
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve));
const at = <Item>(items: readonly Item[], pick: number): Item | undefined => items[pick % items.length];

type Move =
  | { readonly kind: 'put' | 'sidecar'; readonly pick: number; readonly size: number }
  /** Lets a handler make some calls, and then die or be held there. */
  | { readonly kind: 'step' | 'die'; readonly pick: number; readonly calls: number }
  | {
      readonly kind: 'mark' | 'erase' | 'start' | 'redeliver' | 'give-up' | 'lose' | 'reconcile';
      readonly pick: number;
    };

const pick = fc.nat(999);
const only = <Kind extends string>(...kinds: Kind[]) => fc.record({ kind: fc.constantFrom(...kinds), pick });
const moves = (...others: fc.WeightedArbitrary<Move>[]) =>
  fc.array(fc.oneof(...usual, ...others), { minLength: 40, maxLength: 200, size: 'max' });
const usual: fc.WeightedArbitrary<Move>[] = [
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('put' as const), pick, size: fc.constantFrom(0, 1, 2, 3, 3, 4) }),
  },
  { weight: 1, arbitrary: only('mark', 'erase') },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('sidecar' as const), pick, size: fc.integer({ min: 0, max: 4 }) }),
  },
  { weight: 20, arbitrary: only('start', 'start', 'start', 'start', 'redeliver') },
  { weight: 1, arbitrary: only('give-up') },
  // Mostly far enough to reach any place within a handler, to leave it there or let it die there.
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constantFrom('step' as const, 'step' as const, 'step' as const, 'die' as const),
      pick,
      calls: fc.integer({ min: 0, max: 16 }),
    }),
  },
];

/** What may stand in a sidecar; nothing at all means that it is deleted. */
const sidecars = [
  undefined,
  '{ "allowedGroups": ["hr"] }',
  '{ "metadataAttributes": { "year": 2026 }, "allowedGroups": ["hr", "board"] }',
  '{ "metadataAttributes": { "tags": ["a", "b"] } }',
  '{ "allowedGroup": ["hr"] }',
];

/** Chunks in each size of file: empty, one line, a few, more than one batch, unreadable. */
const contents = [
  () => '',
  (n: number) => lines(1, n),
  (n: number) => lines(3, n),
  (n: number) => lines(40, n),
  () => UNREADABLE,
];

class Run {
  readonly world = new World();
  #tasks: Task[] = [];
  #puts = 0;
  readonly #lost = new Set<Letter>();
  /** Content of each object version. */
  readonly contentOf = new Map<string, string>();
  readonly #highestLive = new Map<string, number>();

  async make(move: Move): Promise<void> {
    const key = keyOf(move.pick);
    const letter = at(this.world.letters, move.pick);
    const task = at(this.#tasks, move.pick);
    switch (move.kind) {
      case 'put':
        return this.put(key, move.size);
      case 'sidecar':
        return this.sidecar(key, move.size);
      case 'mark':
        return this.world.mark(key);
      case 'erase':
        return this.world.erase(key, Math.floor(move.pick / 5));
      case 'start':
        return this.#start(letter, true);
      case 'redeliver':
        return this.#start(letter, false);
      case 'give-up': // a removal that is given up is left to a person, so that none is here
        if (letter && letter.queue !== 'remove' && letter.queue !== 'jobs') letter.dead = true;
        return;
      case 'lose':
        if (letter) this.world.take(letter);
        if (letter) this.#lost.add(letter);
        return;
      case 'reconcile':
        await this.world.reconcile();
        return;
      case 'step':
      case 'die':
        for (let call = 0; call < move.calls && task && !task.done; call += 1) {
          task.step(Math.floor(move.pick / 7));
          await turn();
        }
        if (move.kind === 'die' && task) this.#die(task);
    }
    await turn();
    this.#tasks = this.#tasks.filter(({ done }) => !done);
  }

  sidecar(key: string, which: number): void {
    const content = sidecars[which];
    if (content === undefined) this.world.mark(`${key}.metadata.json`);
    else this.world.put(`${key}.metadata.json`, content);
  }

  put(key: string, size: number): void {
    this.#puts += 1;
    const content = contents[size]?.(this.#puts) ?? '';
    this.world.put(key, content);
    this.contentOf.set(this.world.bucket.versionIds(key).at(-1) ?? '', content);
  }

  /** Handles a letter; once that succeeded it is off its queue, unless it is to be delivered again. */
  #start(letter: Letter | undefined, takeOff: boolean): void {
    if (letter) this.#tasks.push(new Task(this.world, letter, takeOff));
  }

  /**
   * What dies has its message delivered again, unless that is lost. So a duplicate dies only while its letter is there,
   * and then nobody takes that off who was at work already; what a late one leaves behind is left to a reconcile.
   */
  #die(dying: Task): void {
    const { letter } = dying;
    if (!this.world.letters.includes(letter) && !this.#lost.has(letter)) return;
    for (const task of this.#tasks) if (task.letter === letter) task.takesOff = false;
    dying.die();
  }

  /** No process dies any more, and every letter is handled. */
  async settle(): Promise<void> {
    while (this.#tasks.length > 0) {
      for (const task of this.#tasks) task.step(0);
      await turn();
      this.#tasks = this.#tasks.filter(({ done }) => !done);
    }
    await this.world.settle();
  }

  /** What must hold at every moment: whatever is live is whole, and exactly what was uploaded; it never goes back. */
  async checkLive(): Promise<void> {
    for (const key of keys) {
      const { documentId, head, live, chunks, vectors } = await this.world.read(key);
      if (head?.status === 'DELETED') expect(head.liveVersion).toBeUndefined();
      if (head?.liveVersion === undefined || !live) continue;
      const { version, s3VersionId = '' } = live;
      expect(texts(chunks.filter(chunk => chunk.version === version))).toBe(this.contentOf.get(s3VersionId));
      expect(vectors.filter(vector => vector.version === version)).toHaveLength(live.chunkCount ?? -1);
      expect(version).toBeGreaterThanOrEqual(this.#highestLive.get(documentId) ?? 0);
      this.#highestLive.set(documentId, version);
    }
  }

  /** Document and vectors say what the sidecar says that the bucket holds. */
  async #checkMetadata(key: string): Promise<SidecarReading> {
    const { head, metadata } = await this.world.read(key);
    const sidecar = await readSidecar(this.world.bucket, key);
    const { groups, attributes } = sidecar.metadata;
    for (const carried of metadata)
      expect(carried).toEqual({ ...(groups && { groups }), attributes: attributes ?? {} });
    if (head && head.status !== 'DELETED') expect(head).toMatchObject({ groups, attributes });
    return sidecar;
  }

  /** What must hold once everything is done: registry, chunks and vectors are what the bucket holds. */
  async checkSettled(): Promise<void> {
    for (const key of keys) {
      const { head, versions, live, chunks, vectors, archived } = await this.world.read(key);
      const sidecar = await this.#checkMetadata(key);
      const object = await this.world.bucket.head(key);
      const content = this.contentOf.get(object?.s3VersionId ?? '');
      const stored = new Set([...chunks, ...vectors, ...archived].map(({ version }) => version));
      expect(stored).toEqual(new Set(live ? [live.version] : []));
      expect(vectors).toHaveLength(chunks.length);
      const outdated = versions.filter(({ version }) => version !== live?.version && version !== head?.newestVersion);
      expect(outdated.every(({ status }) => status === 'DELETED')).toBe(true);
      if (!object) {
        expect([undefined, 'DELETED']).toContain(head?.status);
        expect(live).toBeUndefined();
      } else if (content === '' || content === UNREADABLE) {
        expect(head).toMatchObject({
          status: 'FAILED',
          error: { code: content === '' ? 'empty-file' : 'corrupt-file' },
        });
      } else {
        const status = sidecar.error ? 'FAILED' : 'COMPLETED';
        expect(head).toMatchObject({ status, error: sidecar.error, liveVersion: head?.newestVersion });
        expect(live).toMatchObject({ status: 'COMPLETED', s3VersionId: object.s3VersionId });
        expect(texts(chunks)).toBe(content);
      }
    }
  }
}

/** A failure is told with its seed, even if making it small takes longer than a test may. */
const RUNS = { numRuns: 200, interruptAfterTimeLimit: 40_000, markInterruptAsFailure: true };

describe('the ingestion pipeline', () => {
  it('ends as the bucket is, whatever the order, duplicates, deaths and given-up messages', async () => {
    await fc.assert(
      fc.asyncProperty(moves({ weight: 1, arbitrary: only('reconcile') }), async made => {
        const run = new Run();
        for (const move of made) {
          await run.make(move);
          await run.checkLive();
        }
        await run.settle();
        await run.checkLive();
        // What was given up says so, and a retry mends it; an unreadable file stays FAILED.
        for (const key of keys) await run.world.retry(key);
        await run.settle();
        await run.checkLive();
        await run.checkSettled();
      }),
      RUNS,
    );
  });

  it('ends as the bucket is after a reconcile, whatever messages were lost', async () => {
    await fc.assert(
      fc.asyncProperty(moves({ weight: 3, arbitrary: only('lose', 'lose', 'reconcile') }), async made => {
        const run = new Run();
        for (const move of made) {
          await run.make(move);
          await run.checkLive();
        }
        await run.settle();
        const jobId = await run.world.reconcile();
        await run.settle();
        for (const key of keys) await run.world.retry(key);
        await run.settle();
        await run.checkLive();
        await run.checkSettled();
        expect(await run.world.jobs.get(jobId)).toMatchObject({ status: 'COMPLETED' });
        expect(await run.world.jobs.listStopped('~')).toEqual([]);
      }),
      RUNS,
    );
  });

  it('brings a new document live with its text, title and vectors', async () => {
    const run = new Run();
    run.put('documents/a.md', 3);
    await run.settle();
    await run.checkSettled();
    const { head, versions } = await run.world.read('documents/a.md');
    expect(head).toMatchObject({
      status: 'COMPLETED',
      liveVersion: 1,
      chunkCount: 40,
      title: 'About Upload 1, line 0',
    });
    expect(versions[0]).toMatchObject({ batchCount: 2, embeddedBatches: [0, 1], attempts: 1 });
  });

  it('lets the old version answer until the new one is complete, also when that one fails', async () => {
    const run = new Run();
    run.put('documents/a.md', 2);
    await run.settle();
    run.put('documents/a.md', 4);
    await run.settle();
    const { head, chunks } = await run.world.read('documents/a.md');
    expect(head).toMatchObject({ status: 'FAILED', liveVersion: 1, newestVersion: 2, error: { code: 'corrupt-file' } });
    expect(chunks).toHaveLength(3);
    run.put('documents/a.md', 1);
    await run.settle();
    await run.checkSettled();
  });
});
