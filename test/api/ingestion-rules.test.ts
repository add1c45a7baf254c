import { describe, expect, it } from 'vitest';
import { RULES_KEY } from '../../lambdas/ingest/rules.ts';
import { serve } from './serve.ts';

const rules = {
  include: ['documents/**', 'tenants/*/documents/**', 'tenants/globex/documents/**', '{documents,tenants/globex}/*'],
  exclude: ['**/*.tmp', 'documents/drafts/**', 'tenants/acme/incoming/old/**', 'tenants/globex/documents/merger/**'],
  chunkTokens: 400,
  folders: {
    'documents/': { ocr: true },
    'tenants/': { ocr: false },
    'tenants/acme/': { chunkTokens: 200 },
    'tenants/acme/documents/law/': { chunkTokens: 300 },
    'tenants/acme-2/documents/': { chunkTokens: 100 },
    'tenants/globex/documents/merger/': { chunkTokens: 100 },
  },
};

/** What somebody is shown of the rules. */
async function shownTo(tenant: string, role: string, file: unknown = rules) {
  const { bucket, call } = serve();
  bucket.put(RULES_KEY, JSON.stringify(rules));
  if (file !== rules) bucket.put(RULES_KEY, JSON.stringify(file));
  const { statusCode, json } = await call('GET', '/ingestion-rules', {
    authorizer: { tenant, role, userId: 'eve', name: '', groups: '[]', apiKeyId: '' },
  });
  expect(statusCode).toBe(200);
  return json;
}

describe('the ingestion rules', () => {
  it('are shown whole to whoever runs Groundwork', async () => {
    expect((await shownTo('default', 'administrator')).rules).toEqual(rules);
  });

  it('are shown to a tenant as far as they are about it, or about all', async () => {
    const { include, exclude, folders } = rules;
    for (const role of ['contributor', 'administrator']) {
      expect((await shownTo('acme', role)).rules).toEqual({
        include: [include[1]],
        exclude: [exclude[0], exclude[2]],
        chunkTokens: 400,
        folders: {
          'tenants/': folders['tenants/'],
          'tenants/acme/': folders['tenants/acme/'],
          'tenants/acme/documents/law/': folders['tenants/acme/documents/law/'],
        },
      });
    }
  });

  it.each([
    ['acme', 'administrator'],
    ['default', 'contributor'],
  ])('name no other tenant to somebody of %s (%s)', async (tenant, role) => {
    expect(JSON.stringify(await shownTo(tenant, role))).not.toMatch(/globex|acme-2/);
  });

  it('name no other tenant where a newer file is wrong', async () => {
    const wrong = { folders: { 'tenants/globex/documents/': { chunkTokens: 1 } } };
    expect((await shownTo('default', 'administrator', wrong)).error).toContain('globex');
    const shown = await shownTo('acme', 'administrator', wrong);
    expect(shown.error).toContain('administrator of the default tenant');
    expect(JSON.stringify(shown)).not.toContain('globex');
  });
});
