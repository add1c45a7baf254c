/** Everything that a stack holds of its documents, read past its API, to be compared. */
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { z } from 'zod';
import { parseChunk, parseHead, parseVersion } from '../../lambdas/adapters/document-items.ts';
import {
  chunkIdOf,
  type DocumentHead,
  type DocumentVersion,
  documentIdOf,
  type StoredChunk,
} from '../../lambdas/document.ts';
import type { DocumentSummary, StackAccess } from '../cloud/support/stack.ts';

const PREFIX = 'documents/';
const TENANT = 'default';
const INDEX = 'groundwork-dev';

/** What there is of one key, in each place. */
export interface KeyState {
  readonly key: string;
  readonly object?: { readonly s3VersionId: string; readonly text: string };
  readonly head?: DocumentHead;
  readonly versions: readonly DocumentVersion[];
  readonly chunks: readonly StoredChunk[];
  /** Ids of its vectors. */
  readonly vectors: readonly string[];
  /** Versions of which embeddings are archived. */
  readonly archived: readonly number[];
  readonly listed?: DocumentSummary;
}

const clientOf = ({ endpoint: { url, region } }: StackAccess) => ({
  ...{ endpoint: url, region },
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** @returns the state of each key that is anywhere at all */
export async function readWholeState(stack: StackAccess): Promise<KeyState[]> {
  const [objects, documents, chunks, vectors, archived, listed] = await Promise.all([
    readObjects(stack),
    scan(stack, 'RecordsDocuments'),
    scan(stack, 'RecordsChunks').then(items => items.map(parseChunk)),
    listVectors(stack),
    listArchived(stack),
    stack.documents(),
  ]);
  const heads = documents.filter(({ version }) => version === 0).map(parseHead);
  const versions = documents.filter(({ version }) => version !== 0).map(parseVersion);
  const keys = new Set([...objects.keys(), ...heads.map(({ key }) => key), ...listed.map(({ key }) => key)]);
  const ids = new Map([...keys].map(key => [documentIdOf(TENANT, key), key]));
  const strays = [...chunks.map(chunkIdOf), ...vectors, ...archived.keys()].filter(id => !ids.has(id.slice(0, 32)));
  if (strays.length > 0) throw new Error(`Chunks, vectors or embeddings of no known document: ${strays.join(', ')}`);
  const [chunksOf, versionsOf, vectorsOf] = [
    Map.groupBy(chunks, ({ documentId }) => documentId),
    Map.groupBy(versions, ({ documentId }) => documentId),
    Map.groupBy(vectors, id => id.slice(0, 32)),
  ];
  return [...ids].map(([id, key]) => {
    const object = objects.get(key);
    const head = heads.find(({ documentId }) => documentId === id);
    const entry = listed.find(({ documentId }) => documentId === id);
    return {
      key,
      ...(object && { object }),
      ...(head && { head }),
      ...(entry && { listed: entry }),
      versions: versionsOf.get(id) ?? [],
      chunks: chunksOf.get(id) ?? [],
      vectors: vectorsOf.get(id) ?? [],
      archived: [...(archived.get(id) ?? [])],
    };
  });
}

async function listKeys({ s3, bucket }: StackAccess, Prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix })) {
    keys.push(...Contents.map(({ Key = '' }) => Key));
  }
  return keys;
}

/** By document: the versions of which embeddings are archived. */
async function listArchived(stack: StackAccess): Promise<Map<string, Set<number>>> {
  const archived = new Map<string, Set<number>>();
  for (const key of await listKeys(stack, 'embeddings/')) {
    const [, documentId = '', version] = key.split('/');
    archived.set(documentId, (archived.get(documentId) ?? new Set()).add(Number(version)));
  }
  return archived;
}

async function readObjects(stack: StackAccess): Promise<Map<string, { s3VersionId: string; text: string }>> {
  const { s3, bucket } = stack;
  const keys = await listKeys(stack, PREFIX);
  const read = async (Key: string) => {
    const { VersionId = '', Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return [Key, { s3VersionId: VersionId, text: (await Body?.transformToString()) ?? '' }] as const;
  };
  return new Map(await pMap(keys, read, { concurrency: 8 }));
}

/** @param name of the table's construct, which is part of the table's name */
async function scan(stack: StackAccess, name: string): Promise<Record<string, unknown>[]> {
  const client = new DynamoDBClient(clientOf(stack));
  const { TableNames = [] } = await client.send(new ListTablesCommand());
  const TableName = TableNames.find(table => table.includes(name));
  if (!TableName) throw new Error(`There is no table ${name}: ${TableNames.join(', ')}`);
  const items: Record<string, unknown>[] = [];
  const pages = paginateScan({ client: DynamoDBDocumentClient.from(client) }, { TableName, ConsistentRead: true });
  for await (const { Items = [] } of pages) items.push(...Items);
  client.destroy();
  return items;
}

const vectorPage = z.object({
  vectors: z.array(z.object({ id: z.string() })).default([]),
  pagination: z.object({ next: z.string() }).optional(),
});

async function listVectors({ endpoint: { url } }: StackAccess): Promise<string[]> {
  const ids: string[] = [];
  let paginationToken: string | undefined;
  do {
    const query = new URLSearchParams({ namespace: TENANT, limit: '100', ...(paginationToken && { paginationToken }) });
    const response = await fetch(`${url}/_pinecone/i/${INDEX}/vectors/list?${query}`, {
      headers: { 'api-key': 'any' },
    });
    if (response.status === 404) return []; // a namespace begins with its first vector
    const page = vectorPage.parse(await response.json());
    ids.push(...page.vectors.map(({ id }) => id));
    paginationToken = page.pagination?.next;
  } while (paginationToken);
  return ids;
}

/** Messages on the queues of ingestion, dead letters included, by the name of the queue; empty ones are left out. */
export async function waitingMessages(stack: StackAccess): Promise<Record<string, number>> {
  const sqs = new SQSClient(clientOf(stack));
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand());
  const counts = await pMap(
    QueueUrls.filter(url => url.includes('Ingestion')),
    async QueueUrl => {
      const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      const count = Object.entries(Attributes).filter(([name]) => name.startsWith('ApproximateNumberOfMessages'));
      return [QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1), count.reduce((sum, [, n]) => sum + Number(n), 0)] as const;
    },
  );
  sqs.destroy();
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** Waits until ingestion has nothing left to do. @throws Error with what is left after `timeoutMs` */
export async function waitForQuiet(stack: StackAccess, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let quietLooks = 0; quietLooks < 2; ) {
    const waiting = await waitingMessages(stack);
    quietLooks = Object.keys(waiting).length === 0 ? quietLooks + 1 : 0;
    if (Date.now() > deadline) {
      const log = stack.logs.slice(-60).join('\n');
      throw new Error(`Still at work after ${timeoutMs} ms: ${JSON.stringify(waiting)}\n${log}`);
    }
    await new Promise(resolve => setTimeout(resolve, 300));
  }
}
