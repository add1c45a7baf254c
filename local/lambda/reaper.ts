import { type ChildProcess, spawn } from 'node:child_process';
import type { Log } from '../contracts.ts';

/** Reads `+ <group>` and `- <group>`, and kills the groups that are left when its input ends. */
const SCRIPT = `
live=''
while read -r op group; do
  case $op in
    +) live="$live $group " ;;
    -) live=$(echo "$live" | sed "s/ $group / /") ;;
  esac
done
for group in $live; do kill -s KILL -- "-$group"; done
`;

/**
 * Kills the process groups of functions when this process goes away without having done so, even by SIGKILL. Processes
 * end by themselves when the Runtime API is gone, but not while their code keeps the event loop busy.
 */
export class Reaper {
  readonly #log: Log;
  #shell: ChildProcess | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  watch(group: number): void {
    this.#write(`+ ${group}\n`);
  }

  forget(group: number): void {
    this.#write(`- ${group}\n`);
  }

  async close(): Promise<void> {
    const shell = this.#shell;
    if (!shell || shell.exitCode !== null) return;
    const exited = new Promise(resolve => shell.once('exit', resolve));
    shell.ref(); // it may be all that this process still waits for
    shell.stdin?.end();
    await exited;
  }

  #write(line: string): void {
    this.#shell ??= this.#start();
    this.#shell.stdin?.write(line);
  }

  #start(): ChildProcess {
    // A group of its own, so that Ctrl-C at the terminal does not end it before it has done its work.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
    const report = (error: Error) => this.#log.line('lambda', `cannot watch over processes: ${error.message}`);
    shell.on('error', report);
    shell.stdin?.on('error', report);
    shell.unref();
    return shell;
  }
}
