import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchGetCommandInput } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { ChunkRef, DocumentHead, StoredChunk } from '../document.ts';
import { AppFailure } from '../errors.ts';
import type { PassageStore } from '../ports.ts';
import { chunkKeyOf, parseChunk, parseHead, parseVersion } from './document-items.ts';
import type { DynamodbClient } from './dynamodb-client.ts';

export interface PassageTables {
  readonly documents: string;
  readonly chunks: string;
}

type Item = Record<string, unknown>;
type Requests = NonNullable<BatchGetCommandInput['RequestItems']>;

/** Keys per BatchGetItem call, DynamoDB's limit. */
const BATCH_SIZE = 100;
const BATCH_ATTEMPTS = 6;

/**
 * Reads hits' chunks with their documents' heads and versions, both tables in one call.
 *
 * Documents are read consistently: from the moment a delete event is handled, or a new version is live, no later answer
 * may cite what was before, and an eventually consistent read could still show it. Chunks never change once written, and
 * are written long before their version can be live, so the cheaper read is right for them.
 */
export function dynamodbPassageStore(client: DynamodbClient, tables: PassageTables): PassageStore {
  return {
    async readChunksAndHeads(refs) {
      const keys = keysOf(refs, tables);
      const batches = Array.from({ length: Math.ceil(keys.length / BATCH_SIZE) }, (_, batch) =>
        keys.slice(batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE),
      );
      const items = await pMap(batches, batch => readBatch(client, requestsOf(batch, tables)), { concurrency: 4 });
      return collect(items.flat(), tables);
    },
  };
}

/** One item to read or one that was read. */
interface TableItem {
  readonly table: string;
  readonly item: Item;
}

/** DynamoDB refuses a batch that names a key twice. */
function keysOf(refs: readonly ChunkRef[], { documents, chunks }: PassageTables): TableItem[] {
  const keys = refs.flatMap(({ documentId, version, index }) => [
    { table: documents, item: { documentId, version: 0 } },
    { table: documents, item: { documentId, version } },
    { table: chunks, item: { documentId, chunkKey: chunkKeyOf(version, index) } },
  ]);
  return [...new Map(keys.map(key => [JSON.stringify(key), key])).values()];
}

function requestsOf(keys: readonly TableItem[], { documents, chunks }: PassageTables): Requests {
  const keysIn = (table: string) => keys.filter(key => key.table === table).map(key => key.item);
  const requests: Requests = {
    [documents]: { Keys: keysIn(documents), ConsistentRead: true },
    [chunks]: { Keys: keysIn(chunks) },
  };
  return Object.fromEntries(Object.entries(requests).filter(([, request]) => request.Keys?.length));
}

async function readBatch(client: DynamodbClient, requests: Requests): Promise<TableItem[]> {
  const items: TableItem[] = [];
  let pending: Requests = requests;
  for (let attempt = 0; attempt < BATCH_ATTEMPTS; attempt += 1) {
    // What DynamoDB leaves unprocessed was throttled or too large for one reply: the SDK does not repeat it by itself.
    if (attempt > 0) await sleep(Math.random() * 25 * 2 ** attempt);
    const { Responses = {}, UnprocessedKeys = {} } = await client.batchGet({ RequestItems: pending });
    for (const [table, found] of Object.entries(Responses)) items.push(...found.map(item => ({ table, item })));
    pending = UnprocessedKeys;
    if (Object.keys(pending).length === 0) return items;
  }
  throw new AppFailure({ kind: 'service-unavailable', service: 'The document store', retryAfterSeconds: 2 });
}

function collect(items: readonly TableItem[], { documents }: PassageTables) {
  const chunks: StoredChunk[] = [];
  const heads = new Map<string, DocumentHead>();
  for (const { table, item } of items) {
    if (table !== documents) chunks.push(parseChunk(item));
    else if (item.version === 0) heads.set(String(item.documentId), parseHead(item));
  }
  const s3VersionIds = new Map<string, string>();
  for (const { table, item } of items) {
    if (table !== documents || item.version === 0) continue;
    const { documentId, version, s3VersionId } = parseVersion(item);
    if (s3VersionId && heads.get(documentId)?.liveVersion === version) s3VersionIds.set(documentId, s3VersionId);
  }
  return { chunks, heads, s3VersionIds };
}
