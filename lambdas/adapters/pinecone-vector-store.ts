import { setTimeout as sleep } from 'node:timers/promises';
import type { PineconeRecord, RecordMetadata } from '@pinecone-database/pinecone';
import pMap from 'p-map';
import * as z from 'zod';
import type { AttributeCondition } from '../attribute-filter.ts';
import { type AttributeValue, type ChunkRef, chunkIdOf, chunkIdPrefix, parseChunkId } from '../document.ts';
import { AppFailure } from '../errors.ts';
import { EVERYONE } from '../ingest/sidecar.ts';
import type { SparseVector } from '../lexical/sparse-vector.ts';
import type { EmbeddedChunk, Match, MetadataChange, SearchFilter, VectorStore } from '../ports.ts';
import { PineconeError, type PineconeRequest, PineconeUnavailable, requestPinecone } from './pinecone-request.ts';

export interface PineconeOptions {
  /** The index's own host; without a scheme it is reached by https. */
  readonly host: string;
  /** See `pineconeKey`. */
  readonly apiKey: () => Promise<string>;
  /** Milliseconds within which a throttled or failing operation is repeated. @default 15 000 */
  readonly retryForMs?: number;
}

/** Pinecone takes 2 MB or 1000 records; less of both keeps a request short. */
const MAX_UPSERT_BYTES = 1_800_000;
const MAX_UPSERT_RECORDS = 100;
/** Ids per list page and per deletion: Pinecone's limits. */
const LIST_PAGE = 100;
const MAX_DELETE_IDS = 1_000;
const RETRY_AFTER_SECONDS = 5;
const UPDATES_AT_A_TIME = 16;

/** A Pinecone serverless index: a namespace is a tenant, a record is a chunk. */
export function pineconeVectorStore({ host, apiKey, retryForMs = 15_000 }: PineconeOptions): VectorStore {
  async function call(namespace: string | undefined, request: PineconeRequest, signal?: AbortSignal): Promise<unknown> {
    const { method, path, query, body } = request;
    const named = method === 'GET' ? { query: { ...query, namespace } } : { body: { ...(body as object), namespace } };
    try {
      return await requestPinecone({ host, apiKey: await apiKey(), retryForMs, signal }, { method, path, ...named });
    } catch (cause) {
      if (!(cause instanceof PineconeUnavailable) && !timedOut(signal)) throw cause;
      const asked = cause instanceof PineconeUnavailable ? cause.retryAfterSeconds : 0;
      const retryAfterSeconds = Math.max(RETRY_AFTER_SECONDS, asked);
      throw new AppFailure({ kind: 'service-unavailable', service: 'The vector store', retryAfterSeconds }, { cause });
    }
  }
  const post = (namespace: string, path: string, body: object, signal?: AbortSignal) =>
    call(namespace, { method: 'POST', path, body }, signal);
  const listPage = async (namespace: string, query: PineconeRequest['query']) =>
    idPage.parse(
      await call(namespace, { method: 'GET', path: '/vectors/list', query: { limit: LIST_PAGE, ...query } }),
    );

  return {
    async upsert(namespace, chunks) {
      const upsert = (vectors: PineconeRecord[]) => post(namespace, '/vectors/upsert', { vectors });
      await pMap(requestsOf(chunks.map(toRecord)), upsert, { concurrency: 4 });
    },

    async query(namespace, { embedding, sparse }, { topK, groups, readsOpenDocuments = true, filter = {}, signal }) {
      const readers = readsOpenDocuments ? [EVERYONE, ...groups] : groups;
      if (filter.documentIds?.length === 0 || readers.length === 0) return []; // Pinecone refuses an empty list
      const query = {
        includeValues: false,
        includeMetadata: false,
        vector: embedding,
        ...(sparse && hasValues(sparse) && { sparseVector: toSparseValues(sparse) }),
        topK,
        filter: toPineconeFilter(filter, readers),
      };
      const { matches } = queryReply.parse(await post(namespace, '/query', query, signal));
      return matches.map(toMatch).filter(match => match !== undefined);
    },

    // By id, not by a filter: an id is found as soon as it was written, a filter finds what is indexed already.
    async updateMetadata(namespace, refs, change) {
      const setMetadata = toChangedMetadata(change);
      const update = (ref: ChunkRef) => post(namespace, '/vectors/update', { id: chunkIdOf(ref), setMetadata });
      await pMap(refs, update, { concurrency: UPDATES_AT_A_TIME });
    },

    async waitUntilVisible(namespace, ref, timeoutMs) {
      const id = chunkIdOf(ref);
      const deadline = performance.now() + timeoutMs;
      for (let waitMs = 100; ; waitMs = Math.min(2_000, waitMs * 2)) {
        const reply = await call(namespace, { method: 'GET', path: '/vectors/fetch', query: { ids: id } });
        if (fetchReply.parse(reply).vectors[id]) return;
        if (performance.now() + waitMs > deadline) throw new Error(`Vector ${id} did not show within ${timeoutMs} ms`);
        await sleep(waitMs);
      }
    },

    async removeVersion(namespace, documentId, version) {
      try {
        const ids = await listIds(cursor =>
          listPage(namespace, { prefix: chunkIdPrefix(documentId, version), paginationToken: cursor }),
        );
        for (let from = 0; from < ids.length; from += MAX_DELETE_IDS) {
          await post(namespace, '/vectors/delete', { ids: ids.slice(from, from + MAX_DELETE_IDS) });
        }
      } catch (error) {
        // A namespace exists from its first vector on: where there is none, nothing is left to remove.
        if (!isNotFound(error)) throw error;
      }
    },

    async namespaces() {
      const names: string[] = [];
      let paginationToken: string | undefined;
      do {
        const query = { limit: LIST_PAGE, paginationToken };
        const reply = await call(undefined, { method: 'GET', path: '/namespaces', query });
        const page = namespacePage.parse(reply);
        names.push(...page.namespaces.map(({ name }) => name));
        paginationToken = page.pagination?.next || undefined;
      } while (paginationToken);
      return names;
    },

    async list(namespace, { prefix, cursor }) {
      try {
        const { vectors, pagination } = await listPage(namespace, { prefix, paginationToken: cursor });
        const refs = vectors.map(({ id }) => parseChunkId(id)).filter(ref => ref !== undefined);
        return { refs, ...(pagination?.next && { cursor: pagination.next }) };
      } catch (error) {
        if (isNotFound(error)) return { refs: [] };
        throw error;
      }
    },
  };
}

const pagination = z.object({ next: z.string().optional() }).optional();
const queryReply = z.object({ matches: z.array(z.object({ id: z.string(), score: z.number().optional() })) });
const fetchReply = z.object({ vectors: z.record(z.string(), z.unknown()) });
const idPage = z.object({ vectors: z.array(z.object({ id: z.string() })).default([]), pagination });
const namespacePage = z.object({ namespaces: z.array(z.object({ name: z.string() })).default([]), pagination });

const isNotFound = (error: unknown): boolean => error instanceof PineconeError && error.status === 404;

async function listIds(page: (cursor?: string) => Promise<z.infer<typeof idPage>>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { vectors, pagination: further } = await page(cursor);
    ids.push(...vectors.map(({ id }) => id));
    cursor = further?.next || undefined;
  } while (cursor);
  return ids;
}

/** Pinecone refuses a sparse vector without values: that of a text without words. */
const hasValues = ({ indices }: SparseVector): boolean => indices.length > 0;
const toSparseValues = ({ indices, values }: SparseVector) => ({ indices: [...indices], values: [...values] });

const toRecord = ({ ref, key, metadata, embedding, sparse }: EmbeddedChunk): PineconeRecord => ({
  id: chunkIdOf(ref),
  values: [...embedding],
  ...(sparse && hasValues(sparse) && { sparseValues: toSparseValues(sparse) }),
  metadata: {
    ...{ documentId: ref.documentId, version: ref.version, index: ref.index, folders: foldersOf(key) },
    ...toChangedMetadata({ ...metadata, attributes: metadata.attributes ?? {} }),
  },
});

/** A record without `groups` is found by nobody, so that nothing is open by having been forgotten. */
function toChangedMetadata({ groups = [EVERYONE], attributes }: MetadataChange): RecordMetadata {
  const entries = Object.entries(attributes).map(([name, value]) => [`attr_${name}`, toMetadataValue(value)] as const);
  return { groups: [...groups], ...Object.fromEntries(entries) };
}

/** An update cannot take a field away; no attribute is ever empty, so no filter finds an empty one. */
const toMetadataValue = (value: AttributeValue | null) =>
  value === null ? '' : typeof value === 'object' ? [...value] : value;

/** Every folder above a key: `documents/s3/a.md` → `documents/`, `documents/s3/`. */
function foldersOf(key: string): string[] {
  const folders: string[] = [];
  for (let end = key.indexOf('/'); end >= 0; end = key.indexOf('/', end + 1)) folders.push(key.slice(0, end + 1));
  return folders;
}

/** Cuts records into requests that Pinecone takes. */
function requestsOf(records: readonly PineconeRecord[]): PineconeRecord[][] {
  const requests: PineconeRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record)) + 1;
    const last = requests.at(-1);
    if (last && last.length < MAX_UPSERT_RECORDS && bytes + size <= MAX_UPSERT_BYTES) {
      last.push(record);
      bytes += size;
    } else {
      requests.push([record]);
      bytes = size;
    }
  }
  return requests;
}

function toPineconeFilter({ documentIds, folder, attributes = {} }: SearchFilter, readers: readonly string[]) {
  const conditions = Object.entries(attributes).flatMap(([name, condition]) => conditionsOn(`attr_${name}`, condition));
  return {
    groups: { $in: readers },
    ...(documentIds && { documentId: { $in: documentIds } }),
    ...(folder !== undefined && { folders: { $in: [folder] } }),
    ...(conditions.length > 0 && { $and: conditions }),
  };
}

/** Pinecone compares whole texts only, so a prefix is left to the caller: it narrows to records that have the attribute. */
function conditionsOn(field: string, { equals, in: anyOf, from, to, prefix }: AttributeCondition): object[] {
  return [
    ...(equals === undefined ? [] : [{ [field]: { $eq: equals } }]),
    ...(anyOf === undefined ? [] : [{ [field]: { $in: [...anyOf] } }]),
    ...(from === undefined ? [] : [{ [field]: { $gte: from } }]),
    ...(to === undefined ? [] : [{ [field]: { $lte: to } }]),
    ...(prefix === undefined ? [] : [{ [field]: { $exists: true } }]),
  ];
}

/** @returns undefined for a record that is none of ours: an index that was taken over may hold others */
function toMatch({ id, score }: { id: string; score?: number }): Match | undefined {
  const ref = parseChunkId(id);
  return ref && score !== undefined ? { ...ref, score } : undefined;
}

/** The caller's time was up, rather than the caller gone. */
const timedOut = (signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
