import pMap from 'p-map';
import type { DocumentHead, DocumentVersion } from '../document.ts';
import { embeddedText } from '../embedded-text.ts';
import { documentVector } from '../lexical/sparse-vector.ts';
import { archiveBatch, embeddingsOf, readArchive } from './batch-embeddings.ts';
import { isPlanned, lastOfEachBatch } from './batches.ts';
import { archiveManifest } from './embedding-manifest.ts';
import { attempt } from './failures.ts';
import type { EmbedMessage } from './messages.ts';
import { isCurrent, removeAllOutdated, removeIfOutdated } from './outdated.ts';
import type { EmbedPorts } from './ports.ts';

export interface EmbedOutcome {
  /** `completed`: this batch was the last one, and the version is live now. */
  readonly outcome: 'embedded' | 'completed' | 'stale';
  /** Texts that the model was called for now. */
  readonly embedded: number;
  /** Chunks of the batch whose embedding was taken over from an earlier version. */
  readonly reused: number;
  /** When the version was uploaded, once it is completed. */
  readonly createdAt?: string;
}

export interface EmbedLimits {
  /** Milliseconds that a throttled model is waited for, before the message is tried again later. */
  readonly waitMs: number;
}

/** How long the vector store may take to show what was written, before the message is tried again. */
const VISIBLE_WITHIN_MS = 20_000;

type Embedded = Pick<EmbedOutcome, 'embedded' | 'reused'>;
const nothing: Embedded = { embedded: 0, reused: 0 };
const stale: EmbedOutcome = { outcome: 'stale', ...nothing };

/** Third step of a document's story: chunks → embeddings → vector store; the last batch switches the version live. */
export const embedBatch = (
  ports: EmbedPorts,
  message: EmbedMessage,
  limits: EmbedLimits = { waitMs: 10_000 },
): Promise<EmbedOutcome> =>
  attempt(ports.documents, message, async () => {
    const { documentId } = message;
    const [head, version] = await Promise.all([
      ports.documents.getHead(documentId),
      ports.documents.getVersion(documentId, message.version),
    ]);
    if (!version || !isCurrent(head, message.version)) {
      await removeIfOutdated(ports, message);
      return stale;
    }
    if (head.liveVersion === message.version) {
      await complete(ports, version, nothing); // mends what a crash left undone
      return stale;
    }
    if (head.status !== 'PROCESSING' || !isPlanned(version, message)) return stale;
    return embed(ports, head, version, message, limits);
  });

async function embed(
  ports: EmbedPorts,
  head: DocumentHead,
  version: DocumentVersion,
  message: EmbedMessage,
  limits: EmbedLimits,
): Promise<EmbedOutcome> {
  const { documentId, batch } = message;
  const alreadyEmbedded = version.embeddedBatches.includes(batch);
  const done = alreadyEmbedded ? nothing : await storeVectors(ports, head, version, message, limits);
  // Removal may have run before these vectors were written.
  if (!alreadyEmbedded && (await removeIfOutdated(ports, message))) return stale;
  const { modelId } = ports.embeddings;
  const recorded = alreadyEmbedded
    ? version
    : await ports.documents.recordEmbedded(documentId, message.version, batch, modelId, done.reused);
  if (recorded.embeddedBatches.length < (recorded.batchCount ?? 0)) return { outcome: 'embedded', ...done };
  await Promise.all([waitUntilVisible(ports, recorded), archiveManifest(ports, recorded)]);
  return complete(ports, recorded, done);
}

async function storeVectors(
  ports: EmbedPorts,
  { liveVersion }: DocumentHead,
  version: DocumentVersion,
  { batch, from, to }: EmbedMessage,
  { waitMs }: EmbedLimits,
): Promise<Embedded> {
  const { documentId, version: number, tenant, key } = version;
  const part = { documentId, version: number, batch };
  const [chunks, archived] = await Promise.all([
    ports.chunks.range(documentId, number, from, to),
    readArchive(ports, part, liveVersion),
  ]);
  if (chunks.length !== to - from) {
    throw new Error(`Chunks ${from} to ${to} of document ${documentId}, version ${number}, are not all stored`);
  }
  const texts = chunks.map(chunk => embeddedText(version, chunk));
  const { entries, embedded, reused, isNew } = await embeddingsOf(ports, part, texts, archived, waitMs);
  const vectors = entries.map(({ embedding }, position) => {
    const ref = { documentId, version: number, index: from + position };
    return { ref, key, embedding, sparse: documentVector(texts[position] ?? '') };
  });
  await bothOf(
    isNew ? archiveBatch(ports, part, entries) : undefined, // should the store be throttled, the model is not asked again
    ports.vectors.upsert(tenant, vectors),
  );
  return { embedded, reused };
}

/** Waits for both, also when one fails: what still runs when a function ends may never be done. */
async function bothOf(one: Promise<void> | undefined, other: Promise<void>): Promise<void> {
  for (const result of await Promise.allSettled([one, other])) {
    if (result.status === 'rejected') throw result.reason;
  }
}

/** Batches are written side by side, so the last chunk of each must show before the version may answer. */
async function waitUntilVisible({ vectors }: EmbedPorts, version: DocumentVersion): Promise<void> {
  const show = (index: number) => {
    const ref = { documentId: version.documentId, version: version.version, index };
    return vectors.waitUntilVisible(version.tenant, ref, VISIBLE_WITHIN_MS);
  };
  await pMap(lastOfEachBatch(version), show, { concurrency: 8 });
}

/** Switches the version live, repeatably, and has the older ones removed. */
async function complete(ports: EmbedPorts, version: DocumentVersion, done: Embedded): Promise<EmbedOutcome> {
  if (!(await ports.documents.switchLive(version))) {
    await removeIfOutdated(ports, version);
    return { outcome: 'stale', ...done };
  }
  await Promise.all([
    removeAllOutdated(ports, version.documentId),
    ports.statisticsQueue.send([{ tenant: version.tenant, changedAt: Date.now() }]),
  ]);
  return { outcome: 'completed', ...done, createdAt: version.createdAt };
}
