import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { synthesize } from '../../../cli/synthesize.ts';

const root = join(import.meta.dirname, '..', '..', '..');
export const assembly = join(root, 'dist', 'test', 'cdk.out');

/** Synthesizes the dev stage once for all test files, before any of them starts. */
export async function setup(): Promise<void> {
  await synthesize({ root, assembly, stage: 'dev' });
}

/** Synthesizes the dev stage with other settings to a folder of its own. */
export async function synthesizeWith(folder: string, settings: object): Promise<void> {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
    context: { stages: { dev: object } };
  };
  const stages = { ...context.stages, dev: { ...context.stages.dev, ...settings } };
  await promisify(execFile)(process.execPath, ['bin/groundwork.ts'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, stages, stage: 'dev', rules: 'off' }),
      CDK_VALIDATION: 'false',
    },
  });
}
