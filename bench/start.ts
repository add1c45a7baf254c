/**
 * How long `npm start` takes until the stack is ready: first start (synthesis, resources, samples) and later ones, in a
 * state folder of its own. Prints one line a figure: the median of several runs with their spread.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const laterStarts = 5;
const limitMs = 180_000;

async function startAndStop(state: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['cli/start.ts', '--port', '0', '--state', state], {
    cwd: root,
    stdio: 'ignore',
  });
  try {
    await waitForFile(join(state, 'endpoints.json'), child);
    return performance.now() - startedAt;
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
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

const state = await mkdtemp(join(tmpdir(), 'groundwork-bench-'));
try {
  console.log(`first start, with synthesis and samples: ${seconds(await startAndStop(state))}`);
  const times: number[] = [];
  for (let run = 0; run < laterStarts; run++) times.push(await startAndStop(state));
  times.sort((a, b) => a - b);
  const [fastest = 0, median = 0, slowest = 0] = [times[0], times[Math.floor(times.length / 2)], times.at(-1)];
  console.log(
    `later starts (${laterStarts}): median ${seconds(median)}, ${seconds(fastest)} to ${seconds(slowest)}; to hold: 10 s`,
  );
} finally {
  await rm(state, { recursive: true, force: true });
}
