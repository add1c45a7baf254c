import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdk from '../../../cdk.json' with { type: 'json' };
import { synthesize } from '../../../cli/synthesize.ts';
import { type Bundles, bundleNames } from '../../../lib/bundles.ts';
import { GroundworkStack } from '../../../lib/groundwork-stack.ts';
import { parseSettings } from '../../../lib/settings.ts';

const root = join(import.meta.dirname, '..', '..', '..');
export const assembly = join(root, 'dist', 'test', 'cdk.out');

/** Synthesizes the dev stage once for all test files, before any of them starts. */
export async function setup(): Promise<void> {
  await synthesize({ root, assembly, stage: 'dev' });
}

/** Synthesizes the dev stage with other settings to a folder of its own, with the bundles that it has already. */
export function synthesizeWith(folder: string, settings: object): void {
  const stages = { ...cdk.context.stages, dev: { ...cdk.context.stages.dev, ...settings } };
  const bundles = Object.fromEntries(bundleNames.map(name => [name, join(assembly, 'bundles', name)])) as Bundles; // every name is in it
  const app = new App({ outdir: folder, context: cdk.context, builtinCloudFormationValidation: false });
  new GroundworkStack(app, 'Groundwork-dev', { settings: parseSettings({ stage: 'dev', stages }), bundles });
  app.synth();
}
