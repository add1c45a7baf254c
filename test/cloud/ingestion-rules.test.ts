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

  it('are shown to those with a key alone', async () => {
    expect((await stack.request('ingestion-rules', { headers: { 'x-api-key': 'none' } })).status).toBe(401);
  });
});
