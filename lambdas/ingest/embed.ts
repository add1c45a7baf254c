import type { ChunkRef, DocumentHead, DocumentVersion } from '../document.ts';
import { isPlanned } from './batches.ts';
import { archiveManifest, type KnownPart } from './embedding-manifest.ts';
import { attempt } from './failures.ts';
import type { EmbedMessage } from './messages.ts';
import { renewMetadata } from './metadata.ts';
import { isCurrent, removeAllOutdated, removeIfOutdated } from './outdated.ts';
import type { EmbedPorts } from './ports.ts';
import { storeBatch, type WaitLimit, waitUntilVisible } from './store-batch.ts';

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

type Embedded = Pick<EmbedOutcome, 'embedded' | 'reused'>;
const nothing: Embedded = { embedded: 0, reused: 0 };
const stale: EmbedOutcome = { outcome: 'stale', ...nothing };

/** Third step of a document's story: chunks → embeddings → vector store; the last batch switches the version live. */
export const embedBatch = (
  ports: EmbedPorts,
  message: EmbedMessage,
  limits: WaitLimit = { waitMs: 10_000 },
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
      await renewMetadata(ports, head, refsIn(message));
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
  limits: WaitLimit,
): Promise<EmbedOutcome> {
  const { documentId, batch } = message;
  if (version.embeddedBatches.includes(batch)) {
    await renewMetadata(ports, head, refsIn(message));
    return completeIfWhole(ports, version, nothing);
  }
  const { embedded, reused, hashes } = await storeBatch(ports, head, version, message, {
    ...limits,
    reuseFrom: head.liveVersion,
  });
  // Removal may have run before these vectors were written.
  if (await removeIfOutdated(ports, message)) return stale;
  const { modelId } = ports.embeddings;
  const recorded = await ports.documents.recordEmbedded(documentId, message.version, batch, modelId, reused);
  return completeIfWhole(ports, recorded, { embedded, reused }, { batch, hashes });
}

const refsIn = ({ documentId, version, from, to }: EmbedMessage): ChunkRef[] =>
  Array.from({ length: to - from }, (_, position) => ({ documentId, version, index: from + position }));

async function completeIfWhole(
  ports: EmbedPorts,
  version: DocumentVersion,
  done: Embedded,
  known?: KnownPart,
): Promise<EmbedOutcome> {
  if (version.embeddedBatches.length < (version.batchCount ?? 0)) return { outcome: 'embedded', ...done };
  await Promise.all([waitUntilVisible(ports, version), archiveManifest(ports, version, known)]);
  return complete(ports, version, done);
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
