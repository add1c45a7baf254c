import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completed, ended, type Stack, startStack } from './support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

const put = (key: string, body: string) =>
  stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: body }));
const rulesKey = 'config/ingestion-rules.json';
const rulesInForce = async () => (await stack.request('ingestion-rules')).json();

describe('ingestion rules', () => {
  it('apply to what is uploaded afterwards, and a broken file changes nothing but says so', async () => {
    expect(await rulesInForce()).toEqual({ rules: {} });
    const rules = {
      exclude: ['**/drafts/**'],
      folders: { 'documents/short/': { chunkTokens: 50, chunkOverlapTokens: 0 } },
    };
    await put(rulesKey, JSON.stringify(rules));
    const { VersionId } = await put(rulesKey, JSON.stringify(rules));
    await put(rulesKey, '{ "exclude": "drafts" }');
    expect(await rulesInForce()).toEqual({ rules, s3VersionId: VersionId, error: expect.stringContaining('exclude') });

    const sentences = Array.from(
      { length: 20 },
      (_, n) => `Bay number ${n} of the quay of Marsh End has ${n} bollards.`,
    );
    const keys = ['documents/short/quay.txt', 'documents/quay.txt'];
    for (const key of keys) await put(key, sentences.join('\n\n'));
    await put('documents/drafts/plan.txt', 'The plan for the quay of Marsh End.');
    await stack.waitForDocuments(completed(keys));
    const documents = await stack.waitForDocuments(ended(['documents/drafts/plan.txt']));
    const countOf = (key: string) => documents.find(document => document.key === key)?.chunkCount ?? 0;
    expect(countOf('documents/short/quay.txt')).toBeGreaterThan(countOf('documents/quay.txt'));
    const draft = documents.find(({ key }) => key === 'documents/drafts/plan.txt');
    expect(draft).toMatchObject({ status: 'FAILED', error: { code: 'excluded' } });

    await put(rulesKey, '{}');
    await stack.request(`documents/${draft?.documentId}/retry`, { method: 'POST' });
    await stack.waitForDocuments(completed(['documents/drafts/plan.txt']));
  });

  it('say how the files of a folder are read', async () => {
    const formats = {
      csv: { delimiter: '^', headerRow: 2 },
      html: { leaveOut: ['.advert'] },
    };
    await put(rulesKey, JSON.stringify({ folders: { 'documents/odd/': { formats } } }));
    const keys = ['documents/odd/berths.csv', 'documents/odd/page.html'];
    await put('documents/odd/berths.csv', 'Berths of Saltby\nberth^depth\nnorth^7,5 m\n');
    await put('documents/odd/page.html', '<p>The lock of Saltby is shut.</p><div class="advert">Buy fenders!</div>');
    const documents = await stack.waitForDocuments(completed(keys));
    const textOf = async (key: string) => {
      const documentId = documents.find(document => document.key === key)?.documentId;
      return JSON.stringify(await (await stack.request(`documents/${documentId}/chunks`)).json());
    };
    expect(await textOf('documents/odd/berths.csv')).toContain('berth: north; depth: 7,5 m');
    const page = await textOf('documents/odd/page.html');
    expect(page).toContain('The lock of Saltby is shut.');
    expect(page).not.toContain('fenders');
  });

  it('are shown to those with a key alone', async () => {
    expect((await stack.request('ingestion-rules', { headers: { 'x-api-key': 'none' } })).status).toBe(401);
  });
});
