import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Environment } from 'aws-cdk-lib';
import { afterAll } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { type Bundles, bundleNames } from '../../lib/bundles.ts';
import { GroundworkStack } from '../../lib/groundwork-stack.ts';
import { parseSettings } from '../../lib/settings.ts';

const bundle = mkdtempSync(join(tmpdir(), 'groundwork-bundle-'));
writeFileSync(join(bundle, 'index.mjs'), 'export const handler = async () => undefined;');
afterAll(() => rmSync(bundle, { recursive: true }));

const bundles = Object.fromEntries(bundleNames.map(name => [name, bundle])) as Bundles; // every name is in it

/**
 * A stage of cdk.json, with a stand-in for every bundle, in an app of its own.
 * @param options `env`: where it would be deployed; `validated`: whether synthesis holds it against CloudFormation's
 *   schemas, which takes most of the time (default: no); `settings`: what the stage sets besides
 */
export function stackOf(
  stage: string,
  options: { env?: Environment; validated?: boolean; settings?: object } = {},
): GroundworkStack {
  const { env = {}, validated = false } = options;
  const stages = new Map<string, object>(Object.entries(cdk.context.stages));
  stages.set(stage, { ...stages.get(stage), ...options.settings });
  const settings = parseSettings({ stage, stages: Object.fromEntries(stages) });
  const app = new App({ context: cdk.context, builtinCloudFormationValidation: validated });
  return new GroundworkStack(app, `Groundwork-${stage}`, { settings, bundles, env });
}
