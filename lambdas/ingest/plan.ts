import { type DocumentVersion, titleFromKey } from '../document.ts';
import { batchCountOf, embedMessages } from './batches.ts';
import { isCurrent, removeIfOutdated } from './outdated.ts';
import type { ProcessPorts, ReadSummary } from './ports.ts';

export type ProcessOutcome =
  | { readonly outcome: 'planned'; readonly chunkCount: number }
  /** A picture of text: its letters are being recognized, and a message will tell the end. */
  | { readonly outcome: 'recognizing' }
  /** The file cannot be read as it is; the document says why. */
  | { readonly outcome: 'failed'; readonly code: string }
  /** A newer upload or a deletion came first, or the work was done already. */
  | { readonly outcome: 'stale' };

const stale: ProcessOutcome = { outcome: 'stale' };

/** What a step needs that ends with chunks to embed. */
export type PlanPorts = Pick<ProcessPorts, 'documents' | 'chunks' | 'embedQueue' | 'removeQueue'>;

/** All chunks are stored: records how many there are, and has them embedded. */
export async function plan(
  ports: PlanPorts,
  { documentId, version, key, attempts }: DocumentVersion,
  { title, chunkCount, contentHash }: ReadSummary & { readonly contentHash: string },
): Promise<ProcessOutcome> {
  // An earlier attempt, with other settings or cut off midway, may have left more chunks; none of those may stay.
  if (attempts > 1) await ports.chunks.removeFrom(documentId, version, chunkCount);
  await ports.documents.recordPlan(documentId, version, {
    contentHash,
    title: title || titleFromKey(key),
    chunkCount,
    batchCount: batchCountOf(chunkCount),
  });
  // Removal may have run before these chunks were written.
  if (await removeIfOutdated(ports, { documentId, version })) return stale;
  await ports.embedQueue.send(embedMessages(documentId, version, chunkCount));
  return { outcome: 'planned', chunkCount };
}

/**
 * Ends a version FAILED. Chunks are stored while the rest of a file is still unread: none of them may stay. They go only
 * once the version can no longer go live: another attempt at it may have come to another end, and answer with them.
 */
export async function failUnreadable(
  ports: PlanPorts,
  { documentId, version }: DocumentVersion,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<ProcessOutcome> {
  if (!(await ports.documents.fail(documentId, version, { code, message }))) return stale;
  await ports.chunks.removeVersion(documentId, version);
  return { outcome: 'failed', code };
}

/** A version that nothing is to be done for: whoever handled the message before may have stopped short of sweeping up. */
export async function passOver(
  ports: PlanPorts,
  { documentId, version }: { readonly documentId: string; readonly version: number },
): Promise<ProcessOutcome> {
  const head = await ports.documents.getHead(documentId);
  const failed = isCurrent(head, version) && head.status === 'FAILED' && head.liveVersion !== version;
  if (failed) await ports.chunks.removeVersion(documentId, version);
  else await removeIfOutdated(ports, { documentId, version });
  return stale;
}
