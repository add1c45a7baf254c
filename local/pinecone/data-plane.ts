import type { z } from 'zod';
import { badRequest, decodeSegment, PineconeError } from './errors.ts';
import { compileFilter } from './filter.ts';
import type { IndexVectors } from './index-store.ts';
import type { StoredVector } from './namespace-vectors.ts';
import {
  DENSE_FIELD,
  deleteBody,
  fetchQuery,
  type IndexSpec,
  listQuery,
  namespacesQuery,
  parse,
  queryBody,
  type SparseValues,
  statsBody,
  updateBody,
  upsertBody,
  type VectorRecord,
} from './requests.ts';

/** The namespace of those who name none. */
const DEFAULT_NAMESPACE = '__default__';
const MAX_METADATA_BYTES = 40_960;
const BYTES_A_READ_UNIT = 1_000_000_000;
const FETCHED_A_READ_UNIT = 10;

export interface DataPlaneRequest {
  readonly method: string;
  /** Below the index's host, undecoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The parsed body of POST. */
  readonly body: unknown;
}

interface Target {
  readonly spec: IndexSpec;
  readonly vectors: IndexVectors;
}
type Operation = (target: Target, request: DataPlaneRequest) => unknown;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'POST /vectors/upsert': (target, { body }) => upsert(target, parse(upsertBody, body)),
  'POST /query': (target, { body }) => search(target, parse(queryBody, body)),
  'POST /vectors/update': (target, { body }) => update(target, parse(updateBody, body)),
  'POST /vectors/delete': (target, { body }) => remove(target, parse(deleteBody, body)),
  'POST /describe_index_stats': (target, { body }) => describeStats(target, parse(statsBody, body ?? {})),
  'GET /vectors/fetch': (target, { query }) =>
    fetchVectors(target, parse(fetchQuery, { ...Object.fromEntries(query), ids: query.getAll('ids') })),
  'GET /vectors/list': (target, { query }) => listIds(target, parse(listQuery, Object.fromEntries(query))),
  'GET /namespaces': (target, { query }) => listNamespaces(target, parse(namespacesQuery, Object.fromEntries(query))),
};

/**
 * One call to an index.
 * @returns the body of the reply
 * @throws PineconeError
 */
export function serveDataPlane(target: Target, request: DataPlaneRequest): unknown {
  const { method, path } = request;
  const operation = OPERATIONS[`${method} ${path}`];
  if (operation) return operation(target, request);
  const namespace = /^\/namespaces\/([^/]+)$/.exec(path)?.[1];
  if (namespace !== undefined && method === 'GET') return describeNamespace(target, decodeSegment(namespace));
  if (namespace !== undefined && method === 'DELETE') {
    return remove(target, { namespace: decodeSegment(namespace), deleteAll: true });
  }
  throw new PineconeError(501, `The local Pinecone has no ${method} ${path}.`);
}

const named = (namespace: string): string => namespace || DEFAULT_NAMESPACE;
const dense = ({ schema }: IndexSpec) => schema.fields[DENSE_FIELD];

function upsert({ spec, vectors }: Target, { vectors: records, namespace }: z.infer<typeof upsertBody>) {
  for (const record of records) checkRecord(spec, record);
  // Of records with one id the last counts, as one after the other.
  const last = new Map(records.map(record => [record.id, record]));
  vectors.put(
    named(namespace),
    Array.from(last.values(), record => ({ ...record, values: Float32Array.from(record.values) })),
  );
  return { upsertedCount: records.length };
}

function checkRecord(spec: IndexSpec, { id, values, sparseValues, metadata }: VectorRecord): void {
  checkDimension(spec, values, 'Vector');
  if (values.every(value => value === 0)) {
    throw badRequest(`Dense vectors must contain at least one non-zero value. Vector ID ${id} contains only zeros.`);
  }
  checkSparse(spec, sparseValues);
  const bytes = metadata ? Buffer.byteLength(JSON.stringify(metadata)) : 0;
  if (bytes > MAX_METADATA_BYTES) {
    throw badRequest(
      `Metadata size is ${bytes} bytes, which exceeds the limit of ${MAX_METADATA_BYTES} bytes per vector`,
    );
  }
}

function checkDimension(spec: IndexSpec, values: readonly number[], what: string): void {
  const { dimension } = dense(spec);
  if (values.length === dimension) return;
  throw badRequest(`${what} dimension ${values.length} does not match the dimension of the index ${dimension}`);
}

function checkSparse(spec: IndexSpec, sparse: SparseValues | undefined): void {
  if (!sparse || dense(spec).metric === 'dotproduct') return;
  throw badRequest(`Index configuration does not support sparse values - only indexes that are dotproduct do`);
}

function search({ spec, vectors }: Target, request: z.infer<typeof queryBody>) {
  const namespace = named(request.namespace);
  const found = vectors.namespace(namespace);
  const query = queryVector(spec, request, id => found?.get(id));
  checkSparse(spec, request.sparseVector);
  const filter = request.filter && compileFilter(request.filter);
  const scored = query
    ? (found?.search({ ...query, metric: dense(spec).metric, topK: request.topK, ...(filter && { filter }) }) ?? [])
    : [];
  const matches = scored.map(({ vector: { id, values, sparseValues, metadata }, score }) => ({
    id,
    score,
    values: request.includeValues ? Array.from(values) : [],
    ...(request.includeValues && sparseValues && { sparseValues }),
    ...(request.includeMetadata && metadata && { metadata }),
  }));
  const bytes = (found?.size ?? 0) * dense(spec).dimension * Float32Array.BYTES_PER_ELEMENT;
  return { results: [], matches, namespace, usage: { readUnits: Math.max(1, Math.ceil(bytes / BYTES_A_READ_UNIT)) } };
}

/** @returns undefined when the record that is to be compared with the others is not there */
function queryVector(
  spec: IndexSpec,
  { vector, id, sparseVector }: z.infer<typeof queryBody>,
  recordOf: (id: string) => StoredVector | undefined,
): { values: Float32Array; sparseValues?: SparseValues } | undefined {
  if (vector && id !== undefined) throw badRequest("Cannot provide both 'vector' and 'id' at the same time.");
  if (id !== undefined) return recordOf(id);
  if (!vector) throw badRequest("Either 'vector' or 'id' must be provided.");
  checkDimension(spec, vector, 'Query vector');
  return { values: Float32Array.from(vector), ...(sparseVector && { sparseValues: sparseVector }) };
}

function update({ spec, vectors }: Target, request: z.infer<typeof updateBody>) {
  const { id, filter, setMetadata, dryRun } = request;
  if ((id === undefined) === (filter === undefined)) throw badRequest("Provide either 'id' or 'filter'.");
  const namespace = named(request.namespace);
  const change = (record: StoredVector): StoredVector => {
    const { values = Array.from(record.values), sparseValues = record.sparseValues } = request;
    const metadata = setMetadata || record.metadata ? { ...record.metadata, ...setMetadata } : undefined;
    checkRecord(spec, { id: record.id, values, sparseValues, metadata: metadata as VectorRecord['metadata'] });
    return {
      id: record.id,
      values: Float32Array.from(values),
      ...(sparseValues && { sparseValues }),
      ...(metadata && { metadata }),
    };
  };
  if (filter && (request.values || request.sparseValues)) throw badRequest('An update by filter sets metadata only.');
  const ids = filter ? (vectors.namespace(namespace)?.idsWhere(compileFilter(filter)) ?? []) : [id ?? ''];
  const changed = ids.flatMap(one => vectors.written(namespace, one) ?? []).map(change);
  if (!dryRun) vectors.put(namespace, changed);
  return filter ? { matchedRecords: changed.length } : {};
}

function remove({ vectors }: Target, { namespace, ids, filter, deleteAll }: z.infer<typeof deleteBody>) {
  if ([ids !== undefined, filter !== undefined, deleteAll].filter(Boolean).length !== 1) {
    throw badRequest("Provide one of 'ids', 'filter' and 'deleteAll'.");
  }
  const name = named(namespace);
  if (!vectors.holds(name)) throw new PineconeError(404, 'Namespace not found');
  const matching = filter && (vectors.namespace(name)?.idsWhere(compileFilter(filter)) ?? []);
  vectors.remove(name, ids ?? matching ?? vectors.writtenIds(name));
  return {};
}

function fetchVectors({ vectors }: Target, { ids, namespace }: z.infer<typeof fetchQuery>) {
  const found = vectors.namespace(named(namespace));
  const records = ids.flatMap(id => found?.get(id) ?? []);
  const readUnits = Math.max(1, Math.ceil(records.length / FETCHED_A_READ_UNIT));
  return {
    vectors: Object.fromEntries(records.map(record => [record.id, { ...record, values: Array.from(record.values) }])),
    namespace: named(namespace),
    usage: { readUnits },
  };
}

function listIds({ vectors }: Target, { namespace, prefix, limit, paginationToken }: z.infer<typeof listQuery>) {
  const ids = vectors.namespace(named(namespace))?.ids(prefix) ?? [];
  const { items, pagination } = page(ids, limit, paginationToken);
  return {
    vectors: items.map(id => ({ id })),
    ...(pagination && { pagination }),
    namespace: named(namespace),
    usage: { readUnits: 1 },
  };
}

function describeStats({ spec, vectors }: Target, { filter }: z.infer<typeof statsBody>) {
  const holds = filter && compileFilter(filter);
  const counts = vectors
    .namespaces()
    .map(([name, found]) => [name, holds ? found.idsWhere(holds).length : found.size] as const);
  const { dimension, metric } = dense(spec);
  return {
    namespaces: Object.fromEntries(counts.map(([name, vectorCount]) => [name, { vectorCount }])),
    dimension,
    metric,
    vectorType: 'dense',
    indexFullness: 0,
    totalVectorCount: counts.reduce((sum, [, count]) => sum + count, 0),
  };
}

function listNamespaces({ vectors }: Target, { prefix, limit, paginationToken }: z.infer<typeof namespacesQuery>) {
  const sizes = new Map(vectors.namespaces().map(([name, { size }]) => [name, size]));
  const names = [...sizes.keys()].filter(name => name.startsWith(prefix));
  const { items, pagination } = page(names, limit, paginationToken);
  return {
    namespaces: items.map(name => ({ name, record_count: sizes.get(name) })),
    ...(pagination && { pagination }),
    total_count: names.length,
  };
}

function describeNamespace({ vectors }: Target, name: string) {
  const found = vectors.namespace(named(name));
  if (!found) throw new PineconeError(404, 'Namespace not found');
  return { name: named(name), record_count: found.size };
}

/** @param sorted all of them; the token names the last one of the page before */
function page(sorted: readonly string[], limit: number, token: string | undefined) {
  const after = token === undefined ? undefined : Buffer.from(token, 'base64url').toString();
  const rest = after === undefined ? sorted : sorted.filter(one => one > after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const more = rest.length > limit && last !== undefined;
  return { items, pagination: more ? { next: Buffer.from(last).toString('base64url') } : undefined };
}
