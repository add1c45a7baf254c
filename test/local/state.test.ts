import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openState, resetState, StateError, type StateFault } from '../../local/state.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'state-'));
  folder = join(root, 'deep', 'state');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Fills a state folder as a cloud would. */
function used(): void {
  const state = openState(folder);
  state.database.exec('CREATE TABLE notes (text TEXT); CREATE INDEX by_text ON notes (text)');
  const insert = state.database.prepare('INSERT INTO notes VALUES (?)');
  for (let index = 0; index < 2000; index += 1) insert.run(`note ${index} ${'x'.repeat(100)}`);
  writeFileSync(join(state.directory('objects'), 'a'), 'body');
  state.close();
}

function faultOf(call: () => unknown): { fault: StateFault; message: string } {
  try {
    call();
  } catch (error) {
    if (error instanceof StateError) return { fault: error.fault, message: error.message };
    throw error;
  }
  throw new Error('Nothing was refused.');
}

/** Another process that has the folder open, for as long as it holds what it opened, or ends with an error. */
async function otherProcess(): Promise<ChildProcess> {
  const module = new URL('../../local/state.ts', import.meta.url).href;
  const script = `const { openState } = await import(${JSON.stringify(module)});
    globalThis.opened = openState(${JSON.stringify(folder)}); console.log('open'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  return child;
}

describe('openState', () => {
  it('keeps the database and the folders until the next time', () => {
    used();
    const state = openState(folder);
    expect(state.database.prepare('SELECT count(*) AS count FROM notes').get()).toEqual({ count: 2000 });
    expect(readFileSync(join(state.directory('objects'), 'a'), 'utf8')).toBe('body');
    expect(state.database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    state.close();
  });

  it('leaves what others keep in the folder', () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'endpoints.json'), '{}');
    openState(folder).close();
    resetState(folder);
    expect(readdirSync(folder)).toEqual(['endpoints.json']);
  });

  it('gives no folder outside its own', () => {
    const state = openState(folder);
    expect(() => state.directory('../elsewhere')).toThrow(RangeError);
    state.close();
  });

  it('refuses a second opening, in this process', () => {
    const state = openState(folder);
    const { fault, message } = faultOf(() => openState(folder));
    expect([fault, message]).toEqual([
      'locked',
      `The state folder ${folder} is in use by process ${process.pid}: stop that one, or choose another folder with --state.`,
    ]);
    state.close();
    openState(folder).close();
  });

  it('refuses a folder that another process has open, and takes it over once that was killed', async () => {
    const child = await otherProcess();
    onTestFinished(() => void child.kill('SIGKILL')); // also when something was not refused
    const { fault, message } = faultOf(() => openState(folder));
    const resetFault = faultOf(() => resetState(folder)).fault;
    child.kill('SIGKILL');
    await once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
    expect([fault, resetFault]).toEqual(['locked', 'locked']);
    expect(message).toContain(`in use by process ${child.pid}:`);
    openState(folder).close();
  });

  it.each<[string, () => void]>([
    ['overwritten', () => writeFileSync(join(folder, 'state.db'), 'This is no database at all, is it?')],
    ['cut short', () => truncateSync(join(folder, 'state.db'), 40_000)],
    ['cut to a few bytes', () => truncateSync(join(folder, 'state.db'), 10)],
    ['scribbled on', () => scribble(join(folder, 'state.db'))],
  ])('refuses a database that was %s, and can be reset', (_how, damage) => {
    used();
    damage();
    const { fault, message } = faultOf(() => openState(folder));
    expect(fault).toBe('corrupt');
    expect(message).toMatch(
      /^The state folder \S+ is damaged \(.+\): start clean with --reset, or choose .+ --state\.$/,
    );
    resetState(folder);
    openState(folder).close();
  });

  it('refuses what another version wrote, and can be reset', () => {
    used();
    writeFileSync(join(folder, 'state.json'), '{"format":"local-cloud-state","version":99}');
    const { fault, message } = faultOf(() => openState(folder));
    expect(fault).toBe('version');
    expect(message).toContain('--reset');
    resetState(folder);
    openState(folder).close();
  });

  it('refuses a file, and a folder below a file', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(faultOf(() => openState(file)).fault).toBe('not-a-directory');
    expect(faultOf(() => openState(join(file, 'below'))).fault).toBe('not-a-directory');
  });

  // Nobody may make folders here, root included.
  it.skipIf(process.platform !== 'linux')('refuses a folder that it cannot write', () => {
    const { fault, message } = faultOf(() => openState('/sys/local-cloud-state'));
    expect(fault).toBe('not-writable');
    expect(message).toContain('--state');
    expect(message).not.toContain('\n');
  });

  it('refuses a folder with a database or data of somebody else, and leaves it as it is', () => {
    mkdirSync(join(folder, 'data'), { recursive: true });
    expect(faultOf(() => openState(folder)).fault).toBe('not-state');
    expect(readdirSync(folder)).toEqual(['data']);
  });
});

describe('resetState', () => {
  it('removes the folder when nothing else is in it', () => {
    used();
    resetState(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('does nothing to an absent folder', () => {
    resetState(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it.each(['data', 'state.db', 'state.json'])('removes nothing from a folder with a %s of somebody else', name => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), 'precious');
    expect(faultOf(() => resetState(folder)).fault).toBe('not-state');
    expect(readFileSync(join(folder, name), 'utf8')).toBe('precious');
  });

  it('removes nothing from a folder with other things', () => {
    writeFileSync(join(root, 'precious'), '');
    resetState(root);
    expect(readdirSync(root)).toEqual(['precious']);
  });
});

function scribble(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 8192, 65_536);
  writeFileSync(file, bytes);
}
