import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from './options.ts';

/** What a synthesis depends on, relative to the repository. */
const inputs = ['bin/**/*.ts', 'lib/**/*.ts', 'lambdas/**/*.ts', 'cdk.json', 'package-lock.json'];

/**
 * Synthesizes the CDK app as the CDK's own command would, unless nothing it depends on has changed since the last time.
 * Rules are left out here: CI and deployments check them.
 * @param assembly the folder to synthesize to
 * @returns whether it had to synthesize
 * @throws UsageError with what the app printed, when it fails
 */
export async function synthesize(root: string, assembly: string, stage: string): Promise<boolean> {
  const fingerprintFile = `${assembly}.sha256`;
  const fingerprint = await fingerprintOf(root, stage);
  if (existsSync(join(assembly, 'manifest.json')) && (await readIfThere(fingerprintFile)) === fingerprint) return false;
  await rm(assembly, { recursive: true, force: true });
  const cdk = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  await runApp(root, {
    CDK_OUTDIR: assembly,
    CDK_CONTEXT_JSON: JSON.stringify({ ...cdk.context, stage, rules: 'off' }),
    CDK_VALIDATION: 'false',
  });
  await writeFile(fingerprintFile, fingerprint);
  return true;
}

async function fingerprintOf(root: string, stage: string): Promise<string> {
  const paths = await Array.fromAsync(glob(inputs, { cwd: root }));
  const hash = createHash('sha256').update(`${stage}\0${process.version}\0`);
  for (const path of paths.sort()) hash.update(`${path}\0`).update(await readFile(join(root, path)));
  return hash.digest('hex');
}

async function readIfThere(path: string): Promise<string | undefined> {
  return existsSync(path) ? await readFile(path, 'utf8') : undefined;
}

function runApp(root: string, environment: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['bin/groundwork.ts'], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data));
    child.once('error', reject);
    child.once('close', code =>
      code === 0 ? resolve() : reject(new UsageError(`The stack could not be synthesized.\n${output.trim()}`)),
    );
  });
}
