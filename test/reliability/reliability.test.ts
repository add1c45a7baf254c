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
import { isSoak, runs, soakMs } from './soak.ts';
import { type KeyState, readWholeState, waitForQuiet, waitingMessages } from './whole-state.ts';

const DOCUMENTS = 500;
/** Documents that are written again while the first versions are still on their way, and watched all the time. */
const OVERWRITTEN = 40;
const PARAGRAPHS = { first: 10, second: 17, other: 1 };
const PATIENCE_MS = 170_000;
const POLL_MS = 2_000;

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
/** Asks seldom, since the answer is long, and retries what FAILED. @throws Error with what there is after `PATIENCE_MS` */
async function waitForCompleted(count: number): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(POLL_MS)) {
    const { length } = await stack.documents('status=COMPLETED');
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

async function survive(round: number, seed: number): Promise<void> {
  const folderKey = `documents/round${round}/`;
  const keys = Array.from({ length: DOCUMENTS }, (_, n) => `${folderKey}${n}.md`);
  const overwritten = keys.slice(0, OVERWRITTEN);
  const sample = keys[OVERWRITTEN] ?? ''; // like the first version of the others, and left so
  const name = (key: string) => `edition${round}${key.slice(folderKey.length, -'.md'.length)}`;
  const longest = new Set([...overwritten, sample]);
  const before = (round - 1) * DOCUMENTS;

  await stack.breakDown(plan(seed));
  const reader = new Reader(stack, overwritten);
  await upload(keys, key => edition(`${name(key)}a`, longest.has(key) ? PARAGRAPHS.first : PARAGRAPHS.other));
  await waitForCompleted(before + DOCUMENTS * 0.3);
  await restart('SIGKILL', plan(seed + 1));
  await upload(overwritten, key => edition(`${name(key)}b`, PARAGRAPHS.second));
  await waitForCompleted(before + DOCUMENTS * 0.6);
  await restart('SIGTERM', plan(seed + 2));
  await waitForCompleted(before + DOCUMENTS);
  await waitForQuiet(stack, PATIENCE_MS);
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
  console.log(`reliability: ${reader.sights.length} looks, ${reader.failures} without an answer`);
}

describe(`${DOCUMENTS} documents under throttles, kills, duplicate events and two restarts`, () => {
  it(
    'are all there in the end, each once, and none is ever half visible',
    async () => {
      for (const run of runs(1)) {
        const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
        console.log(`reliability: SEED=${seed}`);
        await survive(run + 1, seed);
      }
    },
    isSoak ? soakMs * 2 : 600_000,
  );
});
