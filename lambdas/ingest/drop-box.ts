import { type DocumentHead, type DocumentVersion, filedObject } from '../document.ts';
import type { DocumentBucket, DocumentStore, WorkQueue } from '../ports.ts';
import { filingOf, isDropBoxKey } from './document-key.ts';
import type { FileMessage } from './messages.ts';
import { isCurrent } from './outdated.ts';

/*
 * The drop box. What is dropped as `incoming/x` is the document `incoming/x` for ever; once its upload has ended, the
 * object is filed: as `processed/x` if it is COMPLETED, as `failed/x` if it FAILED. In which order:
 *
 *   copy (only if the target is still as it was before the registry was read) → record → delete (only if unchanged)
 *
 * - A newer upload survives: the deletion names the content of the one that was filed.
 * - A crash leaves the object in two places at most, and the message is handled again from the start.
 * - Of two that file different uploads, the slower one finds the target changed, begins anew, and finds itself outdated.
 * - The deletion's own event finds the newest upload filed, so that it means nothing: see `registerDropped`. A person's
 *   deletion before the upload was filed withdraws it; one that comes while it is being copied ends the document, and
 *   whoever filed it sees that and takes the copy back.
 * - Deleting `processed/x` ends the document. If that happens before the copy is recorded, whoever files it sees it too.
 */

export type FilingOutcome = 'filed' | 'stale' | 'not-ended' | 'taken-back';

export interface FilingPorts {
  readonly documents: Pick<DocumentStore, 'getHead' | 'getVersion' | 'recordFiled'>;
  readonly bucket: Pick<DocumentBucket, 'head' | 'read' | 'copy' | 'write' | 'removeIf'>;
}

/** How often filing begins anew when another is filing the same document. */
const MAX_CONTENTION = 5;

/** Files the object of an upload that has ended; done again for one that is filed already, it changes nothing. */
export async function fileAway(ports: FilingPorts, { documentId, version }: FileMessage): Promise<FilingOutcome> {
  for (let count = 0; count < MAX_CONTENTION; count += 1) {
    const outcome = await tryToFile(ports, documentId, version);
    if (outcome) return outcome;
  }
  throw new Error(`Others are filing document ${documentId} too`);
}

/** @returns undefined when the target changed meanwhile */
async function tryToFile(ports: FilingPorts, documentId: string, number: number): Promise<FilingOutcome | undefined> {
  const version = await ports.documents.getVersion(documentId, number);
  if (!version || !isDropBoxKey(version.key)) return 'stale';
  const filing = filingOf(version.key);
  const [processed, failed] = await Promise.all([
    ports.bucket.head(filing.processed),
    ports.bucket.head(filing.failed),
  ]);
  const head = await ports.documents.getHead(documentId);
  if (!isCurrent(head, number)) return 'stale';
  const isLive = head.liveVersion === number;
  if (!isLive && head.status !== 'FAILED') return 'not-ended';
  if (!isLive && head.error?.code === 'object-gone') return 'stale'; // withdrawn: there is nothing to file
  const [key, before] = isLive ? [filing.processed, processed] : [filing.failed, failed];
  const filed = filedObject(head, number);
  if (filed?.key !== key) {
    const source = filed ?? { key: version.key, s3VersionId: version.s3VersionId };
    const copy = await ports.bucket.copy(source, key, before?.eTag);
    if (copy === 'changed') return undefined;
    if (copy === 'absent') return 'stale';
    const object = { version: number, key, ...copy };
    await ports.documents.recordFiled(documentId, isLive ? 'processed' : 'failed', object);
  }
  if (isLive) await clearFailure(ports, filing.failed, number);
  else await writeFailure(ports, head, version, filing.failed);
  await ports.bucket.removeIf(version.key, version.eTag);
  return isCurrent(await ports.documents.getHead(documentId), number)
    ? 'filed'
    : takeBack(ports, documentId, version, key);
}

/** The document was deleted while it was filed: nothing of it may stay. A newer upload takes the place by itself. */
async function takeBack(
  { documents, bucket }: FilingPorts,
  documentId: string,
  { eTag }: DocumentVersion,
  key: string,
): Promise<FilingOutcome> {
  if ((await documents.getHead(documentId))?.status !== 'DELETED') return 'stale';
  await bucket.removeIf(key, eTag);
  return 'taken-back';
}

const errorKeyOf = (failedKey: string): string => `${failedKey}.error.json`;

/** What a content owner finds beside a file that failed. */
async function writeFailure(
  { bucket }: FilingPorts,
  { documentId, key, error, updatedAt }: DocumentHead,
  { version, eTag }: DocumentVersion,
  failedKey: string,
): Promise<void> {
  const retry = `Drop a corrected file as ${key}, or, without a new file, call POST /documents/${documentId}/retry.`;
  const report = { key, documentId, version, code: error?.code, message: error?.message, when: updatedAt, retry, eTag };
  await bucket.write(errorKeyOf(failedKey), `${JSON.stringify(report, undefined, 2)}\n`, 'application/json');
}

/** Failures of this upload and of older ones are no longer of interest; one of a newer upload stays. */
async function clearFailure({ bucket }: FilingPorts, failedKey: string, version: number): Promise<void> {
  const errorKey = errorKeyOf(failedKey);
  const [object, bytes] = await Promise.all([bucket.head(errorKey), bucket.read(errorKey)]);
  if (!object || !bytes) return;
  const report: { version?: number; eTag?: string } = JSON.parse(Buffer.from(bytes).toString());
  if (report.version === undefined || report.version > version || report.eTag === undefined) return;
  await bucket.removeIf(failedKey, report.eTag);
  await bucket.removeIf(errorKey, object.eTag);
}

/**
 * The registry, which has objects of the drop box filed whenever an upload ends, and again when a message about one
 * that has ended is repeated: whoever handled it before may have stopped short of that.
 */
export function filingDocuments(documents: DocumentStore, fileQueue: WorkQueue<FileMessage>): DocumentStore {
  const send = async (documentId: string, version: number) => {
    const stored = await documents.getVersion(documentId, version);
    if (stored && isDropBoxKey(stored.key)) await fileQueue.send([{ documentId, version, file: true }]);
  };
  return {
    ...documents,
    async switchLive(version) {
      const isLive = await documents.switchLive(version);
      if (isLive && isDropBoxKey(version.key)) await send(version.documentId, version.version);
      return isLive;
    },
    async fail(documentId, version, error) {
      const failed = await documents.fail(documentId, version, error);
      await send(documentId, version);
      return failed;
    },
    async startProcessing(documentId, version) {
      const started = await documents.startProcessing(documentId, version);
      if (!started) await send(documentId, version);
      return started;
    },
  };
}
