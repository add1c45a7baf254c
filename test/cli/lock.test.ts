import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from '../../cli/login/lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'groundwork-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('lets one at a time do its work, also after one that failed', async () => {
  const file = join(folder, 'lock');
  let inside = 0;
  let most = 0;
  const work = async (fails: boolean) => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise(resolve => setTimeout(resolve, 10));
    inside -= 1;
    if (fails) throw new Error('as expected');
  };
  const runs = [true, false, true, false].map(fails => withLock(file, () => work(fails)));
  const ends = await Promise.allSettled(runs);
  expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(2);
  expect(most).toBe(1);
});

it('waits for another process, and for none that was killed', async () => {
  const file = join(folder, 'lock');
  const program = `import { withLock } from ${JSON.stringify(join(import.meta.dirname, '../../cli/login/lock.ts'))};
    await withLock(${JSON.stringify(file)}, () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1e6)); });`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(other, 'close');
  await once(other.stdout, 'data');
  let isDone = false;
  const ours = withLock(file, async () => {
    isDone = true;
  });
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(isDone).toBe(false);
  other.kill('SIGKILL');
  await ended;
  await ours;
  expect(isDone).toBe(true);
});
