import { type DocumentHead, documentIdOf, type FiledObject, filedObject } from '../document.ts';
import { filingOf, isDropBoxKey } from '../ingest/document-key.ts';
import { rejectionOf } from '../ingest/failures.ts';
import { applySidecar, sendForMetadata } from '../ingest/metadata.ts';
import { removeAllOutdated } from '../ingest/outdated.ts';
import type { Job } from '../job.ts';
import type { JobPorts, JobSettings } from './ports.ts';

export interface FoundDocument {
  readonly tenant: string;
  readonly key: string;
  /** Read before the bucket is: see `DocumentStore.registerFound`. */
  readonly head: DocumentHead | undefined;
}

/**
 * Has the object that the bucket shows at the key processed as a new version; the old one answers until it is complete.
 * @returns whether it is processed because of this job: not when it is gone, or when an event came first
 */
export async function processFound(
  ports: JobPorts,
  { maxDocumentBytes }: JobSettings,
  { jobId }: Job,
  { tenant, key, head }: FoundDocument,
): Promise<boolean> {
  const { documents, bucket, processQueue } = ports;
  const dropped = await bucket.head(key);
  // Of the drop box, the object that was filed last; a newer one in the box comes first.
  const filed = !dropped && head ? filedObject(head, head.newestVersion) : undefined;
  const object = dropped ?? (filed && (await bucket.head(filed.key)));
  if (!object) return false;
  const documentId = documentIdOf(tenant, key);
  const after = head ? 0 : await newestLeftover(ports, tenant, documentId);
  const version = await documents.registerFound({ tenant, key, ...object }, head, { jobId, after });
  if (version === undefined) return wasRegisteredBy(ports, jobId, documentId);
  if (filed) await recordFiled(ports, { documentId, key }, { key: filed.key, version, ...versionIdOf(object) });
  await followSidecar(ports, { tenant, key });
  await removeAllOutdated(ports, documentId);
  const rejection = rejectionOf(object.size, maxDocumentBytes);
  if (rejection) await documents.fail(documentId, version, rejection);
  else await processQueue.send([{ documentId, version }]);
  return true;
}

/** Another message of the same job may have come first: the document is this job's all the same. */
async function wasRegisteredBy(ports: JobPorts, jobId: string, documentId: string): Promise<boolean> {
  const head = await ports.documents.getHead(documentId);
  if (head?.jobId !== jobId) return false;
  await resume(ports, head);
  return true;
}

/** Goes on with a document that this job had registered when it was cut short, or does nothing. */
export async function resume(ports: JobPorts, head: DocumentHead): Promise<void> {
  const { documentId, newestVersion: version, status } = head;
  if (status !== 'PENDING') return;
  if (isDropBoxKey(head.key) && !filedObject(head, version)) await recordWhereFiled(ports, head);
  await followSidecar(ports, head);
  await ports.processQueue.send([{ documentId, version }]);
}

/** The object that was registered may be the one that was filed for an older version. */
async function recordWhereFiled(ports: JobPorts, head: DocumentHead): Promise<void> {
  const version = await ports.documents.getVersion(head.documentId, head.newestVersion);
  for (const { key } of [head.processedObject, head.failedObject].filter(filed => filed !== undefined)) {
    const object = await ports.bucket.head(key);
    if (!version || !object || object.s3VersionId !== version.s3VersionId || object.eTag !== version.eTag) continue;
    return recordFiled(ports, head, { key, version: version.version, ...versionIdOf(object) });
  }
}

const recordFiled = (
  { documents }: JobPorts,
  { documentId, key }: Pick<DocumentHead, 'documentId' | 'key'>,
  filed: FiledObject,
) => documents.recordFiled(documentId, filed.key === filingOf(key).processed ? 'processed' : 'failed', filed);

const versionIdOf = ({ s3VersionId }: { readonly s3VersionId?: string }) =>
  s3VersionId === undefined ? {} : { s3VersionId };

/** The vectors of an older version go on answering, and may be behind what the sidecar says, or said before. */
async function followSidecar(
  ports: JobPorts,
  document: { readonly tenant: string; readonly key: string },
): Promise<void> {
  const head = await applySidecar(ports, document, { evenIfSame: false });
  if (head) await sendForMetadata(ports.metadataQueue, head);
}

/** The highest version of which something is left though the document's head is lost; 0 when nothing is. */
async function newestLeftover(
  { documents, chunks, vectors }: JobPorts,
  tenant: string,
  documentId: string,
): Promise<number> {
  const [versions, newestOfChunks] = await Promise.all([
    documents.listVersions(documentId),
    chunks.newestVersion(documentId),
  ]);
  let newest = Math.max(0, newestOfChunks, ...versions.map(({ version }) => version));
  let cursor: string | undefined;
  do {
    const page = await vectors.list(tenant, { prefix: `${documentId}#`, cursor });
    newest = Math.max(newest, ...page.refs.map(({ version }) => version));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return newest;
}
