import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AssemblyError, readAssembly } from '../local/assembly.ts';
import { Reaper } from '../local/lambda/reaper.ts';
import { readIfThere } from './read-if-there.ts';

/** What a synthesis depends on, relative to the repository. */
const inputs = ['bin/**/*.ts', 'lib/**/*.ts', 'lambdas/**/*.ts', 'web/**/*.*', 'cdk.json', 'package-lock.json'];

/** The CDK app failed; the message is its own one line, and where the rest is. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

export interface SynthesisOptions {
  /** The repository. */
  readonly root: string;
  /** The folder to synthesize to. */
  readonly assembly: string;
  readonly stage: string;
  readonly signal?: AbortSignal;
}

/**
 * Synthesizes the CDK app as the CDK's own command would, unless nothing it depends on has changed since the last time.
 * Nothing of this process's AWS settings reaches it. Rules are left out here: CI and deployments check them.
 * @returns whether it had to synthesize
 * @throws SynthesisError when the app fails, AbortError
 */
export async function synthesize({ root, assembly, stage, signal }: SynthesisOptions): Promise<boolean> {
  const fingerprintFile = `${assembly}.sha256`;
  const fingerprint = await fingerprintOf(root, stage);
  if ((await readIfThere(fingerprintFile)) === fingerprint && isReadable(assembly)) return false;
  // Made beside and renamed: one that was interrupted is never taken for a whole one.
  const unfinished = `${assembly}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(dirname(assembly), { recursive: true });
  const cdk = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  const { code, output } = await runApp(root, signal, {
    CDK_OUTDIR: unfinished,
    CDK_CONTEXT_JSON: JSON.stringify({ ...cdk.context, stage, rules: 'off' }),
    CDK_VALIDATION: 'false',
  });
  signal?.throwIfAborted();
  const logFile = join(dirname(assembly), 'synthesis.log');
  await writeFile(logFile, output);
  if (code !== 0)
    throw new SynthesisError(`The stack could not be synthesized: ${reasonIn(output)} (all of it: ${logFile})`);
  await rm(assembly, { recursive: true, force: true });
  await rename(unfinished, assembly);
  await writeFile(fingerprintFile, fingerprint);
  return true;
}

async function fingerprintOf(root: string, stage: string): Promise<string> {
  const paths = await Array.fromAsync(glob(inputs, { cwd: root }));
  const hash = createHash('sha256').update(`${stage}\0${process.version}\0`);
  for (const path of paths.sort()) hash.update(`${path}\0`).update(await readFile(join(root, path)));
  return hash.digest('hex');
}

/** A damaged assembly is made anew. */
function isReadable(assembly: string): boolean {
  try {
    readAssembly(assembly);
    return true;
  } catch (error) {
    if (error instanceof AssemblyError) return false;
    throw error;
  }
}

interface AppResult {
  readonly code: number | null;
  readonly output: string;
}

async function runApp(root: string, signal: AbortSignal | undefined, own: Record<string, string>): Promise<AppResult> {
  const failures: string[] = [];
  const reaper = new Reaper({ line: (_source, text) => failures.push(text) });
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['bin/groundwork.ts'], {
        cwd: root,
        env: { ...withoutAws(process.env), ...own },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true, // a group of its own, which ends with this process whatever happens
      });
      if (child.pid !== undefined) reaper.watch(child.pid);
      const stop = () => child.kill('SIGKILL');
      signal?.addEventListener('abort', stop);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data));
      child.once('error', reject);
      child.once('close', code => {
        if (child.pid !== undefined) reaper.forget(child.pid);
        signal?.removeEventListener('abort', stop);
        resolve({ code, output: [...failures, output].join('\n').trimStart() });
      });
    });
  } finally {
    await reaper.close();
  }
}

/** A profile, an account or a region of the person at the keyboard has no say in what runs on this machine. */
function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:AWS|CDK|JSII)_/i.test(name)));
}

/** The error's own line among what node prints, or the last line. A message of several lines is put into one. */
function reasonIn(output: string): string {
  const lines = output.split('\n').filter(line => line.trim() !== '');
  const thrown = lines.findIndex(line => /^(?:\w*Error|Uncaught\b.*?)(?: \[\w+\])?: /.test(line));
  if (thrown >= 0) return lines[thrown]?.trim() ?? '';
  return (
    lines
      .filter(line => !/^\s+at |^Node\.js v/.test(line))
      .join(' ')
      .replace(/\s+/g, ' ')
      .slice(0, 500) || 'it said nothing'
  );
}
