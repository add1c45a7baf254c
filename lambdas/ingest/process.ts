import { createHash } from 'node:crypto';
import { type DocumentVersion, titleFromKey } from '../document.ts';
import { UnreadableDocument } from '../errors.ts';
import { batchCountOf, embedMessages } from './batches.ts';
import { attempt, objectGone, rejectionOf } from './failures.ts';
import type { ProcessMessage } from './messages.ts';
import { removeIfOutdated } from './outdated.ts';
import type { ProcessPorts, ReadDocument } from './ports.ts';

export type ProcessOutcome =
  | { readonly outcome: 'planned'; readonly chunkCount: number }
  /** The file cannot be read as it is; the document says why. */
  | { readonly outcome: 'failed'; readonly code: string }
  /** A newer upload or a deletion came first, or the work was done already. */
  | { readonly outcome: 'stale' };

export interface ProcessLimits {
  readonly maxDocumentBytes: number;
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
  { maxDocumentBytes }: ProcessLimits,
): Promise<ProcessOutcome> {
  const rejection = rejectionOf(version.size, maxDocumentBytes); // intake asked this too, but a retry comes here at once
  if (rejection) return fail(ports, version, rejection);
  const bytes = await ports.bucket.read(version.key, version.s3VersionId);
  // Most likely a deletion whose event is under way; should none come, the document says what happened.
  if (!bytes) return fail(ports, version, objectGone);
  const document = await readDocument(ports, bytes, version.key);
  if (document instanceof UnreadableDocument) return fail(ports, version, document);
  return plan(ports, version, bytes, document);
}

async function readDocument(
  ports: ProcessPorts,
  bytes: Uint8Array,
  key: string,
): Promise<ReadDocument | UnreadableDocument> {
  try {
    const document = await ports.readDocument(bytes, key);
    if (document.chunks.length > 0) return document;
    return new UnreadableDocument('no-text', 'The file holds no text. Upload a version of it that does.');
  } catch (error) {
    if (error instanceof UnreadableDocument) return error;
    throw error;
  }
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
  { documentId, version, key, chunkCount: previousCount = 0 }: DocumentVersion,
  bytes: Uint8Array,
  { title, chunks }: ReadDocument,
): Promise<ProcessOutcome> {
  const chunkCount = chunks.length;
  // An earlier attempt with other settings may have cut it into more chunks; none of those may stay.
  if (previousCount > chunkCount) await ports.chunks.removeVersion(documentId, version);
  await ports.chunks.put(documentId, version, chunks);
  await ports.documents.recordPlan(documentId, version, {
    contentHash: createHash('sha256').update(bytes).digest('hex'),
    title: title || titleFromKey(key),
    chunkCount,
    batchCount: batchCountOf(chunkCount),
  });
  // Removal may have run before these chunks were written.
  if (await removeIfOutdated(ports, { documentId, version })) return stale;
  await ports.embedQueue.send(embedMessages(documentId, version, chunkCount));
  return { outcome: 'planned', chunkCount };
}
