import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultPlanInput } from '../../local/faults/plan.ts';
import { type StackProcess, startStackProcess } from '../cloud/support/stack-process.ts';
import { differences, edition } from './convergence.ts';
import { retryFailed } from './retry-failed.ts';
import { runs, timeOf } from './time.ts';
import { readWholeState, waitForQuiet } from './whole-state.ts';

/** In `npm test`; a soak runs for as long as it is told. */
const RUNS = 2;
const time = timeOf('convergence');

let stack: StackProcess;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'convergence-'));
  stack = await startStackProcess(folder);
});
afterAll(async () => {
  await stack?.stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

const KEYS = 16;
type Step =
  /** Writes the object, over whatever is there. */
  | { readonly kind: 'put'; readonly key: number; readonly paragraphs: number }
  /** Deletes it, once or twice in a row. */
  | { readonly kind: 'delete'; readonly key: number; readonly times: number }
  /** Deletes it and writes it anew at once. */
  | { readonly kind: 'replace'; readonly key: number; readonly paragraphs: number }
  /** Deletes one stored version for good, maybe a delete marker. */
  | { readonly kind: 'erase'; readonly key: number; readonly pick: number }
  | { readonly kind: 'pause'; readonly milliseconds: number };

const key = fc.nat(KEYS - 1);
/** Empty, one chunk, some chunks, more chunks than one batch of embeddings. */
const paragraphs = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 3, arbitrary: fc.integer({ min: 10, max: 30 }) },
  { weight: 1, arbitrary: fc.constant(220) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('put' as const), key, paragraphs }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), key, times: fc.integer({ min: 1, max: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('replace' as const), key, paragraphs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), key, pick: fc.nat(9) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pause' as const), milliseconds: fc.integer({ min: 10, max: 600 }) }),
  },
);
/** In even steps: of `fc.double`, almost all are next to nothing. */
const upTo = (max: number) => fc.integer({ min: 0, max: 20 }).map(step => (step * max) / 20);
const plan: fc.Arbitrary<FaultPlanInput> = fc
  .record({
    seed: fc.nat(0xffff),
    throttles: upTo(0.2),
    breaks: upTo(0.05),
    kills: upTo(0.15),
    twice: upTo(0.3),
    late: upTo(0.4),
  })
  .map(({ seed, throttles, breaks, kills, twice, late }) => ({
    seed,
    calls: [
      { service: 'bedrock' as const, fault: 'throttle' as const, rate: throttles },
      { service: 'pinecone' as const, fault: 'throttle' as const, rate: throttles },
      { service: 'dynamodb' as const, fault: 'throttle' as const, rate: throttles },
      { fault: 'disconnect' as const, rate: breaks },
      { fault: 'error' as const, rate: breaks },
    ],
    functions: [{ function: '*Ingestion*', fault: 'kill' as const, rate: kills }],
    deliveries: [{ duplicate: twice, reorder: late, withinMs: 1_500 }],
    failedMessagesReturnMs: 300,
  }));
/** After which step the whole cloud is killed and started again, if at all. */
const crash = fc.option(fc.nat(59), { freq: 2, nil: undefined });

class Run {
  static #count = 0;
  readonly #prefix: string;
  #editions = 0;

  constructor() {
    Run.#count += 1;
    this.#prefix = `documents/run${Run.#count}/`;
  }

  async make(step: Step): Promise<void> {
    if (step.kind === 'pause') return sleep(step.milliseconds);
    const target = { Bucket: stack.bucket, Key: `${this.#prefix}${step.key}.md` };
    switch (step.kind) {
      case 'put':
        return this.#put(target, step.paragraphs);
      case 'delete':
        for (let count = 0; count < step.times; count += 1) await stack.s3.send(new DeleteObjectCommand(target));
        return;
      case 'replace':
        await stack.s3.send(new DeleteObjectCommand(target));
        return this.#put(target, step.paragraphs);
      case 'erase': {
        const listed = await stack.s3.send(
          new ListObjectVersionsCommand({ Bucket: target.Bucket, Prefix: target.Key }),
        );
        const all = [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])];
        const VersionId = all[step.pick % all.length]?.VersionId;
        if (VersionId) await stack.s3.send(new DeleteObjectCommand({ ...target, VersionId }));
      }
    }
  }

  async #put(target: { Bucket: string; Key: string }, paragraphs: number): Promise<void> {
    this.#editions += 1;
    const Body = Buffer.from(edition(`edition${Run.#count}x${this.#editions}`, paragraphs));
    await stack.s3.send(new PutObjectCommand({ ...target, Body }));
  }
}

const converges = fc.asyncProperty(
  fc.array(step, { minLength: 60, maxLength: 60 }),
  plan,
  crash,
  async (steps, faults, crashAfter) => {
    await stack.breakDown(faults);
    const run = new Run();
    const writtenBefore = time.written();
    for (const [place, made] of steps.entries()) {
      // Each run has its half of the time for writing; what crashes does so in any case.
      const isLate = time.written() > writtenBefore + 1 / RUNS;
      if (isLate && place > (crashAfter ?? 0)) break;
      if (!isLate) await run.make(made);
      if (place !== crashAfter) continue;
      await stack.stop('SIGKILL');
      await stack.start(faults);
    }
    await waitForQuiet(stack, time.left());
    const happened = Object.values((await stack.faults()).injected).reduce((sum, times) => sum + times, 0);
    console.log(`convergence: ${happened} faults since the last start`);
    await stack.breakDown({});
    await retryFailed(stack);
    await waitForQuiet(stack, time.left());
    expect((await readWholeState(stack)).flatMap(differences)).toEqual([]);
  },
);

describe('whatever happens in the bucket, and whatever goes wrong', () => {
  it(
    'registry, chunks and vectors end as the bucket is',
    async () => {
      for (const _ of runs(RUNS, time.left)) {
        const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
        console.log(`convergence: SEED=${seed}`);
        await fc.assert(converges, { seed, numRuns: 1, endOnFailure: true });
      }
    },
    time.timeoutMs,
  );
});
