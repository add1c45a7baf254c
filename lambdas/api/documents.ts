import type * as z from 'zod';
import type { Reader } from '../conversation.ts';
import { type DocumentHead, filedObject, titleFromKey } from '../document.ts';
import { AppFailure } from '../errors.ts';
import { documentIdSchema } from '../http/schemas.ts';
import { chunksEmbedded } from '../ingest/batches.ts';
import type { ProcessMessage } from '../ingest/messages.ts';
import { applySidecar } from '../ingest/metadata.ts';
import type { ChunkStore, DocumentBucket, DocumentStore, WorkQueue } from '../ports.ts';
import { mayManage, mayRead } from '../reader.ts';
import type {
  acceptedSchema,
  DocumentSummary,
  documentDetailSchema,
  documentLinkSchema,
  documentListSchema,
  listDocumentsQuery,
} from './schemas.ts';

export interface DocumentPorts {
  readonly documents: Pick<
    DocumentStore,
    'getHead' | 'getVersion' | 'listVersions' | 'listHeads' | 'reopen' | 'fail' | 'recordSidecar'
  >;
  readonly chunks: Pick<ChunkStore, 'range'>;
  readonly bucket: Pick<
    DocumentBucket,
    'head' | 'read' | 'presignGet' | 'presignPost' | 'remove' | 'write' | 'writeOnto'
  >;
  readonly processing: WorkQueue<ProcessMessage>;
  readonly maxDocumentBytes: number;
}

const LINK_SECONDS = 5 * 60;

export async function listDocuments(
  { documents }: DocumentPorts,
  reader: Reader,
  query: z.infer<typeof listDocumentsQuery>,
): Promise<z.infer<typeof documentListSchema>> {
  const { heads, ...page } = await documents.listHeads(reader.tenant, {
    ...query,
    only: head => mayManage(reader, head),
  });
  return { documents: heads.map(head => summaryOf(reader, head)), ...page };
}

export async function getDocument(
  ports: DocumentPorts,
  reader: Reader,
  documentId: string,
): Promise<z.infer<typeof documentDetailSchema>> {
  const [head, versions] = await Promise.all([
    knownHead(ports, reader, documentId),
    ports.documents.listVersions(documentId),
  ]);
  return {
    ...summaryOf(reader, head),
    versions: versions.map(version => ({
      version: version.version,
      status: version.status,
      attempts: version.attempts,
      size: version.size,
      createdAt: version.createdAt,
      chunksEmbedded: chunksEmbedded(version),
      embeddingsReused: version.embeddingsReused ?? 0,
      ...(version.chunkCount !== undefined && { chunkCount: version.chunkCount }),
      ...(version.error && { error: version.error }),
      ...(version.embeddingModel && { embeddingModel: version.embeddingModel }),
      ...(version.startedAt && { startedAt: version.startedAt }),
      ...(version.completedAt && { completedAt: version.completedAt }),
    })),
  };
}

/** A link to the live version, or to the newest upload while there is none. */
export async function getDocumentContent(
  ports: DocumentPorts,
  reader: Reader,
  documentId: string,
): Promise<z.infer<typeof documentLinkSchema>> {
  const head = await readHead(ports, reader, documentId);
  const version = await ports.documents.getVersion(documentId, head.liveVersion ?? head.newestVersion);
  const object = filedObject(head, head.liveVersion ?? head.newestVersion) ?? { ...version, key: head.key };
  const url = await ports.bucket.presignGet(object.key, object.s3VersionId, LINK_SECONDS);
  return { url, expiresAt: inSeconds(LINK_SECONDS) };
}

/** The bucket is the truth: the object is deleted, and its event removes the document from registry and answers. */
export async function deleteDocument(
  ports: DocumentPorts,
  reader: Reader,
  documentId: string,
): Promise<z.infer<typeof acceptedSchema>> {
  const head = await knownHead(ports, reader, documentId);
  const { key, newestVersion } = head;
  await ports.bucket.remove(filedObject(head, newestVersion)?.key ?? key);
  return { documentId, key };
}

/**
 * Has a FAILED document processed once more, or a PENDING one whose message may be lost.
 * @throws AppFailure document-not-failed, also when somebody else retried it a moment ago
 */
export async function retryDocument(
  ports: DocumentPorts,
  reader: Reader,
  documentId: string,
): Promise<z.infer<typeof acceptedSchema>> {
  const { documents, processing } = ports;
  const head = await knownHead(ports, reader, documentId);
  const { key, status, newestVersion: version, error } = head;
  if (status === 'PENDING') {
    // Harmless while its message is still under way, and all it needs when that was lost.
    await processing.send([{ documentId, version }]);
    return { documentId, key };
  }
  if (status !== 'FAILED') throw new AppFailure({ kind: 'document-not-failed', documentId, status });
  if (head.liveVersion === version) {
    await applySidecar(ports, head, { evenIfSame: true }); // all that can be wrong with a document that is complete
    return { documentId, key };
  }
  const reopened = await documents.reopen(documentId, version);
  if (!reopened) throw new AppFailure({ kind: 'document-not-failed', documentId, status: 'being processed again' });
  try {
    await processing.send([{ documentId, version }]);
  } catch (cause) {
    // Nothing works on it: whoever looks must see that it is not under way.
    await documents.fail(documentId, version, error ?? { code: 'processing-failed', message: 'Retry it.' });
    throw cause;
  }
  return { documentId, key };
}

/** @throws AppFailure document-not-found, for a document that this reader may not read too */
export async function readHead(
  ports: Pick<DocumentPorts, 'documents'>,
  reader: Reader,
  documentId: string,
): Promise<DocumentHead> {
  const head = await knownHead(ports, reader, documentId);
  if (!mayRead(reader, head)) throw new AppFailure({ kind: 'document-not-found', documentId });
  return head;
}

/** @throws AppFailure document-not-found, for a document that this reader may not know of too */
export async function knownHead(
  { documents }: Pick<DocumentPorts, 'documents'>,
  reader: Reader,
  documentId: string,
): Promise<DocumentHead> {
  const head = documentIdSchema.safeParse(documentId).success ? await documents.getHead(documentId) : undefined;
  if (!head || !mayManage(reader, head)) throw new AppFailure({ kind: 'document-not-found', documentId });
  return head;
}

function summaryOf(reader: Reader, head: DocumentHead): DocumentSummary {
  const { documentId, key, groups, attributes, status, newestVersion, liveVersion, chunkCount, size, error } = head;
  const { eTag } = head;
  if (status === 'DELETED') throw new Error(`${documentId} is deleted and must not be shown.`);
  return {
    documentId,
    key,
    // A title is taken from the text, which not all who know of the document may read.
    title: mayRead(reader, head) ? head.title : titleFromKey(key),
    status,
    version: newestVersion,
    ...(liveVersion !== undefined && { liveVersion }),
    chunkCount,
    size,
    ...(eTag !== undefined && { eTag }),
    ...(error && { error }),
    ...(groups && { allowedGroups: [...groups] }),
    ...(attributes && { attributes }),
    createdAt: head.createdAt,
    updatedAt: head.updatedAt,
  };
}

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();
