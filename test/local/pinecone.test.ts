import { DatabaseSync } from 'node:sqlite';
import { Pinecone, type PineconeRecord } from '@pinecone-database/pinecone';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../local/contracts.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { IndexStore } from '../../local/pinecone/index-store.ts';
import { createPinecone } from '../../local/pinecone/pinecone.ts';
import { createIndexBody, parse } from '../../local/pinecone/requests.ts';

const lines: string[] = [];
const log: Log = { line: (source, text) => lines.push(`${source}: ${text}`) };
const gateways: Gateway[] = [];
let database: DatabaseSync;
let gateway: Gateway;
/** The SDK keeps the hosts of indexes by key and name for the whole process. */
let apiKey = 'key-0';

async function start(options: { apiKey?: () => string } = {}): Promise<void> {
  const pinecone = createPinecone({ database, url: () => gateway.url, ...options });
  gateway = await startGateway({
    port: 0,
    routes: { _pinecone: pinecone.handler },
    identify: createIdentify({ iam: createIam() }),
    log,
  });
  gateways.push(gateway);
  apiKey = `key-${gateway.port}`;
}
beforeEach(async () => {
  lines.length = 0;
  database = new DatabaseSync(':memory:');
  await start();
});
afterEach(async () => {
  for (const started of gateways.splice(0)) await started.close();
  database.close();
  expect(lines).toEqual([]);
});

const client = (key = apiKey) =>
  new Pinecone({ apiKey: key, controllerHostUrl: `${gateway.url}/_pinecone`, maxRetries: 0 });

type Metric = 'cosine' | 'dotproduct' | 'euclidean';
async function createIndex(metric: Metric = 'cosine', dimension = 2, name = 'docs') {
  await client().indexes.create({
    name,
    schema: { fields: { _values: { type: 'dense_vector', dimension, metric } } },
    deployment: { deploymentType: 'managed', cloud: 'aws', region: 'eu-west-1' },
    waitUntilReady: true,
  });
  return client().index({ name, namespace: 'acme' });
}

/** For what the SDK checks before it sends. */
async function post(path: string, body: unknown, headers: Record<string, string> = { 'api-key': apiKey }) {
  const response = await fetch(`${gateway.url}/_pinecone${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers,
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

const compass: PineconeRecord[] = [
  { id: 'north', values: [0, 1], metadata: { side: 'cold', height: 2, tags: ['a', 'b'] } },
  { id: 'east', values: [1, 0], metadata: { side: 'mild', height: 5 } },
  { id: 'south', values: [0, -1], metadata: { side: 'hot', sunny: true } },
];
const idsOf = (matches: readonly { id: string }[]) => matches.map(({ id }) => id);

describe('indexes', () => {
  it('are created, described, listed and deleted', async () => {
    await createIndex('dotproduct', 1024);
    const described = await client().indexes.describe('docs');
    expect(described).toMatchObject({
      name: 'docs',
      host: `${gateway.url}/_pinecone/i/docs`,
      status: { ready: true, state: 'Ready' },
      schema: { fields: { _values: { type: 'dense_vector', dimension: 1024, metric: 'dotproduct' } } },
      deployment: { deploymentType: 'managed', cloud: 'aws', region: 'eu-west-1' },
      deletionProtection: 'disabled',
    });
    expect((await client().indexes.list()).indexes?.map(({ name }) => name)).toEqual(['docs']);
    await client().indexes.delete('docs');
    expect((await client().indexes.list()).indexes).toEqual([]);
  });

  it('are created by the older options of the client, too', async () => {
    await client().createIndex({
      name: 'old',
      dimension: 8,
      metric: 'cosine',
      spec: { serverless: { cloud: 'aws', region: 'us-east-1' } },
    });
    expect((await client().indexes.describe('old')).schema.fields._values).toMatchObject({ dimension: 8 });
  });

  it('are not created twice', async () => {
    await createIndex();
    await expect(createIndex()).rejects.toMatchObject({ name: 'PineconeConflictError' });
  });

  it('that do not exist are not found', async () => {
    await expect(client().indexes.describe('none')).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    await expect(client().indexes.delete('none')).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
  });

  it('cannot be deleted while deletion protection is on', async () => {
    await createIndex();
    await client().indexes.configure('docs', { deletionProtection: 'enabled', tags: { team: 'search' } });
    await expect(client().indexes.delete('docs')).rejects.toThrow(/Deletion protection is enabled/);
    const described = await client().indexes.configure('docs', { deletionProtection: 'disabled' });
    expect(described).toMatchObject({ deletionProtection: 'disabled', tags: { team: 'search' } });
    await client().indexes.delete('docs');
  });

  it.each([
    ['a name with capitals', { name: 'Docs' }],
    ['a dimension of 0', { schema: { fields: { _values: { type: 'dense_vector', dimension: 0 } } } }],
    ['an unknown metric', { schema: { fields: { _values: { type: 'dense_vector', dimension: 2, metric: 'l1' } } } }],
    ['a field that is not emulated', { schema: { fields: { text: { type: 'string' } } } }],
  ])('are not created with %s', async (_, fault) => {
    const fields = { _values: { type: 'dense_vector', dimension: 2, metric: 'cosine' } };
    const reply = await post('/indexes', { name: 'docs', schema: { fields }, ...fault });
    expect(reply).toMatchObject({ status: 400, body: { status: 400, error: { code: 'INVALID_ARGUMENT' } } });
  });
});

describe('search', () => {
  it.each<[Metric, string[], number]>([
    ['cosine', ['east', 'north', 'south'], 0.8],
    ['dotproduct', ['east', 'north', 'south'], 8],
    ['euclidean', ['east', 'north', 'south'], 85],
  ])('returns the closest vector first by %s', async (metric, order, score) => {
    const index = await createIndex(metric);
    await index.upsert({ records: compass });
    const { matches, usage } = await index.query({ vector: [8, 6], topK: 3 });
    expect(idsOf(matches)).toEqual(order);
    expect(matches[0]?.score).toBeCloseTo(score, 5);
    expect(usage?.readUnits).toBe(1);
  });

  it('returns at most topK, with values and metadata only when asked', async () => {
    const index = await createIndex();
    await index.upsert({ records: compass });
    const [bare] = (await index.query({ vector: [1, 0.1], topK: 1 })).matches;
    expect(bare).toMatchObject({ id: 'east', values: [] });
    expect(bare?.metadata).toBeUndefined();
    const full = await index.query({ vector: [1, 0.1], topK: 1, includeValues: true, includeMetadata: true });
    expect(full.matches).toMatchObject([{ id: 'east', values: [1, 0], metadata: { side: 'mild', height: 5 } }]);
  });

  it('finds what is close to a stored record', async () => {
    const index = await createIndex();
    await index.upsert({ records: compass });
    expect(idsOf((await index.query({ id: 'south', topK: 1 })).matches)).toEqual(['south']);
    expect((await index.query({ id: 'nowhere', topK: 1 })).matches).toEqual([]);
  });

  it('never returns a vector of another namespace', async () => {
    const index = await createIndex();
    await index.upsert({ records: compass });
    const other = client().index({ name: 'docs', namespace: 'globex' });
    expect((await other.query({ vector: [1, 0], topK: 3 })).matches).toEqual([]);
  });

  it('adds the product of the sparse values', async () => {
    const index = await createIndex('dotproduct');
    const sparseValues = { indices: [7, 9], values: [10, 1] };
    await index.upsert({ records: [...compass, { id: 'west', values: [-1, 0], sparseValues }] });
    const { matches } = await index.query({
      vector: [1, 0],
      topK: 1,
      sparseVector: { indices: [7], values: [0.5] },
      includeValues: true,
    });
    expect(matches).toMatchObject([{ id: 'west', score: 4, sparseValues }]);
  });

  it('keeps all vectors apart when many are written, replaced and removed', async () => {
    const index = await createIndex('dotproduct', 3);
    const records = Array.from({ length: 200 }, (_, i) => ({ id: `v${i}`, values: [i, 1, 0] }));
    await index.upsert({ records });
    await index.deleteMany({ ids: ['v0', 'v100', 'v199'] });
    await index.upsert({ records: [{ id: 'v5', values: [500, 1, 0] }] });
    const { matches } = await index.query({ vector: [1, 0, 0], topK: 200 });
    expect(matches).toHaveLength(197);
    expect(idsOf(matches).slice(0, 3)).toEqual(['v5', 'v198', 'v197']);
  });
});

describe('filters', () => {
  it.each([
    [{ side: 'cold' }, ['north']],
    [{ side: { $eq: 'cold' } }, ['north']],
    [{ side: { $ne: 'cold' } }, ['east', 'south']],
    [{ side: { $in: ['cold', 'hot'] } }, ['north', 'south']],
    [{ side: { $nin: ['cold', 'hot'] } }, ['east']],
    [{ height: { $gt: 2 } }, ['east']],
    [{ height: { $gte: 2 } }, ['east', 'north']],
    [{ height: { $gte: 2, $lt: 5 } }, ['north']],
    [{ height: { $lte: 2 } }, ['north']],
    [{ sunny: { $exists: true } }, ['south']],
    [{ height: { $exists: false } }, ['south']],
    [{ tags: { $in: ['b', 'c'] } }, ['north']],
    [{ sunny: true }, ['south']],
    [{ side: 'mild', height: 5 }, ['east']],
    [{ $or: [{ side: 'cold' }, { height: 5 }] }, ['east', 'north']],
    [{ $and: [{ height: { $gt: 1 } }, { $or: [{ side: 'cold' }, { side: 'hot' }] }] }, ['north']],
  ])('%j keeps %j', async (filter, expected) => {
    const index = await createIndex();
    await index.upsert({ records: compass });
    const { matches } = await index.query({ vector: [1, 1], topK: 3, filter });
    expect(idsOf(matches).sort()).toEqual(expected);
  });

  it.each([
    [{ side: { $like: 'c' } }, /\$like is not a valid operator/],
    [{ height: { $gt: 'x' } }, /\$gt operator on 'height' does not take "x"/],
    [{ side: { $in: [] } }, /\$in operator on 'side'/],
    [{ $not: [{ side: 'cold' }] }, /\$not is not a valid operator/],
    [{ $or: [] }, /\$or needs a list/],
    [{ side: ['cold'] }, /must be an object/],
  ])('%j is refused', async (filter, message) => {
    const index = await createIndex();
    await expect(index.query({ vector: [1, 1], topK: 3, filter })).rejects.toThrow(message);
  });
});

describe('records', () => {
  it('are fetched with values and metadata, those that exist', async () => {
    const index = await createIndex();
    await index.upsert({ records: compass });
    const { records, usage } = await index.fetch({ ids: ['north', 'nowhere'] });
    expect(Object.keys(records)).toEqual(['north']);
    expect(records.north).toMatchObject({ values: [0, 1], metadata: { tags: ['a', 'b'] } });
    expect(usage?.readUnits).toBe(1);
  });

  it('are listed by prefix, page by page, each once', async () => {
    const index = await createIndex();
    const id = (document: string, i: number) => `${document}#000001#${String(i).padStart(6, '0')}`;
    const records = Array.from({ length: 250 }, (_, i) => ({ id: id(i % 2 ? 'odd' : 'even', i), values: [1, i] }));
    await index.upsert({ records });
    const seen: string[] = [];
    let paginationToken: string | undefined;
    do {
      const page = await index.listPaginated({
        prefix: 'odd#000001#',
        limit: 50,
        ...(paginationToken && { paginationToken }),
      });
      seen.push(...(page.vectors?.map(vector => vector.id ?? '') ?? []));
      paginationToken = page.pagination?.next;
    } while (paginationToken);
    expect(seen).toEqual(records.map(record => record.id).filter(one => one.startsWith('odd')));
  });

  it('are deleted by id, by filter and all together', async () => {
    const index = await createIndex();
    await index.upsert({ records: compass });
    const left = async () => (await index.listPaginated()).vectors?.map(({ id }) => id);
    await index.deleteOne({ id: 'north' });
    expect(await left()).toEqual(['east', 'south']);
    await index.deleteMany({ filter: { sunny: true } });
    expect(await left()).toEqual(['east']);
    await index.deleteAll();
    expect(await left()).toEqual([]);
  });

  it('cannot be deleted from a namespace that does not exist', async () => {
    const index = await createIndex();
    await expect(index.deleteMany({ ids: ['north'] })).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    await expect(index.deleteAll()).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
  });

  it('are updated in part, by id and by filter', async () => {
    const index = await createIndex();
    await index.upsert({ records: compass });
    await index.update({ id: 'north', values: [0, 2] });
    await index.update({ filter: { height: { $gt: 1 } }, metadata: { high: true } });
    const { records } = await index.fetch({ ids: ['north', 'east', 'south'] });
    expect(records.north).toMatchObject({ values: [0, 2], metadata: { side: 'cold', high: true } });
    expect(records.east?.metadata).toEqual({ side: 'mild', height: 5, high: true });
    expect(records.south?.metadata).toEqual({ side: 'hot', sunny: true });
  });

  it('are counted by namespace', async () => {
    const index = await createIndex();
    await index.upsert({ records: compass });
    await client()
      .index({ name: 'docs' })
      .upsert({ records: compass.slice(0, 1) });
    expect(await index.describeIndexStats()).toMatchObject({
      namespaces: { acme: { recordCount: 3 }, __default__: { recordCount: 1 } },
      dimension: 2,
      totalRecordCount: 4,
    });
    const { namespaces } = await index.listNamespaces();
    expect(namespaces).toMatchObject([
      { name: '__default__', recordCount: 1 },
      { name: 'acme', recordCount: 3 },
    ]);
    await index.deleteNamespace('acme');
    expect((await index.describeIndexStats()).totalRecordCount).toBe(1);
  });

  it('of one id in one request leave the last', async () => {
    const index = await createIndex();
    await index.upsert({
      records: [
        { id: 'a', values: [1, 0] },
        { id: 'a', values: [0, 1] },
      ],
    });
    expect((await index.fetch({ ids: ['a'] })).records.a?.values).toEqual([0, 1]);
  });
});

describe('bad requests', () => {
  const vector = { id: 'a', values: [1, 2] };
  it.each([
    [
      'a vector of another dimension',
      '/vectors/upsert',
      { vectors: [{ id: 'a', values: [1] }] },
      'Vector dimension 1 does not match the dimension of the index 2',
    ],
    [
      'a query of another dimension',
      '/query',
      { vector: [1, 2, 3], topK: 1 },
      'Query vector dimension 3 does not match',
    ],
    ['a vector of zeros', '/vectors/upsert', { vectors: [{ id: 'a', values: [0, 0] }] }, 'at least one non-zero value'],
    ['more than 1000 records', '/vectors/upsert', { vectors: Array.from({ length: 1001 }, () => vector) }, 'vectors'],
    ['an id of 513 characters', '/vectors/upsert', { vectors: [{ ...vector, id: 'x'.repeat(513) }] }, 'vectors.0.id'],
    ['an id that is not ASCII', '/vectors/upsert', { vectors: [{ ...vector, id: 'ö' }] }, 'must be ASCII'],
    [
      '40 KB of metadata and more',
      '/vectors/upsert',
      { vectors: [{ ...vector, metadata: { text: 'x'.repeat(41_000) } }] },
      'exceeds the limit of 40960 bytes',
    ],
    [
      'metadata that nests',
      '/vectors/upsert',
      { vectors: [{ ...vector, metadata: { a: { b: 1 } } }] },
      'list of strings',
    ],
    [
      'sparse values in a cosine index',
      '/vectors/upsert',
      { vectors: [{ ...vector, sparseValues: { indices: [1], values: [1] } }] },
      'does not support sparse values',
    ],
    ['topK of 10,001', '/query', { vector: [1, 2], topK: 10_001 }, 'topK'],
    ['a query for nothing', '/query', { topK: 1 }, "Either 'vector' or 'id'"],
    [
      'more than 2 MB',
      '/vectors/upsert',
      { vectors: [{ ...vector, id: 'x'.repeat(2_200_000) }] },
      'message length too large',
    ],
    ['an unknown field', '/query', { vector: [1, 2], topK: 1, rerank: {} }, 'rerank'],
    ['a body that is not JSON', '/query', '{', 'not valid JSON'],
  ])('%s is refused with 400', async (_, path, body, message) => {
    await createIndex();
    expect(await post(`/i/docs${path}`, body)).toMatchObject({
      status: 400,
      body: { code: 3, message: expect.stringContaining(message), details: [] },
    });
  });

  it('a call to an index that does not exist is not found', async () => {
    expect(await post('/i/none/query', { vector: [1, 2], topK: 1 })).toMatchObject({ status: 404, body: { code: 5 } });
  });

  it('an operation that is not emulated says so', async () => {
    await createIndex();
    const reply = await post('/i/docs/records/namespaces/acme/search', {});
    expect(reply).toMatchObject({
      status: 501,
      body: { message: expect.stringContaining('The local Pinecone has no') },
    });
  });
});

describe('keys', () => {
  it('are needed', async () => {
    expect(await post('/indexes', {}, {})).toEqual({ status: 401, body: 'Unauthorized' });
  });

  it('must be the right one when there is one', async () => {
    await start({ apiKey: () => 'right' });
    await expect(client('wrong').indexes.list()).rejects.toMatchObject({ name: 'PineconeAuthorizationError' });
    await expect(client('right').indexes.list()).resolves.toEqual({ indexes: [] });
  });

  it('lead to it without its path, too', async () => {
    const bare = new Pinecone({ apiKey, controllerHostUrl: gateway.url, maxRetries: 0 });
    expect(await bare.indexes.list()).toEqual({ indexes: [] });
  });
});

it('keeps indexes and vectors over a restart', async () => {
  const index = await createIndex('dotproduct');
  const sparseValues = { indices: [3], values: [0.5] };
  await index.upsert({ records: [...compass, { id: 'west', values: [-1, 0.25], sparseValues }] });
  await index.deleteOne({ id: 'south' });
  await start();
  const again = client().index({ name: 'docs', namespace: 'acme' });
  const { records } = await again.fetch({ ids: ['north', 'south', 'west'] });
  expect(records).toMatchObject({
    north: { values: [0, 1], metadata: { side: 'cold', height: 2, tags: ['a', 'b'] } },
    west: { values: [-1, 0.25], sparseValues },
  });
  expect(records.south).toBeUndefined();
});

it('shows writes only after the visibility delay, when there is one', () => {
  let now = 0;
  const store = new IndexStore({ database, visibilityDelayMs: 1000, now: () => now });
  const spec = parse(createIndexBody, {
    name: 'docs',
    schema: { fields: { _values: { type: 'dense_vector', dimension: 2 } } },
  });
  store.put(spec);
  const vectors = store.vectorsOf(spec);
  vectors.put('acme', [{ id: 'north', values: Float32Array.of(0, 1) }]);
  now = 999;
  expect(vectors.namespace('acme')).toBeUndefined();
  now = 1000;
  expect(vectors.namespace('acme')?.ids()).toEqual(['north']);
  vectors.remove('acme', ['north']);
  now = 1999;
  expect(vectors.namespace('acme')?.ids()).toEqual(['north']);
  now = 2000;
  expect(vectors.namespace('acme')).toBeUndefined();
});
