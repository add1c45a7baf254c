import pMap from 'p-map';
import type { DocumentHead, DocumentVersion } from '../document.ts';
import { embedMessages } from './batches.ts';
import { archiveManifest } from './embedding-manifest.ts';
import type { RebuildMessage } from './messages.ts';
import { removeIfOutdated } from './outdated.ts';
import type { EmbedPorts } from './ports.ts';
import { storeBatch, type WaitLimit, waitUntilVisible } from './store-batch.ts';

export interface RebuildOutcome {
  /** `not-live`: the version is not the one that answers, so that it needs no vectors. */
  readonly outcome: 'rebuilt' | 'not-live';
  /** Vectors written from the archive. */
  readonly restored: number;
  /** Texts that the archive lacked, so that the model was called. */
  readonly embedded: number;
}

/** Batches written at a time. */
const CONCURRENCY = 4;

const notLive: RebuildOutcome = { outcome: 'not-live', restored: 0, embedded: 0 };

/**
 * Writes the vectors of a live version anew, from the archived embeddings: for an index that was lost, or a store that
 * is new. The model is called only for what the archive lacks, and that is archived. Repeating it changes nothing.
 */
export async function rebuildDocument(
  ports: EmbedPorts,
  { documentId, version }: Pick<RebuildMessage, 'documentId' | 'version'>,
  limit: WaitLimit = { waitMs: 10_000 },
): Promise<RebuildOutcome> {
  const { head, live } = await liveVersion(ports, documentId, version);
  if (!head || !live) return notLive;
  const messages = embedMessages(documentId, version, live.chunkCount ?? 0);
  const stored = await pMap(messages, message => storeBatch(ports, head, live, message, limit), {
    concurrency: CONCURRENCY,
  });
  await Promise.all([
    waitUntilVisible(ports, live),
    stored.some(({ isNew }) => isNew) ? archiveManifest(ports, live) : undefined,
  ]);
  // It may have been replaced, and removed, while its vectors were written.
  if (await removeIfOutdated(ports, { documentId, version })) return notLive;
  const embedded = stored.reduce((sum, batch) => sum + batch.embedded, 0);
  return { outcome: 'rebuilt', restored: (live.chunkCount ?? 0) - embedded, embedded };
}

async function liveVersion(
  { documents }: Pick<EmbedPorts, 'documents'>,
  documentId: string,
  version: number,
): Promise<{ readonly head?: DocumentHead; readonly live?: DocumentVersion }> {
  const [head, stored] = await Promise.all([documents.getHead(documentId), documents.getVersion(documentId, version)]);
  return head?.liveVersion === version && stored ? { head, live: stored } : {};
}
