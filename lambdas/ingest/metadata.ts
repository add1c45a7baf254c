import {
  type ChunkRef,
  type DocumentHead,
  type DocumentMetadata,
  type DocumentVersion,
  documentIdOf,
} from '../document.ts';
import type { DocumentBucket, DocumentStore, MetadataChange, VectorStore, WorkQueue } from '../ports.ts';
import type { MetadataMessage } from './messages.ts';
import { isOutdated } from './outdated.ts';
import { readSidecar } from './sidecar.ts';

/** How often the sidecar is read anew when others record it, or the document changes, at the same moment. */
const MAX_CONTENTION = 20;

interface SidecarPorts {
  readonly documents: Pick<DocumentStore, 'getHead' | 'recordSidecar'>;
  readonly bucket: Pick<DocumentBucket, 'head' | 'read'>;
}

/**
 * Brings a document's groups and attributes in line with the sidecar that the bucket holds now. The events of a sidecar
 * are hints only, so their order, number and age do not matter: each recording succeeds only if nobody else recorded since
 * the head was read, before the sidecar was. So what is recorded was read later than anything recorded before, and after
 * the last event has been handled it is what the bucket holds. An event that finds no document needs to do nothing: the
 * document's upload, once registered, comes here itself.
 * @param evenIfSame records it also when the same sidecar is recorded already, so that a slower one, which has read an
 * older state, fails. Events of the sidecar must do so; an upload need not, for no sidecar has changed by it.
 * @returns the head afterwards; undefined when there is no such document
 */
export async function applySidecar(
  { documents, bucket }: SidecarPorts,
  { tenant, key }: { readonly tenant: string; readonly key: string },
  { evenIfSame }: { readonly evenIfSame: boolean },
): Promise<DocumentHead | undefined> {
  for (let count = 0; count < MAX_CONTENTION; count += 1) {
    const head = await documents.getHead(documentIdOf(tenant, key));
    if (!head) return undefined;
    const reading = await readSidecar(bucket, key);
    if (!evenIfSame && head.sidecarVersion === reading.version) return head;
    const recorded = await documents.recordSidecar(head, reading);
    if (recorded) return recorded;
  }
  throw new Error(`The document of ${key} changes faster than its sidecar can be recorded`);
}

interface VectorMetadataPorts {
  readonly documents: Pick<DocumentStore, 'getHead' | 'listVersions' | 'recordMetadataSpread'>;
  readonly vectors: Pick<VectorStore, 'updateMetadata'>;
  /** That of the very messages which lead here. */
  readonly metadataQueue: WorkQueue<MetadataMessage>;
}

/** Vectors that are asked for before it is seen whether there is time for more. */
const PAGE = 500;

/**
 * Has the stored vectors of a document carry its present groups and attributes, without embedding anything. Ends only
 * when these did not change meanwhile, so that of several at work the last one leaves the newest. When the time is over,
 * a message goes on after the last chunk; it begins anew if groups or attributes have changed by then. What is stored
 * meanwhile needs no place in that order: whoever stores vectors sees to theirs, see `followMetadata`.
 * @param hasTime whether there is time for one more page
 * @returns how many vectors it was asked for now, 0 for a document that is not there
 */
export async function spreadMetadata(
  ports: VectorMetadataPorts,
  { documentId, metadataRevision, after }: MetadataMessage,
  hasTime: () => boolean,
): Promise<number> {
  const [head, versions] = await Promise.all([
    ports.documents.getHead(documentId),
    ports.documents.listVersions(documentId),
  ]);
  if (!head) return 0;
  const { metadataRevision: revision = 0 } = head;
  const all = versions
    .filter(version => mayHaveVectors(head, version))
    .toReversed()
    .flatMap(refsOf);
  const refs = after && revision === metadataRevision ? all.filter(ref => isAfter(ref, after)) : all;
  for (let from = 0; from < refs.length; from += PAGE) {
    const page = refs.slice(from, from + PAGE);
    await ports.vectors.updateMetadata(head.tenant, page, metadataChangeOf(head));
    const { version, index } = page.at(-1) ?? { version: 1, index: 0 };
    if (from + PAGE >= refs.length || hasTime()) continue;
    await ports.metadataQueue.send([{ documentId, metadataRevision: revision, after: { version, index } }]);
    return from + page.length;
  }
  const now = await ports.documents.getHead(documentId);
  if (now?.metadataRevision === head.metadataRevision) {
    await ports.documents.recordMetadataSpread(documentId, revision);
  } else await ports.metadataQueue.send([{ documentId, metadataRevision: now?.metadataRevision ?? 0 }]);
  return refs.length;
}

const isAfter = (ref: ChunkRef, { version, index }: Pick<ChunkRef, 'version' | 'index'>): boolean =>
  ref.version === version ? ref.index > index : ref.version > version;

/** Sends for the vectors to follow, if they are behind: also what was sent for before, and perhaps in vain. */
export async function sendForMetadata(
  metadataQueue: WorkQueue<MetadataMessage>,
  { documentId, metadataPending, metadataRevision = 0 }: DocumentHead,
): Promise<boolean> {
  if (!metadataPending) return false;
  await metadataQueue.send([{ documentId, metadataRevision }]);
  return true;
}

/**
 * For whoever has just stored vectors with the metadata of `head`: if that has changed since, it is set anew. If it has
 * not, any later change finds the vectors stored and sees to them itself.
 */
export async function followMetadata(
  { documents, vectors }: Pick<VectorMetadataPorts, 'vectors'> & { readonly documents: Pick<DocumentStore, 'getHead'> },
  head: DocumentHead,
  refs: readonly ChunkRef[],
): Promise<void> {
  for (let carried = head; ; ) {
    const now = await documents.getHead(head.documentId);
    if (!now || now.metadataRevision === carried.metadataRevision) return;
    await vectors.updateMetadata(now.tenant, refs, metadataChangeOf(now));
    carried = now;
  }
}

/**
 * For a message whose work is done: an attempt at it that was slower, and then killed, may have stored the vectors anew with
 * the metadata of before a change.
 */
export async function renewMetadata(
  ports: Parameters<typeof followMetadata>[0],
  head: DocumentHead,
  refs: readonly ChunkRef[],
): Promise<void> {
  if (!head.metadataRevision) return; // nothing has ever changed
  await ports.vectors.updateMetadata(head.tenant, refs, metadataChangeOf(head));
  await followMetadata(ports, head, refs);
}

/** What stands beside new vectors of the document. */
export const metadataOf = ({ groups, attributes }: DocumentHead): DocumentMetadata => ({
  ...(groups && { groups }),
  ...(attributes && { attributes }),
});

const mayHaveVectors = (head: DocumentHead, { version, status }: DocumentVersion): boolean =>
  status !== 'DELETED' && !isOutdated(head, version);

const refsOf = ({ documentId, version, chunkCount = 0 }: DocumentVersion): ChunkRef[] =>
  Array.from({ length: chunkCount }, (_, index) => ({ documentId, version, index }));

const metadataChangeOf = ({ groups, attributes = {}, retiredAttributes = [] }: DocumentHead): MetadataChange => ({
  ...(groups && { groups }),
  attributes: { ...Object.fromEntries(retiredAttributes.map(name => [name, null])), ...attributes },
});
