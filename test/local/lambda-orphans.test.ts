import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { isAlive, until } from './lambda-fixture.ts';

/** A local cloud of its own with functions that idle, wait and never yield; it prints their process ids. */
const PARENT = `
import { startCloud, until } from ${JSON.stringify(new URL('./lambda-fixture.ts', import.meta.url).href)};
const cloud = await startCloud();
const say = "import { spawn } from 'node:child_process'; console.log('pid ' + process.pid);";
const grandchild = "spawn('sleep', ['300'], { stdio: 'ignore' }).pid";
cloud.deploy('idle', say + 'export const handler = async () => 1;');
cloud.deploy('waiting', say + 'export const handler = () => new Promise(r => setTimeout(r, 300_000));', { timeoutSeconds: 300 });
cloud.deploy('busy', say + \`console.log('pid ' + \${grandchild}); export const handler = async () => { for (;;); };\`, { timeoutSeconds: 300 });
await cloud.invoke('idle');
void cloud.invoke('waiting');
void cloud.invoke('busy');
const pids = () => cloud.lines.flatMap(line => /INFO pid (\\d+)/.exec(line)?.[1] ?? []);
await until(() => pids().length === 4, 'all run');
await new Promise(resolve => setTimeout(resolve, 200));
console.log(JSON.stringify({ pids: pids().map(Number), directory: cloud.directory }));
`;

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'leaves no process of a function behind when the parent gets %s',
  async signal => {
    const folder = mkdtempSync(join(tmpdir(), 'local-parent-'));
    writeFileSync(join(folder, 'parent.mjs'), PARENT);
    const parent = spawn(process.execPath, [join(folder, 'parent.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(parent, 'exit');
    const firstLine = once(createInterface(parent.stdout), 'line', { signal: AbortSignal.timeout(30_000) });
    const { pids, directory } = JSON.parse(String(await firstLine));
    expect(pids.filter(isAlive)).toHaveLength(4);
    parent.kill(signal);
    await exited;
    await until(() => !pids.some(isAlive), 'the functions are gone');
    for (const path of [folder, directory]) rmSync(path, { recursive: true, force: true });
  },
);
