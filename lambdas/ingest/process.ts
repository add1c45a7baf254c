import { type DocumentVersion, filedObject } from '../document.ts';
import { UnreadableDocument } from '../errors.ts';
import { hashing } from './content-hash.ts';
import { attempt, objectGone, rejectionOf } from './failures.ts';
import type { ProcessMessage } from './messages.ts';
import { failUnreadable, type ProcessOutcome, passOver, plan } from './plan.ts';
import type { DocumentFile, ProcessPorts, ReadSummary } from './ports.ts';
import { ruleFor } from './rules.ts';

export interface ProcessLimits {
  readonly maxDocumentBytes: number;
  /** How long reading the file and storing its chunks may take. */
  readonly timeLimitMs: number;
}

/** Second step of a document's story: object → text → chunks → embed queue; a scan goes to have its letters recognized. */
export const processDocument = (
  ports: ProcessPorts,
  message: ProcessMessage,
  limits: ProcessLimits,
): Promise<ProcessOutcome> =>
  attempt(ports.documents, message, async () => {
    const version = await ports.documents.startProcessing(message.documentId, message.version);
    if (!version) return passOver(ports, message);
    try {
      return await processVersion(ports, version, limits);
    } catch (error) {
      if (error instanceof UnreadableDocument) return failUnreadable(ports, version, error);
      throw error;
    }
  });

async function processVersion(
  ports: ProcessPorts,
  version: DocumentVersion,
  { maxDocumentBytes, timeLimitMs }: ProcessLimits,
): Promise<ProcessOutcome> {
  const { rules } = await ports.readRules();
  const { maxBytes = maxDocumentBytes, rejection, chunking, formats, ocr = true } = ruleFor(rules, version.key);
  // Intake asked for the size too, but a retry comes here at once.
  const refusal = rejection ?? rejectionOf(version.size, Math.min(maxBytes, maxDocumentBytes));
  if (refusal) return failUnreadable(ports, version, refusal);
  const head = await ports.documents.getHead(version.documentId);
  const { key, s3VersionId } = (head && filedObject(head, version.version)) ?? version;
  const object = await ports.bucket.open(key, s3VersionId);
  // Most likely a deletion whose event is under way; should none come, the document says what happened.
  if (!object) return failUnreadable(ports, version, objectGone);
  const { pieces, contentHash } = hashing(object.pieces);
  const file = { key: version.key, size: object.size, pieces, timeLimitMs, ...(chunking && { chunking }), formats };
  const summary = await storeChunks(ports, version, file, ocr);
  if (summary === 'scan') return recognize(ports, { ...version, key, s3VersionId });
  return plan(ports, version, { ...summary, contentHash: contentHash() });
}

/** @returns `scan` for pictures of pages that can be recognized, and are to be */
async function storeChunks(
  ports: ProcessPorts,
  { documentId, version }: DocumentVersion,
  file: DocumentFile,
  ocr: boolean,
): Promise<ReadSummary | 'scan'> {
  try {
    const summary = await ports.readDocument(file, chunks => ports.chunks.put(documentId, version, chunks));
    if (summary.chunkCount > 0) return summary;
  } catch (error) {
    if (ocr && ports.recognition && error instanceof UnreadableDocument && error.code === 'no-text-layer')
      return 'scan';
    throw error;
  }
  throw new UnreadableDocument('no-text', 'The file holds no text. Upload a version of it that does.');
}

async function recognize(
  { recognition }: ProcessPorts,
  { documentId, version, key, s3VersionId, attempts }: DocumentVersion,
): Promise<ProcessOutcome> {
  await recognition?.start({ key, ...(s3VersionId && { s3VersionId }) }, { documentId, version, attempt: attempts });
  return { outcome: 'recognizing' };
}
