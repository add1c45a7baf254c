import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesizeWith } from './support/assembly.ts';
import { completed, type Stack, startStack } from './support/stack.ts';

const key = 'documents/tower.md';
const message = 'How many steps does the tower have?';
const STRONG = 'us.amazon.nova-pro-v1:0';

let folder: string;
let stack: Stack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'groundwork-assembly-'));
  const rerankModelId = 'cohere.rerank-v3-5:0';
  synthesizeWith(folder, { chat: { answerCacheMinutes: 60, strongModelId: STRONG, rerankModelId } });
  stack = await startStack({ assembly: folder });
  await write('The tower has 212 steps. Visitors climb it on Sundays only.');
  await stack.waitForDocuments(completed([key]));
});
afterAll(async () => {
  await stack?.close();
  await rm(folder, { recursive: true });
});

const write = (text: string) =>
  stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: `# Tower\n\n${text}` }));

describe('the answer cache', () => {
  it('repeats a reply, until the document changes or goes', async () => {
    const first = await stack.ask({ message });
    expect(first).not.toHaveProperty('cached');
    const again = await stack.ask({ message });
    expect(again).toMatchObject({ cached: true, answer: first.answer, model: 'us.amazon.nova-2-lite-v1:0' });
    expect(again.savedUsd).toBeGreaterThan(0);
    expect(again.usage.costUsd).toBeLessThan(first.usage.costUsd);
    expect(again.citations.map(({ quote }) => quote)).toEqual(first.citations.map(({ quote }) => quote));

    await write('The tower has 340 steps. Visitors climb it on Sundays only.');
    await stack.waitForDocuments(documents => documents.every(one => one.version === 2 && one.status === 'COMPLETED'));
    const changed = await stack.ask({ message });
    expect(changed).not.toHaveProperty('cached');
    expect(changed.answer).toContain('340');
    expect(await stack.ask({ message })).toMatchObject({ cached: true, answer: changed.answer });

    await stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key: key }));
    await stack.waitForDocuments(documents => documents.length === 0);
    const gone = await stack.ask({ message });
    expect(gone).toMatchObject({ refused: true, citations: [] });
    expect(gone).not.toHaveProperty('cached');

    await write('The tower has 212 steps. Visitors climb it on Sundays only.');
    await stack.waitForDocuments(completed([key]));
  });
});

describe('two models', () => {
  it('are chosen by the form of the question, and by the request', async () => {
    const hard = await stack.ask({ message: `${message} And when may visitors climb it?` });
    expect(hard.model).toBe(STRONG);
    const response = await stack.request('chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message, model: 'strong' }),
    });
    expect(await response.json()).toMatchObject({ model: STRONG });
  });
});

it('a reranker that the cloud does not have costs no answer', async () => {
  const other = 'documents/lighthouse.md';
  await stack.s3.send(
    new PutObjectCommand({
      Bucket: stack.bucket,
      Key: other,
      Body: '# Lighthouse\n\nThe lighthouse tower has 90 steps.',
    }),
  );
  await stack.waitForDocuments(completed([key, other]));
  const failures = () =>
    stack.logs.filter(line => /could not be reranked.*UnknownOperationException/s.test(line)).length;
  const before = failures();
  expect(await stack.ask({ message: 'How many steps has the lighthouse tower?' })).toMatchObject({ refused: false });
  expect(failures()).toBeGreaterThan(before);
});
