import { expect, it } from 'vitest';
import { type Account, examineAccount, examineNode } from '../../cli/doctor/examine.ts';
import { parseSettings } from '../../lib/settings.ts';

const settings = parseSettings({ stages: { dev: {} } });

/** An account in which everything is right. */
const sound: Account = {
  identity: async () => '123456789012 in us-east-1, as arn:aws:iam::123456789012:user/ann',
  bootstrapVersion: async () => 30,
  modelAccess: async () => ({ isInRegion: true, isAuthorized: true, hasAgreement: true }),
  quotas: async () => [{ name: 'Requests per minute', value: 100 }],
  pineconeKey: async () => 'the-key-itself',
  index: async () => ({ dimension: 1024, metric: 'dotproduct', deletionProtection: 'disabled' }),
};
const examine = async (change: Partial<Account>) => {
  const findings = await examineAccount({ ...sound, ...change }, settings);
  return findings.filter(({ state }) => state !== 'ok');
};
const fail = async (): Promise<never> => {
  throw new Error('AWS said: not authorized');
};

it('finds nothing wrong where nothing is, and shows no key', async () => {
  const findings = await examineAccount(sound, settings);
  expect(findings.length).toBeGreaterThan(6);
  expect(findings.every(({ state }) => state === 'ok')).toBe(true);
  expect(JSON.stringify(findings)).not.toContain('the-key-itself');
  expect(await examine({ index: async () => undefined })).toEqual([]);
});

it.each<[string, Partial<Account>, object]>([
  ['no bootstrap', { bootstrapVersion: async () => undefined }, { check: 'bootstrap', fix: 'npx cdk bootstrap' }],
  ['an old bootstrap', { bootstrapVersion: async () => 4 }, { check: 'bootstrap', fix: 'npx cdk bootstrap' }],
  ['no secret', { pineconeKey: async () => undefined }, { check: 'Pinecone key', state: 'problem' }],
  [
    'an index of another dimension',
    { index: async () => ({ dimension: 768, metric: 'dotproduct', deletionProtection: 'disabled' }) },
    { check: 'Pinecone index', detail: expect.stringContaining('768'), fix: expect.stringContaining('indexName') },
  ],
  [
    'a model without an agreement',
    { modelAccess: async () => ({ isInRegion: true, isAuthorized: true, hasAgreement: false }) },
    { check: `model ${settings.embedding.modelId}`, state: 'problem' },
  ],
  [
    'a quota of nothing',
    { quotas: async () => [{ name: 'Tokens per minute', value: 0 }] },
    { state: 'problem', detail: 'Tokens per minute is 0' },
  ],
  ['what may not be asked', { bootstrapVersion: fail }, { check: 'bootstrap', detail: 'AWS said: not authorized' }],
])('names the fix for %s', async (_, change, finding) => {
  const [first] = await examine(change);
  expect(first).toMatchObject(finding);
  expect(first?.fix).toBeTruthy();
});

it('leaves a profile the regions of its geography', async () => {
  const found = await examine({
    modelAccess: async () => ({ isInRegion: false, isAuthorized: true, hasAgreement: true }),
  });
  expect(found.map(({ check }) => check)).toEqual([`model ${settings.embedding.modelId}`]);
});

it('says of the rest that it is unknown when there are no credentials', async () => {
  const [credentials, ...others] = await examine({ identity: fail });
  expect(credentials).toMatchObject({ check: 'AWS credentials', state: 'problem' });
  expect(others.length).toBeGreaterThan(3);
  expect(others.every(({ state }) => state === 'unknown')).toBe(true);
});

it('knows the Node that it needs', () => {
  expect(examineNode('v24.1.0').state).toBe('ok');
  expect(examineNode('v20.20.2')).toMatchObject({ state: 'problem', fix: expect.stringContaining('npm ci') });
});
