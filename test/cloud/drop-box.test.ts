import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completed, ended, type Stack, startStack } from './support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

const put = (key: string, body: string) =>
  stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: body }));
const read = async (key: string) => {
  const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key: key }));
  return Body?.transformToString();
};
const keysUnder = async (prefix: string): Promise<string[]> => {
  const { Contents = [] } = await stack.s3.send(new ListObjectsV2Command({ Bucket: stack.bucket, Prefix: prefix }));
  return Contents.map(({ Key = '' }) => Key);
};
const untilThere = (prefix: string, keys: readonly string[]) =>
  expect.poll(() => keysUnder(prefix), { timeout: 30_000, interval: 100 }).toEqual(keys);

describe('a file in the drop box', () => {
  it('is moved once it is complete, and its citations open it where it lies then', async () => {
    const key = 'incoming/Reports/tide table.md';
    await put(key, 'High water at Saltby pier is at noon on Friday.');
    await stack.waitForDocuments(completed([key]));
    await untilThere('incoming/Reports/', []);
    expect(await keysUnder('processed/Reports/')).toEqual(['processed/Reports/tide table.md']);

    const answer = await stack.ask({ message: 'When is high water at Saltby pier?' });
    const [citation] = answer.citations;
    expect(citation).toMatchObject({ key });
    expect(citation?.url).toContain('processed/');
    expect(await (await fetch(citation?.url ?? '')).text()).toContain('Saltby pier');
    expect(await stack.documents()).toMatchObject([{ key, status: 'COMPLETED', version: 1 }]);
  });

  it('that failed is moved with the reason beside it, and a corrected one takes its place', async () => {
    const key = 'incoming/plan.pdf';
    await put(key, '%PDF-1.7 this is none');
    await stack.waitForDocuments(ended([key]));
    await untilThere('failed/', ['failed/plan.pdf', 'failed/plan.pdf.error.json']);
    expect(JSON.parse((await read('failed/plan.pdf.error.json')) ?? '')).toMatchObject({ key, code: 'corrupt-file' });
    await untilThere('incoming/', []);
    await put(key, 'The plan of Saltby harbour shows a second pier.');
    await stack.waitForDocuments(completed([key], 2));
    await untilThere('failed/', []);
  });

  it('is forgotten when its processed object is deleted', async () => {
    const key = 'incoming/notice.md';
    await put(key, 'The notice of Saltby harbour is blue.');
    await stack.waitForDocuments(completed([key]));
    await untilThere('incoming/', []);
    await stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key: 'processed/notice.md' }));
    await stack.waitForDocuments(documents => documents.every(document => document.key !== key));
  });
});
