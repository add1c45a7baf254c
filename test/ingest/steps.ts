import { AdaptiveConcurrency } from '../../lambdas/adaptive-concurrency.ts';
import { type DocumentVersion, documentIdOf } from '../../lambdas/document.ts';
import type { EmbedMessage, MetadataMessage, RemoveMessage } from '../../lambdas/ingest/messages.ts';
import type { DocumentReader } from '../../lambdas/ingest/ports.ts';
import type { LoadedRules } from '../../lambdas/ingest/rules.ts';
import type { StatisticsMessage } from '../../lambdas/lexical/messages.ts';
import { chunkAt } from '../contracts/chunk-store.ts';
import { inMemoryChunkStore } from '../fakes/chunk-store.ts';
import { inMemoryDocumentBucket } from '../fakes/document-bucket.ts';
import { readerOf } from '../fakes/document-reader.ts';
import { inMemoryDocumentStore } from '../fakes/document-store.ts';
import { inMemoryEmbeddingArchive } from '../fakes/embedding-archive.ts';
import { fakeEmbeddingModel } from '../fakes/embedding-model.ts';
import { inMemoryVectorStore } from '../fakes/vector-store.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';

export const key = 'documents/guide.md';
export const documentId = documentIdOf('default', key);
export const removalOf = (version: number): RemoveMessage => ({ documentId, version, tenant: 'default' });

const readDocument: DocumentReader = readerOf(() => ({ title: 'The guide', chunks: [chunkAt(0), chunkAt(1)] }));

/** Waits by a clock of its own, which goes on only while something waits. */
export function pausingInNoTime(max = 8): AdaptiveConcurrency {
  let timeMs = 0;
  const sleep = async (ms: number) => {
    timeMs += ms;
  };
  return new AdaptiveConcurrency({ max, service: 'The embedding model', now: () => timeMs, sleep });
}

/** A pipeline in memory with what tests do to it. */
export function makeSteps() {
  const ports = {
    documents: inMemoryDocumentStore(),
    chunks: inMemoryChunkStore(),
    vectors: inMemoryVectorStore(),
    bucket: inMemoryDocumentBucket(),
    embeddings: fakeEmbeddingModel(),
    archive: inMemoryEmbeddingArchive(),
    pace: pausingInNoTime(),
    embedQueue: inMemoryWorkQueue<EmbedMessage>(),
    metadataQueue: inMemoryWorkQueue<MetadataMessage>(),
    removeQueue: inMemoryWorkQueue<RemoveMessage>(),
    statisticsQueue: inMemoryWorkQueue<StatisticsMessage>(),
    readDocument,
    readRules: async (): Promise<LoadedRules> => ({ rules: {} }),
  };
  let sequence = 0x10;
  const nextSequencer = () => {
    sequence += 1;
    return sequence.toString(16);
  };

  const version = async (number: number): Promise<DocumentVersion> => {
    const found = await ports.documents.getVersion(documentId, number);
    if (!found) throw new Error(`There is no version ${number}`);
    return found;
  };
  return {
    ports,
    version,
    head: () => ports.documents.getHead(documentId),
    /** Stores an object and registers it. @returns its version number */
    async upload(content = 'text'): Promise<number> {
      const s3VersionId = ports.bucket.put(key, content);
      const object = { eTag: s3VersionId, size: content.length, sequencer: nextSequencer() };
      const registration = await ports.documents.registerUpload({ tenant: 'default', key, s3VersionId, ...object });
      return 'version' in registration ? registration.version : 0;
    },
    remove: () => ports.documents.registerDeletion({ tenant: 'default', key, sequencer: nextSequencer() }),
    /** Makes the version live without embedding anything. */
    async complete(number: number): Promise<void> {
      await ports.documents.startProcessing(documentId, number);
      await ports.documents.switchLive(await version(number));
    },
  };
}

/** Lets `then` happen right after the next call of this method of the port. */
export function onceAfter<Port extends object>(
  port: Port,
  method: keyof Port & string,
  then: () => Promise<unknown>,
): void {
  const original = Reflect.get(port, method);
  if (typeof original !== 'function') throw new Error(`${method} is no method`);
  const replacement = async (...args: unknown[]) => {
    Reflect.set(port, method, original);
    const result = await Reflect.apply(original, port, args);
    await then();
    return result;
  };
  Reflect.set(port, method, replacement);
}
