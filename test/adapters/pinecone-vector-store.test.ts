import { afterEach, describe, expect, it } from 'vitest';
import { pineconeVectorStore } from '../../lambdas/adapters/pinecone-vector-store.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const documentId = 'a'.repeat(32);
const found: ScriptedReply = {
  status: 200,
  body: {
    matches: [
      { id: `${documentId}#000002#000007`, score: 0.5 },
      { id: 'not-ours', score: 0.4 },
    ],
    namespace: 'acme',
  },
};
const throttled: ScriptedReply = { status: 429, body: { code: 8, message: 'Too many requests', details: [] } };

describe('the Pinecone store', () => {
  let server: ScriptedServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  const start = async (script: (count: number) => ScriptedReply, retryForMs = 10_000) => {
    server = await startScriptedServer((_, count) => script(count));
    const store = pineconeVectorStore({ host: server.url, apiKey: async () => 'the-key', retryForMs });
    return {
      server,
      store,
      query: (signal?: AbortSignal) => store.query('acme', { embedding: [1, 0] }, { topK: 3, groups: [], signal }),
    };
  };

  it('gives matches by what they point at, and leaves out records that are none of ours', async () => {
    const { server, query } = await start(() => found);
    expect(await query()).toEqual([{ documentId, version: 2, index: 7, score: 0.5 }]);
    expect(server.requests[0]).toMatchObject({ path: '/query', headers: { 'api-key': 'the-key' } });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ namespace: 'acme', topK: 3, vector: [1, 0] });
  });

  it('asks again after being throttled, after a failure of the server and after a lost connection', async () => {
    const replies: ScriptedReply[] = [throttled, { status: 503 }, 'hang-up', found];
    const { server, query } = await start(count => replies[count - 1] ?? found);
    expect(await query()).toHaveLength(1);
    expect(server.requests).toHaveLength(4);
  });

  it.each([
    ['throttled', throttled],
    ['failing', { status: 500 }],
    ['out of reach', 'hang-up'],
    ['silent', 'silence'],
  ] satisfies [string, ScriptedReply][])('says that the store is unavailable when it stays %s', async (_, reply) => {
    const { query } = await start(() => reply, 300);
    const failure = await query().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppFailure);
    expect(failure).toMatchObject({ error: { kind: 'service-unavailable', service: 'The vector store' } });
  });

  it('does not wait longer than it may for a store that names a time', async () => {
    const { server, query } = await start(() => ({ ...throttled, headers: { 'retry-after': '3600' } }), 5_000);
    await expect(query()).rejects.toMatchObject({ error: { kind: 'service-unavailable', retryAfterSeconds: 3_600 } });
    expect(server.requests).toHaveLength(1);
  });

  it.each([400, 401, 402, 404])('takes %i as final', async status => {
    const { server, query } = await start(() => ({ status, body: { message: 'no' } }));
    const failure = await query().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(AppFailure);
    expect(server.requests).toHaveLength(1);
  });

  it('stops when the caller hangs up, and is unavailable when the caller’s time is up', async () => {
    const { query } = await start(() => 'silence');
    const hangUp = new AbortController();
    const waiting = query(hangUp.signal);
    const reason = new Error('hung up');
    setTimeout(() => hangUp.abort(reason), 50);
    await expect(waiting).rejects.toBe(reason);
    await expect(query(AbortSignal.timeout(50))).rejects.toMatchObject({ error: { kind: 'service-unavailable' } });
  });

  it('cuts large writes into requests under 2 MB', async () => {
    const { server, store } = await start(() => ({ status: 200, body: { upsertedCount: 1 } }));
    const embedding = Array.from({ length: 3_000 }, (_, index) => Math.sin(index));
    const chunks = Array.from({ length: 100 }, (_, index) => ({
      ref: { documentId, version: 1, index },
      key: 'documents/a.md',
      metadata: {},
      embedding,
    }));
    await store.upsert('acme', chunks);
    expect(server.requests.length).toBeGreaterThan(1);
    for (const { body } of server.requests) expect(Buffer.byteLength(body)).toBeLessThan(2_000_000);
    const ids = server.requests.flatMap(({ body }) => JSON.parse(body).vectors.map(({ id }: { id: string }) => id));
    expect(new Set(ids).size).toBe(100);
  });

  it('takes a namespace that does not exist as removed', async () => {
    const { store } = await start(() => ({ status: 404, body: { code: 5, message: 'Namespace not found' } }));
    await expect(store.removeVersion('acme', documentId, 1)).resolves.toBeUndefined();
  });
});
