import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completed, ended, type Stack, startStack } from './support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

const put = (key: string, body: string | Uint8Array) =>
  stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: body }));
const statusOf = async (key: string) => (await stack.documents()).find(document => document.key === key);

describe('a document dropped into the bucket', () => {
  it('is answered from, with the exact quote found again in the stored chunk', async () => {
    const key = 'documents/lighthouse.md';
    await put(
      key,
      '# Lighthouse\n\n## Lamp\n\nThe lamp of Skerry lighthouse turns once in eleven seconds.\n\n## Keeper\n\nThe keeper is Agnes.',
    );
    await stack.waitForDocuments(completed([key]));

    const answer = await stack.ask({ message: 'How often does the lamp of Skerry lighthouse turn?' });
    expect(answer.refused).toBe(false);
    expect(answer.answer).toMatch(/eleven seconds[^[]*\[1\]/);
    const [citation] = answer.citations;
    expect(citation).toMatchObject({ n: 1, key, title: 'Lighthouse', version: 1, supported: true });

    const chunks = (await (await stack.request(`documents/${citation?.documentId}/chunks`)).json()) as {
      chunks: { chunkId: string; text: string }[];
    };
    const cited = chunks.chunks.find(({ chunkId }) => chunkId === citation?.chunkId);
    expect(cited?.text.slice(citation?.start, citation?.end)).toBe(citation?.quote);
    expect(citation?.quote).toContain('eleven seconds');

    const link = await fetch(citation?.url ?? '');
    expect(await link.text()).toContain('Skerry lighthouse');
  });

  it('changes the answers when it is overwritten, and leaves nothing of the old version', async () => {
    const key = 'documents/ferry.md';
    await put(key, '# Ferry\n\nThe ferry to Inchmore leaves at quarter past seven.');
    await stack.waitForDocuments(completed([key]));
    expect((await stack.ask({ message: 'When does the ferry to Inchmore leave?' })).answer).toContain(
      'quarter past seven',
    );

    await put(key, '# Ferry\n\nThe ferry to Inchmore leaves at half past nine.');
    await stack.waitForDocuments(completed([key], 2));
    const answer = await stack.ask({ message: 'When does the ferry to Inchmore leave?' });
    expect(answer.answer).toContain('half past nine');
    expect(JSON.stringify(answer)).not.toContain('quarter past seven');
    for (const citation of answer.citations.filter(cited => cited.key === key)) expect(citation.version).toBe(2);
  });

  it('is not cited any more once its deletion was handled', async () => {
    const key = 'documents/bakery.md';
    await put(key, '# Bakery\n\nThe bakery of Penwick sells rye bread on Wednesdays.');
    await stack.waitForDocuments(completed([key]));
    const before = await stack.ask({ message: 'When does the bakery of Penwick sell rye bread?' });
    expect(before.citations.map(citation => citation.key)).toContain(key);

    await stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key: key }));
    await stack.waitForDocuments(documents => documents.every(document => document.key !== key));
    const after = await stack.ask({ message: 'When does the bakery of Penwick sell rye bread?' });
    expect(after).toMatchObject({ refused: true, citations: [] });
  });

  it('can be created again after it was deleted', async () => {
    const key = 'documents/phoenix.md';
    await put(key, 'The phoenix of Ardmore sleeps in the bell tower.');
    await stack.waitForDocuments(completed([key]));
    await stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key: key }));
    await put(key, 'The phoenix of Ardmore sleeps in the boat house.');
    await stack.waitForDocuments(completed([key], 2));
    expect((await stack.ask({ message: 'Where does the phoenix of Ardmore sleep?' })).answer).toContain('boat house');
  });

  it('is found again by keys with spaces, plus signs and other letters', async () => {
    const keys = ['documents/a b+c & d.md', 'documents/Báo cáo quý 3.md', 'documents/100% #1?.md'];
    for (const key of keys) await put(key, `# Odd name\n\nThis is the file ${key}.`);
    await stack.waitForDocuments(completed(keys));
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['documents/empty.txt', '', 'empty-file'],
    ['documents/broken.pdf', '%PDF-1.7\nthis is not a PDF', 'corrupt-file'],
    [
      'documents/picture.png',
      Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
      'unsupported-format',
    ],
  ])('%s ends FAILED with a reason', async (key, body, code) => {
    await put(key, body);
    await stack.waitForDocuments(ended([key]));
    const document = await statusOf(key);
    expect(document).toMatchObject({ status: 'FAILED', error: { code } });
    expect(document?.error?.message).toMatch(/^[A-Z].{20,}\.$/s);
  });

  it('keeps the older version answering', async () => {
    const key = 'documents/mill.md';
    await put(key, 'The mill at Thornby grinds barley only.');
    await stack.waitForDocuments(completed([key]));
    await put(key, '');
    await stack.waitForDocuments(documents =>
      documents.some(document => document.key === key && document.status === 'FAILED'),
    );
    expect((await stack.ask({ message: 'What does the mill at Thornby grind?' })).answer).toContain('barley');
  });

  it('can be retried with one call, and only when it FAILED', async () => {
    const key = 'documents/broken.pdf';
    await stack.waitForDocuments(ended([key]));
    const failed = await statusOf(key);
    const retry = await stack.request(`documents/${failed?.documentId}/retry`, { method: 'POST' });
    expect(retry.status).toBe(202);
    await stack.waitForDocuments(ended([key]));

    const done = await statusOf('documents/lighthouse.md');
    const refused = await stack.request(`documents/${done?.documentId}/retry`, { method: 'POST' });
    expect(refused.status).toBe(409);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('uploads and links over the API', () => {
  it('takes a file through the form of POST /documents', async () => {
    const response = await stack.request('documents', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'harbour.txt' }),
    });
    expect(response.status).toBeLessThan(300);
    const { upload } = (await response.json()) as { upload: { url: string; fields: Record<string, string> } };
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.set(name, value);
    form.set('file', new Blob(['The harbour master of Lowgate is Mr Quill.']), 'harbour.txt');
    expect((await fetch(upload.url, { method: 'POST', body: form })).status).toBeLessThan(300);
    await stack.waitForDocuments(completed(['documents/harbour.txt']));
  });

  it('refuses a form that was altered', async () => {
    const response = await stack.request('documents', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'innocent.txt' }),
    });
    const { upload } = (await response.json()) as { upload: { url: string; fields: Record<string, string> } };
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...upload.fields, key: 'documents/other.txt' })) form.set(name, value);
    form.set('file', new Blob(['x']), 'other.txt');
    expect((await fetch(upload.url, { method: 'POST', body: form })).status).toBe(403);
  });

  it('serves presigned forms made by any client', async () => {
    const { url, fields } = await createPresignedPost(stack.s3, { Bucket: stack.bucket, Key: 'documents/by-form.txt' });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob(['The weir of Osney has four gates.']));
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(204);
    await stack.waitForDocuments(completed(['documents/by-form.txt']));
    const object = await stack.s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key: 'documents/by-form.txt' }));
    expect(await object.Body?.transformToString()).toContain('four gates');
  });
});
