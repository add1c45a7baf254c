import pMap from 'p-map';
import type { DocumentVersion } from '../document.ts';
import { embeddedText } from '../embedded-text.ts';
import { documentVector } from '../lexical/sparse-vector.ts';
import { isPlanned, lastOfEachBatch } from './batches.ts';
import { attempt } from './failures.ts';
import type { EmbedMessage } from './messages.ts';
import { isCurrent, removeAllOutdated, removeIfOutdated } from './outdated.ts';
import type { EmbedPorts } from './ports.ts';

export interface EmbedOutcome {
  /** `completed`: this batch was the last one, and the version is live now. */
  readonly outcome: 'embedded' | 'completed' | 'stale';
  /** Chunks embedded now. */
  readonly embedded: number;
  /** When the version was uploaded, once it is completed. */
  readonly createdAt?: string;
}

/** How long the vector store may take to show what was written, before the message is tried again. */
const VISIBLE_WITHIN_MS = 20_000;

const stale: EmbedOutcome = { outcome: 'stale', embedded: 0 };

/** Third step of a document's story: chunks → embeddings → vector store; the last batch switches the version live. */
export const embedBatch = (ports: EmbedPorts, message: EmbedMessage): Promise<EmbedOutcome> =>
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
      await complete(ports, version, 0); // mends what a crash left undone
      return stale;
    }
    if (head.status !== 'PROCESSING' || !isPlanned(version, message)) return stale;
    return embed(ports, version, message);
  });

async function embed(ports: EmbedPorts, version: DocumentVersion, message: EmbedMessage): Promise<EmbedOutcome> {
  const { documentId, batch } = message;
  const alreadyEmbedded = version.embeddedBatches.includes(batch);
  if (!alreadyEmbedded) {
    await storeVectors(ports, version, message);
    // Removal may have run before these vectors were written.
    if (await removeIfOutdated(ports, message)) return stale;
  }
  const recorded = alreadyEmbedded
    ? version
    : await ports.documents.recordEmbedded(documentId, message.version, batch, ports.embeddings.modelId);
  const embedded = alreadyEmbedded ? 0 : message.to - message.from;
  if (recorded.embeddedBatches.length < (recorded.batchCount ?? 0)) return { outcome: 'embedded', embedded };
  await waitUntilVisible(ports, recorded);
  return complete(ports, recorded, embedded);
}

async function storeVectors(ports: EmbedPorts, version: DocumentVersion, { from, to }: EmbedMessage): Promise<void> {
  const { documentId, version: number, tenant, key } = version;
  const chunks = await ports.chunks.range(documentId, number, from, to);
  const texts = chunks.map(chunk => embeddedText(version, chunk));
  const embeddings = await ports.embeddings.embedDocuments(texts);
  const embedded = chunks.map((ref, position) => {
    const embedding = embeddings[position];
    if (!embedding)
      throw new Error(`The embedding model gave ${embeddings.length} embeddings for ${chunks.length} texts`);
    return { ref, key, embedding, sparse: documentVector(texts[position] ?? '') };
  });
  if (embedded.length !== to - from) {
    throw new Error(`Chunks ${from} to ${to} of document ${documentId}, version ${number}, are not all stored`);
  }
  await ports.vectors.upsert(tenant, embedded);
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
async function complete(ports: EmbedPorts, version: DocumentVersion, embedded: number): Promise<EmbedOutcome> {
  if (!(await ports.documents.switchLive(version))) {
    await removeIfOutdated(ports, version);
    return { outcome: 'stale', embedded };
  }
  await Promise.all([
    removeAllOutdated(ports, version.documentId),
    ports.statisticsQueue.send([{ tenant: version.tenant, changedAt: Date.now() }]),
  ]);
  return { outcome: 'completed', embedded, createdAt: version.createdAt };
}
