import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultPlanInput } from '../../local/faults/plan.ts';
import { type StackProcess, startStackProcess } from '../cloud/support/stack-process.ts';
import { differences, edition } from './convergence.ts';
import { Reader, type Sight } from './reader.ts';
import { retryFailed } from './retry-failed.ts';
import { runs, timeOf } from './time.ts';
import { type KeyState, readWholeState, waitForQuiet, waitingMessages } from './whole-state.ts';

const DOCUMENTS = 500;
/** Written at once, and at most under way when more are written. */
const WAVE = 100;
const BACKLOG = 200;
/** Documents that are written again while the first versions are still on their way, and watched all the time. */
const OVERWRITTEN = 40;
const PARAGRAPHS = { first: 10, second: 17, other: 1 };
const POLL_MS = 2_000;
const time = timeOf('reliability');

const plan = (seed: number): FaultPlanInput => ({
  seed,
  calls: [{ fault: 'throttle', rate: 0.2 }],
  functions: [{ function: '*Ingestion*', fault: 'kill', rate: 0.05 }],
  deliveries: [{ duplicate: 0.1, withinMs: 1_000 }],
  failedMessagesReturnMs: 500,
});

let stack: StackProcess;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reliability-'));
  stack = await startStackProcess(folder);
});
afterAll(async () => {
  await stack?.stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

const upload = (keys: readonly string[], bodyOf: (key: string) => string) =>
  pMap(
    keys,
    Key => stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body: Buffer.from(bodyOf(Key)) })),
    { concurrency: 8 },
  );
const completed = async (): Promise<number> => (await stack.documents('status=COMPLETED')).length;

/** Asks seldom, since the answer is long, and retries what FAILED. @throws Error with what there is when the time is over */
async function waitForCompleted(count: number): Promise<void> {
  for (const deadline = Date.now() + time.left(); ; await sleep(POLL_MS)) {
    const length = await completed();
    if (length >= count) return;
    const retried = await retryFailed(stack);
    if (retried.length > 0) console.log(`reliability: retried ${retried.join(', ')}`);
    if (Date.now() <= deadline) continue;
    const isOpen = ({ head, listed }: KeyState) => head?.status !== 'COMPLETED' || listed?.status !== 'COMPLETED';
    const open = (await readWholeState(stack)).filter(isOpen);
    const states = open.map(({ key, head, listed, versions }) => JSON.stringify({ key, head, listed, versions }));
    const waiting = JSON.stringify(await waitingMessages(stack));
    throw new Error(`${length} of ${count} are COMPLETED; not:\n${states.slice(0, 5).join('\n')}\n${waiting}`);
  }
}
/** The same plan goes on after a restart, with other luck. */
async function restart(signal: 'SIGKILL' | 'SIGTERM', faults: FaultPlanInput): Promise<void> {
  await stack.stop(signal);
  await stack.start(faults);
}

/** A document is seen whole, in one version, never again in an older one, and from the first sight on always. */
function checkSights(sights: readonly Sight[], chunkCounts: ReadonlyMap<string, number>): void {
  const newest = new Map<string, number>();
  for (const { key, editions, versions, chunkCount } of sights) {
    const [edition, version] = [editions[0], versions[0]];
    if (edition === undefined || version === undefined) {
      expect(newest.get(key), `${key} was there and is not any more`).toBeUndefined();
      continue;
    }
    expect({ key, editions, versions }).toEqual({ key, editions: [edition], versions: [version] });
    expect({ key, edition, chunkCount }).toEqual({ key, edition, chunkCount: chunkCounts.get(edition.slice(-1)) });
    expect(version).toBeGreaterThanOrEqual(newest.get(key) ?? 0);
    newest.set(key, version);
  }
}

/** Chunks of each edition of a watched document, by the edition's last letter. */
function chunkCountsIn(states: readonly KeyState[], overwritten: readonly string[], sample: string) {
  const countOf = (key: string) => states.find(state => state.key === key)?.chunks.length ?? 0;
  return new Map([
    ['a', countOf(sample)],
    ['b', countOf(overwritten[0] ?? '')],
  ]);
}

/** Writes wave by wave, the next one when most of those before are done, until all are written or their time is over. */
class Writing {
  readonly #keys: readonly string[];
  readonly #bodyOf: (key: string) => string;
  readonly #before: number;
  #written = 0;

  /** @param before documents of earlier rounds */
  constructor(keys: readonly string[], bodyOf: (key: string) => string, before: number) {
    this.#keys = keys;
    this.#bodyOf = bodyOf;
    this.#before = before;
  }

  get keys(): readonly string[] {
    return this.#keys.slice(0, this.#written);
  }

  /** @param share of the documents to be COMPLETED, or of the time for writing to be over, but for half of the first wave */
  async until(share: number): Promise<void> {
    for (; ; await sleep(POLL_MS)) {
      const done = (await completed()) - this.#before;
      const isTime = time.written() >= share && done >= WAVE / 2;
      if (isTime || done >= share * this.#keys.length || time.left() === 0) return;
      if (this.#written < this.#keys.length && this.#written - done <= BACKLOG - WAVE) await this.wave();
      else await retryFailed(stack);
    }
  }

  async wave(): Promise<void> {
    const from = this.#written;
    await upload(this.#keys.slice(from, from + WAVE), this.#bodyOf);
    this.#written = Math.min(from + WAVE, this.#keys.length);
  }
}

async function survive(round: number, seed: number): Promise<void> {
  const folderKey = `documents/round${round}/`;
  const all = Array.from({ length: DOCUMENTS }, (_, n) => `${folderKey}${n}.md`);
  const overwritten = all.slice(0, OVERWRITTEN);
  const sample = all[OVERWRITTEN] ?? ''; // like the first version of the others, and left so
  const name = (key: string) => `edition${round}${key.slice(folderKey.length, -'.md'.length)}`;
  const longest = new Set([...overwritten, sample]);
  const before = await completed();

  await stack.breakDown(plan(seed));
  const reader = new Reader(stack, overwritten);
  const first = (key: string) => edition(`${name(key)}a`, longest.has(key) ? PARAGRAPHS.first : PARAGRAPHS.other);
  const writing = new Writing(all, first, before);
  await writing.wave();
  await writing.until(0.3);
  await restart('SIGKILL', plan(seed + 1));
  await upload(overwritten, key => edition(`${name(key)}b`, PARAGRAPHS.second));
  await writing.until(0.6);
  await restart('SIGTERM', plan(seed + 2));
  await writing.until(1);
  const { keys } = writing;
  await waitForCompleted(before + keys.length);
  await waitForQuiet(stack, time.left());
  const { injected } = await stack.faults();
  await stack.breakDown({});
  await reader.stop();

  const states = await readWholeState(stack);
  const ours = states.filter(({ key }) => key.startsWith(folderKey));
  expect(ours.flatMap(differences)).toEqual([]);
  const versions = ours.map(({ key, head }) => [key, head?.newestVersion]);
  expect(Object.fromEntries(versions)).toEqual(
    Object.fromEntries(keys.map(key => [key, overwritten.includes(key) ? 2 : 1])),
  );
  const chunkCounts = chunkCountsIn(states, overwritten, sample);
  expect(chunkCounts.get('a')).toBeGreaterThan(1);
  expect(chunkCounts.get('b')).toBeGreaterThan(chunkCounts.get('a') ?? 0);
  checkSights(reader.sights, chunkCounts);
  const seen = new Set(reader.sights.flatMap(({ editions }) => editions.map(word => word.slice(-1))));
  expect(seen).toEqual(new Set(['a', 'b']));
  for (const fault of ['throttle', 'kill', 'duplicate']) expect(Object.keys(injected).join('\n')).toContain(fault);
  console.log(
    `reliability: ${keys.length} documents, ${reader.sights.length} looks, ${reader.failures} without an answer`,
  );
}

describe(`up to ${DOCUMENTS} documents under throttles, kills, duplicate events and two restarts`, () => {
  it(
    'are all there in the end, each once, and none is ever half visible',
    async () => {
      for (const run of runs(1, time.left)) {
        const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
        console.log(`reliability: SEED=${seed}`);
        await survive(run + 1, seed);
      }
    },
    time.timeoutMs,
  );
});
