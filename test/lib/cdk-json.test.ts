import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { expect, it } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };

it('sets every flag as the construct library recommends, so that an upgrade changes no default unseen', () => {
  const set = Object.fromEntries(Object.entries(cdk.context).filter(([key]) => key.startsWith('@')));
  expect(set).toEqual(flags);
});

it('sends no usage data', () => {
  expect(cdk).toMatchObject({ notices: false, versionReporting: false, context: { 'cli-telemetry': false } });
});
