import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { buildBundles } from '../lib/bundles.ts';
import { GroundworkStack } from '../lib/groundwork-stack.ts';
import { parseSettings, SettingsError } from '../lib/settings.ts';
import { addWebSite } from '../lib/web-bundle.ts';

const root = join(import.meta.dirname, '..');
const app = new App();
try {
  const settings = parseSettings(app.node.getAllContext());
  const bundles = await buildBundles(root, join(app.outdir, 'bundles'));
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  if (settings.web.enabled) await addWebSite(root, bundles['web-site']);
  new GroundworkStack(app, `Groundwork-${settings.stage}`, {
    settings,
    bundles,
    description:
      'Groundwork: a chatbot that answers from a bucket of documents and shows where each statement comes from',
    env: { account, region },
    terminationProtection: settings.onRemoval === 'retain',
  });
  if (settings.rules === 'on') {
    const { checkRules } = await import('../lib/rules.ts'); // loaded on demand: it takes a second
    checkRules(app);
  }
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
