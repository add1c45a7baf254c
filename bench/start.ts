/**
 * How long `npm start` takes until the stack is ready: first start (synthesis, resources, samples) and later ones, in a
 * state folder of its own, and which of its steps take the time. Prints medians of several runs with their spread.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const laterStarts = 7;
const limitMs = 180_000;

interface Start {
  /** From the process's beginning until `endpoints.json` is there. */
  readonly readyMs: number;
  /** Of each step by its text, as the command itself reports them, to a tenth of a second. */
  readonly steps: ReadonlyMap<string, number>;
}

async function startAndStop(state: string): Promise<Start> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['cli/start.ts', '--port', '0', '--state', state], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data));
  try {
    await waitForFile(join(state, 'endpoints.json'), child);
    return { readyMs: performance.now() - startedAt, steps: stepsIn(output) };
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGINT');
      await once(child, 'exit');
    }
  }
}

async function waitForFile(path: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!existsSync(path)) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error(`npm start was not ready within ${limitMs} ms`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** Lines such as `✓ Starting the local cloud: http://127.0.0.1:4566 (0.5 s)`. */
function stepsIn(output: string): Map<string, number> {
  const lines = output.matchAll(/✓ ([^:\n]+?)(?:: .*)? \((\d+\.\d) s\)/g);
  return new Map(Array.from(lines, ([, step = '', seconds]) => [step, Number(seconds) * 1000]));
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const median = (values: readonly number[]) => sorted(values)[Math.floor(values.length / 2)] ?? 0;

function print(name: string, starts: readonly Start[]): void {
  const times = sorted(starts.map(({ readyMs }) => readyMs));
  const spread = times.length > 1 ? `, ${seconds(times[0] ?? 0)} to ${seconds(times.at(-1) ?? 0)}` : '';
  console.log(`${name} (${starts.length}): median ${seconds(median(times))}${spread}`);
  const names = [...(starts[0]?.steps.keys() ?? [])];
  const steps = names.map(step => [step, median(starts.map(start => start.steps.get(step) ?? 0))] as const);
  const rest = median(times) - steps.reduce((sum, [, ms]) => sum + ms, 0);
  for (const [step, ms] of [...steps, ['Loading the code, and the rest', rest] as const]) {
    console.log(`  ${step.padEnd(32)} ${seconds(ms)}`);
  }
}

const state = await mkdtemp(join(tmpdir(), 'groundwork-bench-'));
try {
  print('first start', [await startAndStop(state)]);
  const later: Start[] = [];
  for (let run = 0; run < laterStarts; run++) later.push(await startAndStop(state));
  print('later starts, to be ready within 10 s', later);
} finally {
  await rm(state, { recursive: true, force: true });
}
