import { describe, expect, it } from 'vitest';
import { applySidecar } from '../../lambdas/ingest/metadata.ts';
import { serve } from './serve.ts';

const key = 'documents/pay.md';

async function withDocument() {
  const server = serve();
  const { documentId } = await server.put(key, ['Salaries are paid on the 25th.']);
  const path = `/documents/${documentId}/metadata`;
  return {
    ...server,
    documentId,
    get: () => server.call('GET', path),
    put: (body: unknown) => server.call('PUT', path, { body }),
    sidecar: async () => Buffer.from((await server.bucket.read(`${key}.metadata.json`)) ?? '').toString(),
  };
}

describe('what is said of a document', () => {
  it('is nothing without a sidecar', async () => {
    const { get } = await withDocument();
    expect((await get()).json).toEqual({ attributes: {} });
  });

  it('is written as the sidecar that ingestion reads', async () => {
    const { get, put, bucket, documents, documentId } = await withDocument();
    const said = { attributes: { year: 2026, topics: ['pay', 'tax'], final: true }, allowedGroups: ['hr'] };
    const { statusCode, json } = await put(said);
    expect(statusCode).toBe(200);
    expect(json).toEqual({ ...said, eTag: expect.any(String) });
    expect((await get()).json).toEqual(json);
    await applySidecar({ documents, bucket }, { tenant: 'default', key }, { evenIfSame: true });
    expect(await documents.getHead(documentId)).toMatchObject({ groups: ['hr'], attributes: said.attributes });
  });

  it('is not overwritten when somebody else has changed it', async () => {
    const { get, put, sidecar } = await withDocument();
    const { json: first } = await put({ attributes: { year: 2025 }, eTag: null });
    expect((await put({ attributes: { year: 2024 }, eTag: null })).json.type).toBe('/problems/metadata-changed');
    expect((await put({ attributes: { year: 2026 }, eTag: first.eTag })).statusCode).toBe(200);
    const late = await put({ attributes: { year: 2023 }, eTag: first.eTag });
    expect({ statusCode: late.statusCode, type: late.json.type }).toEqual({
      statusCode: 409,
      type: '/problems/metadata-changed',
    });
    expect((await get()).json.attributes).toEqual({ year: 2026 });
    expect((await put({})).json).toEqual({ attributes: {}, eTag: expect.any(String) });
    expect(await sidecar()).toBe('{}');
  });

  it('is told to be unreadable, and can then be written anew', async () => {
    const { get, put, bucket } = await withDocument();
    bucket.put(`${key}.metadata.json`, '{ "alowedGroups": ["hr"] }');
    const { json } = await get();
    expect(json).toMatchObject({ allowedGroups: [], error: { code: 'sidecar-invalid' } });
    expect((await put({ allowedGroups: ['hr'], eTag: json.eTag })).statusCode).toBe(200);
    expect((await get()).json).toMatchObject({ allowedGroups: ['hr'] });
  });

  it.each([
    { attributes: { allowedGroups: 'hr' } },
    { attributes: { '1st': 'a name begins with a letter' } },
    { attributes: { none: null } },
    { attributes: { empty: [] } },
    { allowedGroups: ['*'] },
    { allowedGroups: 'hr' },
    { groups: ['hr'] },
    { eTag: '' },
    { attributes: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`a${index}`, index])) },
    { attributes: Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`a${index}`, 'x'.repeat(2_000)])) },
  ])('is refused as ingestion would refuse it: %j', async body => {
    const { put, sidecar } = await withDocument();
    expect((await put(body)).statusCode).toBe(400);
    expect(await sidecar()).toBe('');
  });
});

describe('an upload with groups and attributes', () => {
  it('has its sidecar before its form', async () => {
    const { call, bucket } = serve();
    const body = { name: 'pay.md', allowedGroups: ['hr', 'hr'], attributes: { year: 2026 } };
    expect((await call('POST', '/documents', { body })).statusCode).toBe(201);
    const sidecar = await bucket.read(`${key}.metadata.json`);
    expect(JSON.parse(Buffer.from(sidecar ?? '').toString())).toEqual({
      metadataAttributes: { year: 2026 },
      allowedGroups: ['hr'],
    });
  });

  it('leaves a sidecar alone when it says nothing of them', async () => {
    const { call, bucket } = serve();
    bucket.put(`${key}.metadata.json`, '{"allowedGroups":["hr"]}');
    await call('POST', '/documents', { body: { name: 'pay.md' } });
    expect(bucket.versionIds(`${key}.metadata.json`)).toHaveLength(1);
  });

  it('is refused for a sidecar', async () => {
    const { call, bucket } = serve();
    const body = { name: 'pay.md.metadata.json', allowedGroups: ['hr'] };
    expect((await call('POST', '/documents', { body })).statusCode).toBe(400);
    expect((await bucket.list('', { limit: 9 })).objects).toEqual([]);
  });
});
