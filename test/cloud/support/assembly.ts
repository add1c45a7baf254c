import { join } from 'node:path';
import { synthesize } from '../../../cli/synthesize.ts';

const root = join(import.meta.dirname, '..', '..', '..');
export const assembly = join(root, 'dist', 'test', 'cdk.out');

/** Synthesizes the dev stage once for all test files, before any of them starts. */
export async function setup(): Promise<void> {
  await synthesize({ root, assembly, stage: 'dev' });
}
