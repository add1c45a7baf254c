import { createHash, type Hash } from 'node:crypto';
import { type DocumentVersion, titleFromKey } from '../document.ts';
import { UnreadableDocument } from '../errors.ts';
import { batchCountOf, embedMessages } from './batches.ts';
import { attempt, objectGone, rejectionOf } from './failures.ts';
import type { ProcessMessage } from './messages.ts';
import { removeIfOutdated } from './outdated.ts';
import type { DocumentFile, ProcessPorts, ReadSummary } from './ports.ts';

export type ProcessOutcome =
  | { readonly outcome: 'planned'; readonly chunkCount: number }
  /** The file cannot be read as it is; the document says why. */
  | { readonly outcome: 'failed'; readonly code: string }
  /** A newer upload or a deletion came first, or the work was done already. */
  | { readonly outcome: 'stale' };

export interface ProcessLimits {
  readonly maxDocumentBytes: number;
  /** How long reading the file and storing its chunks may take. */
  readonly timeLimitMs: number;
}

const stale: ProcessOutcome = { outcome: 'stale' };

/** Second step of a document's story: object → text → chunks → embed queue. */
export const processDocument = (
  ports: ProcessPorts,
  message: ProcessMessage,
  limits: ProcessLimits,
): Promise<ProcessOutcome> =>
  attempt(ports.documents, message, async () => {
    const version = await ports.documents.startProcessing(message.documentId, message.version);
    if (version) return processVersion(ports, version, limits);
    await removeIfOutdated(ports, message);
    return stale;
  });

async function processVersion(
  ports: ProcessPorts,
  version: DocumentVersion,
  { maxDocumentBytes, timeLimitMs }: ProcessLimits,
): Promise<ProcessOutcome> {
  const rejection = rejectionOf(version.size, maxDocumentBytes); // intake asked this too, but a retry comes here at once
  if (rejection) return fail(ports, version, rejection);
  const object = await ports.bucket.open(version.key, version.s3VersionId);
  // Most likely a deletion whose event is under way; should none come, the document says what happened.
  if (!object) return fail(ports, version, objectGone);
  const hash = createHash('sha256');
  const pieces = hashed(object.pieces, hash);
  const summary = await storeChunks(ports, version, { key: version.key, size: object.size, pieces, timeLimitMs });
  if (summary instanceof UnreadableDocument) return failPartial(ports, version, summary);
  return plan(ports, version, { ...summary, contentHash: hash.digest('hex') });
}

async function* hashed(pieces: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}

async function storeChunks(
  ports: ProcessPorts,
  { documentId, version }: DocumentVersion,
  file: DocumentFile,
): Promise<ReadSummary | UnreadableDocument> {
  try {
    const summary = await ports.readDocument(file, chunks => ports.chunks.put(documentId, version, chunks));
    if (summary.chunkCount > 0) return summary;
    return new UnreadableDocument('no-text', 'The file holds no text. Upload a version of it that does.');
  } catch (error) {
    if (error instanceof UnreadableDocument) return error;
    throw error;
  }
}

/** Chunks are stored while the rest of the file is still unread: a file that turns out unreadable leaves none. */
async function failPartial(
  ports: ProcessPorts,
  version: DocumentVersion,
  error: UnreadableDocument,
): Promise<ProcessOutcome> {
  await ports.chunks.removeVersion(version.documentId, version.version);
  return fail(ports, version, error);
}

async function fail(
  ports: ProcessPorts,
  { documentId, version }: DocumentVersion,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<ProcessOutcome> {
  await ports.documents.fail(documentId, version, { code, message });
  return { outcome: 'failed', code };
}

async function plan(
  ports: ProcessPorts,
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
