import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoints } from '../../../cli/endpoints.ts';
import { assembly } from './assembly.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const LIMIT_MS = 90_000;

/** A state folder in which the stack is synthesized already. */
export function synthesizedState(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const suffix of ['', '.sha256']) {
    cpSync(`${assembly}${suffix}`, join(folder, `cdk.out${suffix}`), { recursive: true });
  }
  return folder;
}

/** `npm start` as a person runs it: a process of its own. */
export class StartProcess {
  readonly state: string;
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  #stdout = '';
  #stderr = '';

  constructor(
    state: string,
    options: readonly string[] = ['--port', '0', '--no-samples'],
    env: NodeJS.ProcessEnv = {},
  ) {
    this.state = state;
    this.child = spawn(process.execPath, ['cli/start.ts', '--state', state, ...options], {
      cwd: root,
      env: { ...process.env, PORT: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (data: Buffer) => (this.#stdout += data));
    this.child.stderr?.on('data', (data: Buffer) => (this.#stderr += data));
    this.exited = new Promise(resolve => this.child.once('close', code => resolve(code)));
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** Of one that has ended, without the last line end. */
  get stderr(): string {
    return this.#stderr.trimEnd();
  }

  /** Waits until it says how to ask. */
  async ready(): Promise<Endpoints> {
    await this.until('it is ready', () => this.#stdout.includes('Ctrl-C stops everything'));
    return JSON.parse(readFileSync(this.endpointsFile, 'utf8')) as Endpoints;
  }

  get endpointsFile(): string {
    return join(this.state, 'endpoints.json');
  }

  get isPublished(): boolean {
    return existsSync(this.endpointsFile);
  }

  async until(what: string, isTrue: () => boolean): Promise<void> {
    const deadline = Date.now() + LIMIT_MS;
    while (!isTrue()) {
      const said = `${this.#stdout}${this.#stderr}`;
      if (this.child.exitCode !== null && !isTrue()) throw new Error(`It ended before ${what}. It said:\n${said}`);
      if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}. It said:\n${said}`);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  /** All processes that it has started and that live, also those in groups of their own. */
  descendants(): number[] {
    const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
    const processes = table
      .trim()
      .split('\n')
      .map(line => line.trim().split(/\s+/).map(Number));
    const found = new Set([this.child.pid]);
    // Parents mostly come first, but need not.
    for (let size = 0; size < found.size; ) {
      size = found.size;
      for (const [pid, parent] of processes) if (found.has(parent)) found.add(pid);
    }
    found.delete(this.child.pid);
    return [...found].filter(pid => pid !== undefined && isAlive(pid)) as number[];
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal);
    return this.exited;
  }
}

/** A zombie that waits for its parent does not count. */
export function isAlive(pid: number): boolean {
  try {
    const state = execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return !state.trim().startsWith('Z');
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 1) return false; // there is no such process
    throw error;
  }
}
