import type { RemoveMessage } from './messages.ts';
import { isOutdated } from './outdated.ts';
import type { RemovePorts } from './ports.ts';

/**
 * Last step of a version's story: its vectors, archived embeddings and chunks go. Done again for a version that is gone already, since a slow
 * writer may have added to it.
 * @returns `kept` when the version is live or may still become so: a stray message must not harm it
 */
export async function removeVersion(
  ports: RemovePorts,
  { documentId, version }: RemoveMessage,
): Promise<'removed' | 'kept'> {
  const head = await ports.documents.getHead(documentId);
  if (!isOutdated(head, version)) return 'kept';
  await ports.vectors.removeVersion(head.tenant, documentId, version);
  await ports.archive.removeVersion(documentId, version);
  await ports.chunks.removeVersion(documentId, version);
  await ports.documents.recordRemoved(documentId, version);
  return 'removed';
}
