/**
 * The story of many documents in one process: the real steps on stores in memory, with an embedding model and a vector
 * store that take so long and compute nothing. Prints one line of JSON. Arguments: embed and upsert time in ms, number
 * of documents, bytes of each. As deployed, so many functions process and embed at a time, each with its own pace.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AdaptiveConcurrency } from '../lambdas/adaptive-concurrency.ts';
import { documentIdOf } from '../lambdas/document.ts';
import { BATCHES_PER_INVOCATION } from '../lambdas/ingest/batches.ts';
import { embedBatch } from '../lambdas/ingest/embed.ts';
import type { EmbedMessage, ProcessMessage } from '../lambdas/ingest/messages.ts';
import { processDocument } from '../lambdas/ingest/process.ts';
import { documentReader } from '../lambdas/ingest/read-document.ts';
import type { EmbeddingModel, VectorStore } from '../lambdas/ports.ts';
import { parseSettings } from '../lib/settings.ts';
import { inMemoryChunkStore } from '../test/fakes/chunk-store.ts';
import { inMemoryDocumentBucket } from '../test/fakes/document-bucket.ts';
import { inMemoryDocumentStore } from '../test/fakes/document-store.ts';
import { inMemoryEmbeddingArchive } from '../test/fakes/embedding-archive.ts';
import { inMemoryWorkQueue } from '../test/fakes/work-queue.ts';
import { benchDocument } from './documents.ts';

const [embedMs = 0, upsertMs = 0, documentCount = 500, documentBytes = 4_000] = process.argv.slice(2).map(Number);
/** About 1000 and 200 characters. */
const chunking = { targetTokens: 250, overlapTokens: 50 };
const { embedding, ingestion } = parseSettings({ stage: 'bench', stages: { bench: {} } });

export interface Phase {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface StoryResult {
  readonly documents: number;
  readonly chunks: number;
  /** Calls of the model that may be under way at a time. */
  readonly slots: number;
  readonly processing: Phase;
  readonly embedding: Phase;
  /** Of embedding: every slot is busy until the last call, then the last write. */
  readonly idealSeconds: number;
  readonly peakMegabytes: number;
}

const vector = Array.from({ length: embedding.dimension }, (_, index) => Math.sin(index) / Math.sqrt(512));
let modelCalls = 0;
const embeddings: EmbeddingModel = {
  modelId: 'bench',
  dimension: embedding.dimension,
  textsPerCall: 1,
  async embedDocuments(texts) {
    modelCalls += 1;
    if (embedMs > 0) await sleep(embedMs);
    return texts.map(() => vector);
  },
  embedQuery: async () => vector,
};
let vectorCount = 0;
const vectors: VectorStore = {
  ...({} as VectorStore), // what ingestion does not call
  async upsert(_, chunks) {
    if (upsertMs > 0) await sleep(upsertMs);
    vectorCount += chunks.length;
  },
  waitUntilVisible: async () => undefined,
};

const processMessages: ProcessMessage[] = [];
const ports = {
  documents: inMemoryDocumentStore(),
  chunks: inMemoryChunkStore(),
  bucket: inMemoryDocumentBucket(),
  archive: inMemoryEmbeddingArchive(),
  readRules: async () => ({ rules: {} }),
  readDocument: documentReader(chunking),
  embedQueue: inMemoryWorkQueue<EmbedMessage>(),
  removeQueue: inMemoryWorkQueue<never>(),
  statisticsQueue: inMemoryWorkQueue<{ tenant: string; changedAt: number }>(),
  embeddings,
  vectors,
};

for (let number = 0; number < documentCount; number += 1) {
  const key = `documents/${number}.md`;
  const content = benchDocument(number, documentBytes);
  const s3VersionId = ports.bucket.put(key, content);
  const upload = { tenant: 'default', key, s3VersionId, eTag: s3VersionId, size: content.length, sequencer: '0A' };
  await ports.documents.registerUpload(upload);
  processMessages.push({ documentId: documentIdOf('default', key), version: 1 });
}

async function timed(work: () => Promise<unknown>): Promise<Phase> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (user + system) / 1e6 };
}

const sideBySide = (workers: number, work: () => Promise<void>) => Promise.all(Array.from({ length: workers }, work));

/** Deployed, they run on machines of their own: here one after the other, so that neither waits for the other's computing. */
const processing = await timed(() =>
  sideBySide(ingestion.processConcurrency, async () => {
    const limits = { maxDocumentBytes: 1e9, timeLimitMs: 60_000 };
    for (let message = processMessages.pop(); message; message = processMessages.pop()) {
      await processDocument(ports, message, limits);
    }
  }),
);
const { messages } = ports.embedQueue;
const embedded = await timed(() =>
  sideBySide(ingestion.embedConcurrency, async () => {
    const pace = new AdaptiveConcurrency({ max: embedding.concurrency, service: 'The embedding model' });
    while (messages.length > 0) {
      const batch = messages.splice(0, BATCHES_PER_INVOCATION);
      await Promise.all(batch.map(message => embedBatch({ ...ports, pace }, message)));
    }
  }),
);
const { heads } = await ports.documents.listHeads('default', { status: 'COMPLETED', limit: documentCount });
if (heads.length !== documentCount) throw new Error(`${heads.length} of ${documentCount} documents are COMPLETED`);

const slots = ingestion.embedConcurrency * embedding.concurrency;
const result: StoryResult = {
  documents: documentCount,
  chunks: vectorCount,
  slots,
  processing,
  embedding: embedded,
  idealSeconds: (Math.ceil(modelCalls / slots) * embedMs + upsertMs) / 1_000,
  peakMegabytes: process.resourceUsage().maxRSS / 1_024,
};
console.log(JSON.stringify(result));
