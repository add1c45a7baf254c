import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Each line of stdout, as JSON. */
  readonly json: unknown[];
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** All of it, or what is typed in once it is known; then it ends. */
  readonly stdin?: string | Promise<string>;
  readonly cwd?: string;
  /** Interrupts it. */
  readonly signal?: AbortSignal;
  /** What it says, as it comes. */
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
}

/** The `groundwork` command as a process of its own, without a terminal. */
export async function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = spawn(process.execPath, [join(root, 'cli', 'groundwork.js'), ...args], {
    cwd: options.cwd ?? root,
    env: { ...withoutSettings(process.env), ...options.env },
    stdio: 'pipe',
  });
  options.signal?.addEventListener('abort', () => child.kill('SIGINT'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    stdout += data;
    options.onStdout?.(String(data));
  });
  child.stderr.on('data', (data: Buffer) => {
    stderr += data;
    options.onStderr?.(String(data));
  });
  void Promise.resolve(options.stdin ?? '').then(text => child.stdin.end(text));
  const code = await new Promise<number | null>(resolve => child.once('close', resolve));
  return {
    ...{ code, stdout, stderr },
    get json() {
      return stdout
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line));
    },
  };
}

/** What the person who runs the tests has set has no say in them. */
const withoutSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(AWS|GROUNDWORK|XDG)_|^(NO|FORCE)_COLOR$/.test(name)));
