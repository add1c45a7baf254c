/**
 * How large each function's bundle is and what fills it, and how long the chat function takes to load. "at start" is what
 * a cold start evaluates; the rest is read on demand. Sizes are exact; times are of fresh processes on this machine,
 * beside an empty module's.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Metafile } from 'esbuild';
import { buildBundles, bundleNames } from '../lib/bundles.ts';
import { chatEnvironment } from './chat-environment.ts';

const root = join(import.meta.dirname, '..');
const loads = 11;
const largestShown = 5;

/** The files that loading index.mjs evaluates: itself and what it imports statically, however far. */
function filesAtStart({ outputs }: Metafile): string[] {
  const found = new Set(Object.keys(outputs).filter(path => basename(path) === 'index.mjs'));
  for (const path of found) {
    for (const { kind, external, path: imported } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && !external) found.add(imported); // a Set's loop reaches what is added meanwhile
  }
  return [...found];
}

/** Bytes of each package in these files, largest first; Groundwork's own code counts as one. */
function bytesByPackage({ outputs }: Metafile, paths: readonly string[]): [name: string, bytes: number][] {
  const sums = new Map<string, number>();
  for (const path of paths) {
    for (const [input, { bytesInOutput }] of Object.entries(outputs[path]?.inputs ?? {})) {
      const [, name = 'own code'] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input) ?? [];
      sums.set(name, (sums.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}

const kib = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

async function printSizes(name: string, folder: string): Promise<void> {
  const metafile: Metafile = JSON.parse(await readFile(`${folder}.meta.json`, 'utf8')); // written by buildBundles
  const paths = filesAtStart(metafile);
  const files = await Promise.all(paths.map(path => readFile(join(folder, basename(path)))));
  const atStart = sum(files.map(file => file.length));
  const zipped = sum(files.map(file => gzipSync(file).length));
  const whole = sum(Object.values(metafile.outputs).map(({ bytes }) => bytes));
  console.log(`${name}: ${kib(atStart)} at start (${kib(zipped)} gzipped), ${kib(whole)} in all`);
  const largest = bytesByPackage(metafile, paths).slice(0, largestShown);
  console.log(`    ${largest.map(([part, bytes]) => `${part} ${kib(bytes)}`).join(', ')}`);
}

/** Milliseconds from the start of a fresh process to its end, in which it loads this module. */
async function loadMs(module: string): Promise<number> {
  // Lambda's runtime sets this global before it loads a handler.
  const code = `globalThis.awslambda = { streamifyResponse: handler => handler }; await import(${JSON.stringify(module)}); process.exit();`;
  const startedAt = performance.now();
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    env: { ...chatEnvironment, AWS_REGION: 'us-east-1', POWERTOOLS_METRICS_NAMESPACE: 'Groundwork' },
  });
  return performance.now() - startedAt;
}

async function printLoadTimes(chat: string, scratch: string): Promise<void> {
  const empty = join(scratch, 'empty.mjs');
  await writeFile(empty, '');
  const times: Record<'chat' | 'empty', number[]> = { chat: [], empty: [] };
  for (let run = 0; run < loads; run++) {
    times.empty.push(await loadMs(empty));
    times.chat.push(await loadMs(join(chat, 'index.mjs')));
  }
  for (const [name, all] of Object.entries(times)) {
    all.sort((a, b) => a - b);
    const [fastest, median, slowest] = [all[0], all[Math.floor(loads / 2)], all.at(-1)].map(ms => ms?.toFixed(0));
    console.log(`process that loads ${name}: median ${median} ms, ${fastest} to ${slowest} ms (${loads} runs)`);
  }
}

const scratch = await mkdtemp(join(tmpdir(), 'groundwork-bundles-'));
try {
  const bundles = await buildBundles(root, join(scratch, 'bundles'));
  for (const name of bundleNames) await printSizes(name, bundles[name]);
  await printLoadTimes(bundles.chat, scratch);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
