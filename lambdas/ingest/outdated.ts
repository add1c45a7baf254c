import type { DocumentHead } from '../document.ts';
import type { DocumentStore, WorkQueue } from '../ports.ts';
import type { RemoveMessage } from './messages.ts';

interface Ports {
  readonly documents: Pick<DocumentStore, 'getHead' | 'listVersions'>;
  readonly removeQueue: WorkQueue<RemoveMessage>;
}

/** The version is the newest of a document that is not deleted: it is live, or may still become so. */
export const isCurrent = (head: DocumentHead | undefined, version: number): head is DocumentHead =>
  head !== undefined && head.status !== 'DELETED' && head.newestVersion === version;

/**
 * No reader can ever be shown this version again: it was superseded and is not live, or the document was deleted. Once
 * true it stays true, since only the newest version can go live.
 */
export const isOutdated = (head: DocumentHead | undefined, version: number): head is DocumentHead =>
  head !== undefined &&
  version <= head.newestVersion &&
  (head.status === 'DELETED' || (version < head.newestVersion && version !== head.liveVersion));

/**
 * Has a version removed (again) whose chunks or vectors were perhaps written after it had been removed.
 * @returns whether it is outdated
 */
export async function removeIfOutdated(
  { documents, removeQueue }: Ports,
  { documentId, version }: { readonly documentId: string; readonly version: number },
): Promise<boolean> {
  const head = await documents.getHead(documentId);
  if (!isOutdated(head, version)) return false;
  await removeQueue.send([{ documentId, version, tenant: head.tenant }]);
  return true;
}

/** Has every outdated version removed that is not gone yet. */
export async function removeAllOutdated({ documents, removeQueue }: Ports, documentId: string): Promise<void> {
  const [head, versions] = await Promise.all([documents.getHead(documentId), documents.listVersions(documentId)]);
  const messages = versions
    .filter(({ version, status }) => status !== 'DELETED' && isOutdated(head, version))
    .map(({ version, tenant }) => ({ documentId, version, tenant }));
  if (messages.length > 0) await removeQueue.send(messages);
}
