import pMap from 'p-map';
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { ChunkRef } from '../document.ts';
import { isOutdated } from '../ingest/outdated.ts';
import type { Job } from '../job.ts';
import { type Examined, type JobPorts, type JobStep, stepOf } from './ports.ts';

const CHUNKS_PAGE = 500;
const CONCURRENCY = 8;

/** Which namespace is listed, and where its list goes on. */
const namespaceCursor = z.strictObject({ namespace: z.string(), cursor: z.string().optional() });

type Version = Pick<ChunkRef, 'documentId' | 'version'>;

/** Reconcile, from the vector store to the registry: a page of vectors; those that no reader may be shown are removed. */
export async function reconcileVectors(ports: JobPorts, job: Job): Promise<JobStep> {
  const at = job.cursor === undefined ? undefined : decodeCursor(namespaceCursor, job.cursor);
  const namespace = at?.namespace ?? (await namespaceAfter(ports, ''));
  if (namespace === undefined) return stepOf([], undefined);
  const { refs, cursor } = await ports.vectors.list(namespace, { cursor: at?.cursor });
  const mends = await removeLeftovers(ports, refs, namespace);
  const next = cursor === undefined ? { namespace: await namespaceAfter(ports, namespace) } : { namespace, cursor };
  return { ...stepOf(mends, next.namespace === undefined ? undefined : encodeCursor(next)), examined: refs.length };
}

async function namespaceAfter({ vectors }: JobPorts, namespace: string): Promise<string | undefined> {
  return (await vectors.namespaces()).filter(name => name > namespace).sort()[0];
}

/** Reconcile, from the chunks to the registry: a page of chunks; those that no reader may be shown are removed. */
export async function reconcileChunks(ports: JobPorts, job: Job): Promise<JobStep> {
  const { refs, cursor } = await ports.chunks.scan({ limit: CHUNKS_PAGE, cursor: job.cursor });
  const mends = await removeLeftovers(ports, refs, undefined);
  return { ...stepOf(mends, cursor), examined: refs.length };
}

/** Reconcile, from the archived embeddings to the registry: a page of them; those of outdated versions are removed. */
export async function reconcileEmbeddings(ports: JobPorts, job: Job): Promise<JobStep> {
  const { versions, cursor } = await ports.archive.list({ cursor: job.cursor });
  const mends = await removeLeftovers(ports, versions, undefined);
  return { ...stepOf(mends, cursor), examined: versions.length };
}

async function removeLeftovers(ports: JobPorts, refs: readonly Version[], tenant: string | undefined) {
  const versions = new Map(refs.map(ref => [`${ref.documentId}#${ref.version}`, ref]));
  return pMap([...versions.values()], ref => removeIfLeftover(ports, ref, tenant), { concurrency: CONCURRENCY });
}

/**
 * The head is read after the list: it knows every version whose chunks or vectors are in the list, since a version is
 * registered before anything of it is stored. What it does not know has lost its records.
 */
async function removeIfLeftover(
  ports: JobPorts,
  { documentId, version }: Version,
  namespace: string | undefined,
): Promise<Examined> {
  const head = await ports.documents.getHead(documentId);
  const tenant = head?.tenant ?? namespace;
  const newestVersion = head?.newestVersion ?? 0;
  const mend = { kind: 'removed' as const, tenant: tenant ?? '', documentId, ...(head && { key: head.key }) };
  if (isOutdated(head, version)) {
    await ports.removeQueue.send([{ documentId, version, tenant: head.tenant }]);
    return { mend };
  }
  if (version <= newestVersion) return {};
  if (tenant !== undefined) await ports.vectors.removeVersion(tenant, documentId, version);
  await ports.archive.removeVersion(documentId, version);
  await ports.chunks.removeVersion(documentId, version);
  return { mend };
}
