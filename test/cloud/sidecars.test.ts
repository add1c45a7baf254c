import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completed, type DocumentSummary, type Stack, startStack } from './support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

const put = (key: string, body: string) =>
  stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: body }));
const remove = (key: string) => stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key: key }));
const sidecarOf = (key: string) => `${key}.metadata.json`;

const waitFor = async (key: string, accept: (document: DocumentSummary) => boolean): Promise<DocumentSummary> => {
  const documents = await stack.waitForDocuments(all => all.some(found => found.key === key && accept(found)));
  const document = documents.find(found => found.key === key);
  if (!document) throw new Error(`${key} is not listed`);
  return document;
};
const search = async (query: string, attributes?: object): Promise<string[]> => {
  const response = await stack.request('search', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, ...(attributes && { filter: { attributes } }) }),
  });
  const { matches } = (await response.json()) as { matches: { key: string }[] };
  return matches.map(({ key }) => key);
};
/** The vectors follow a sidecar within moments. */
const untilFound = async (query: string, key: string): Promise<void> => {
  await expect.poll(() => search(query), { timeout: 30_000, interval: 200 }).toContain(key);
};

describe('a sidecar', () => {
  it('gives attributes to a document, also when it comes first', async () => {
    const key = 'documents/leave.md';
    await put(sidecarOf(key), '{ "metadataAttributes": { "year": 2026, "topics": ["leave"] } }');
    await put(key, 'Sabbatical leave of Northwick lasts six weeks.');
    await stack.waitForDocuments(completed([key]));
    const document = await waitFor(key, ({ status }) => status === 'COMPLETED');
    expect(document).toMatchObject({ attributes: { year: 2026, topics: ['leave'] } });
    expect(await search('sabbatical leave Northwick')).toContain(key);
  });

  it('can be written and read by the API, which does not overwrite what others wrote meanwhile', async () => {
    const key = 'documents/quarry.md';
    await put(key, '# The quarry\n\nWho may enter the quarry?\n\nThe quarry of Dunmoor is closed to visitors.');
    const { documentId } = await waitFor(key, ({ status }) => status === 'COMPLETED');
    const call = (body?: object) =>
      stack.request(`documents/${documentId}/metadata`, {
        ...(body && { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
    expect(await (await call()).json()).toEqual({ attributes: {} });
    expect((await call({ attributes: { year: 2027 }, eTag: null })).status).toBe(200);
    expect((await call({ attributes: { year: 2028 }, eTag: null })).status).toBe(409);
    await waitFor(key, ({ attributes }) => JSON.stringify(attributes) === '{"year":2027}');
    const suggestions = (await (await stack.request('suggestions')).json()) as { questions: string[] };
    expect(suggestions.questions).toContain('Who may enter the quarry?');
  });

  it('lets questions be narrowed by its attributes', async () => {
    const key = 'documents/ferry.md';
    await put(
      sidecarOf(key),
      '{ "metadataAttributes": { "year": 2031, "line": "north-7", "topics": ["ferry", "fares"] } }',
    );
    await put(key, 'The ferry of Kelmouth leaves at nine.');
    await stack.waitForDocuments(completed([key]));
    const query = 'ferry of Kelmouth';
    const narrowed = (attributes: object) => search(query, attributes);
    await expect.poll(() => narrowed({ year: { from: 2031 } }), { timeout: 30_000, interval: 200 }).toEqual([key]);
    expect(await narrowed({ topics: { in: ['fares', 'leave'] }, line: { prefix: 'north-' } })).toContain(key);
    expect(await narrowed({ line: { prefix: 'south-' } })).toEqual([]);
    expect(await narrowed({ year: { to: 2030 } })).not.toContain(key);
    expect(await narrowed({ line: { equals: 'north' } })).toEqual([]);
  });

  it('closes a document to all but its groups, and opens it again, without embedding anew', async () => {
    const key = 'documents/salaries.md';
    const query = 'salary of the harbour pilots of Eastmere';
    await put(key, 'The salary of the harbour pilots of Eastmere is forty crowns.');
    await stack.waitForDocuments(completed([key]));
    await untilFound(query, key);

    await put(sidecarOf(key), '{ "allowedGroups": ["hr"] }');
    const { documentId } = await waitFor(key, found => JSON.stringify(found.allowedGroups) === '["hr"]');
    expect(await search(query)).not.toContain(key);
    const answer = await stack.ask({ message: `What is the ${query}?` });
    expect(JSON.stringify(answer)).not.toContain('forty crowns');
    for (const rest of ['chunks', 'content']) {
      expect((await stack.request(`documents/${documentId}/${rest}`)).status).toBe(404);
    }

    const embedded = stack.logs.filter(line => line.includes('Batch embedded')).length;
    await remove(sidecarOf(key));
    const open = await waitFor(key, found => found.allowedGroups === undefined);
    expect(open).toMatchObject({ status: 'COMPLETED', version: 1 });
    await untilFound(query, key);
    expect(stack.logs.filter(line => line.includes('Batch embedded'))).toHaveLength(embedded);
  });

  it('with a mistake fails its document and leaves it to nobody, until it is corrected', async () => {
    const key = 'documents/minutes.md';
    const query = 'minutes of the council of Aldbrook';
    await put(key, 'The minutes of the council of Aldbrook mention a bridge.');
    await stack.waitForDocuments(completed([key]));
    await put(sidecarOf(key), '{ "allowedGroup": ["council"] }');
    const failed = await waitFor(key, ({ status }) => status === 'FAILED');
    expect(failed).toMatchObject({ error: { code: 'sidecar-invalid' }, allowedGroups: [] });
    expect(failed.error?.message).toContain('allowedGroup');
    expect(await search(query)).not.toContain(key);
    expect((await stack.request(`documents/${failed.documentId}/content`)).status).toBe(404);

    await put(sidecarOf(key), '{ "metadataAttributes": { "town": "Aldbrook" } }');
    expect(await waitFor(key, ({ status }) => status === 'COMPLETED')).toMatchObject({ version: 1 });
    await untilFound(query, key);
  });

  it('with a mistake that was there before the document leaves it to nobody from the start', async () => {
    const key = 'documents/early.md';
    await put(sidecarOf(key), 'no JSON');
    await put(key, 'The early bell of Thornwick rings at four.');
    const failed = await waitFor(key, ({ status }) => status === 'FAILED');
    expect(failed).toMatchObject({ error: { code: 'sidecar-invalid' }, title: 'early.md' });
    expect(await search('early bell of Thornwick')).not.toContain(key);
  });
});
