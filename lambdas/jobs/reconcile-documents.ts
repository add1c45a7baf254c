import pMap from 'p-map';
import { chunkIdPrefix, type DocumentHead, type DocumentVersion, filedObject } from '../document.ts';
import { isDropBoxKey } from '../ingest/document-key.ts';
import { applySidecar, sendForMetadata } from '../ingest/metadata.ts';
import { isOutdated, removeAllOutdated } from '../ingest/outdated.ts';
import type { Job, Mend } from '../job.ts';
import { type Examined, type JobPorts, type JobSettings, type JobStep, quietMsOf, stepOf } from './ports.ts';
import { processFound, resume } from './process-found.ts';

const PAGE = 200;
const CONCURRENCY = 16;

/**
 * Reconcile, from the registry to everything else: a page of documents. One whose object is gone ends; one that nothing
 * happens to is sent on again; a live version that lacks chunks or vectors is built anew.
 */
export async function reconcileDocuments(
  ports: JobPorts,
  settings: JobSettings,
  job: Job,
  now: Date,
): Promise<JobStep> {
  const { heads, cursor } = await ports.documents.scanHeads({ limit: PAGE, cursor: job.cursor });
  await sendForStatistics(ports, job, heads);
  const changedBefore = new Date(now.getTime() - quietMsOf(job)).toISOString();
  const reconcile = (head: DocumentHead) => reconcileDocument(ports, settings, job, head, changedBefore);
  return stepOf(await pMap(heads, reconcile, { concurrency: CONCURRENCY }), cursor);
}

/** Words are counted anew once in each reconcile: a tenant's first message has it done, and finds the others in vain. */
function sendForStatistics({ statisticsQueue }: JobPorts, { startedAt }: Job, heads: readonly DocumentHead[]) {
  const tenants = new Set(heads.map(({ tenant }) => tenant));
  return statisticsQueue.send([...tenants].map(tenant => ({ tenant, changedAt: Date.parse(startedAt) })));
}

async function reconcileDocument(
  ports: JobPorts,
  settings: JobSettings,
  job: Job,
  head: DocumentHead,
  changedBefore: string,
): Promise<Examined> {
  const mended = (kind: Mend['kind']): Mend => {
    const { tenant, documentId, key } = head;
    return { kind, tenant, documentId, key };
  };
  if (head.jobId === job.jobId) {
    await resume(ports, head);
    return {};
  }
  if (head.status !== 'DELETED' && !(await hasObject(ports, head))) {
    if (!(await ports.documents.registerGone(head))) return {}; // an event came first
    await removeAllOutdated(ports, head.documentId);
    return { mend: mended('deleted') };
  }
  const metadata = (await followSidecar(ports, head, changedBefore)) ? mended('metadata') : undefined;
  // What changed a moment ago is most likely under way.
  if (head.updatedAt > changedBefore) return { ...(metadata && { mend: metadata }) };
  const versions = await ports.documents.listVersions(head.documentId);
  const mend = versions.some(version => isLeftover(head, version)) ? mended('removed') : metadata;
  if (mend?.kind === 'removed') await removeAllOutdated(ports, head.documentId);
  if (await fileIfLeft(ports, head, versions)) return { mend: mended('resent') };
  const { kind, started = false } = (await mendVersions(ports, settings, job, head, versions)) ?? {};
  return { started, ...(kind ? { mend: mended(kind) } : mend && { mend }) };
}

/** @returns whether the document or its vectors were behind the sidecar that the bucket holds */
async function followSidecar(ports: JobPorts, head: DocumentHead, changedBefore: string): Promise<boolean> {
  const now = await applySidecar(ports, head, { evenIfSame: false });
  if (!now || (now.sidecarVersion === head.sidecarVersion && head.updatedAt > changedBefore)) return false;
  const isBehind = await sendForMetadata(ports.metadataQueue, now);
  return isBehind || now.metadataRevision !== head.metadataRevision;
}

/** An upload that has ended and still lies in the drop box: the message to file it was lost, or given up. */
async function fileIfLeft(ports: JobPorts, head: DocumentHead, versions: readonly DocumentVersion[]): Promise<boolean> {
  const { documentId, key, newestVersion, liveVersion, status } = head;
  if (!isDropBoxKey(key) || (liveVersion !== newestVersion && status !== 'FAILED')) return false;
  const newest = versions.find(({ version }) => version === newestVersion);
  const object = await ports.bucket.head(key);
  if (!newest || object?.eTag !== newest.eTag) return false;
  await ports.fileQueue.send([{ documentId, version: newestVersion, file: true }]);
  return true;
}

/** Where it was put, or, for the drop box, where its newest upload or its live one was filed. */
async function hasObject({ bucket }: JobPorts, head: DocumentHead): Promise<boolean> {
  const { newestVersion, liveVersion = newestVersion } = head;
  const filed = [newestVersion, liveVersion].flatMap(version => filedObject(head, version)?.key ?? []);
  const found = await Promise.all([head.key, ...filed].map(key => bucket.head(key)));
  return found.some(object => object !== undefined);
}

const isLeftover = (head: DocumentHead, { version, status }: DocumentVersion): boolean =>
  status !== 'DELETED' && isOutdated(head, version);

interface MendedVersion {
  readonly kind: 'resent' | 'rebuilt';
  /** It is processed because of this job. */
  readonly started?: boolean;
}

/** @returns how the newest version, or the live one, was helped on; undefined when neither needed help */
async function mendVersions(
  ports: JobPorts,
  settings: JobSettings,
  job: Job,
  head: DocumentHead,
  versions: readonly DocumentVersion[],
): Promise<MendedVersion | undefined> {
  const { documentId, newestVersion, liveVersion, status } = head;
  if (status === 'DELETED') return undefined;
  const isRecorded = versions.some(({ version }) => version === newestVersion);
  if (isRecorded && (status === 'PENDING' || status === 'PROCESSING')) {
    await ports.processQueue.send([{ documentId, version: newestVersion }]);
    return { kind: 'resent' };
  }
  const live = versions.find(({ version }) => version === liveVersion);
  const missing = live ? await missingOf(ports, head, live) : status === 'COMPLETED' ? 'chunks' : undefined;
  if (missing === undefined) return undefined;
  if (missing === 'vectors' && live?.embeddingModel === settings.embeddingModelId) {
    await ports.rebuildQueue.send([{ documentId, version: live.version, rebuild: true }]);
    return { kind: 'rebuilt' };
  }
  // A newer upload that FAILED stays what it is: to process it again would bring the live one nothing.
  if (status === 'FAILED' && liveVersion !== newestVersion) return undefined;
  const started = await processFound(ports, settings, job, { ...head, head });
  return started ? { kind: 'rebuilt', started } : undefined;
}

/** What the live version lacks of what was stored of it. */
async function missingOf(
  { chunks, vectors }: JobPorts,
  { tenant, chunkCount }: DocumentHead,
  { documentId, version }: DocumentVersion,
): Promise<'chunks' | 'vectors' | undefined> {
  const countVectors = async () => {
    let count = 0;
    let cursor: string | undefined;
    do {
      const page = await vectors.list(tenant, { prefix: chunkIdPrefix(documentId, version), cursor });
      count += page.refs.length;
      cursor = page.cursor;
    } while (cursor !== undefined);
    return count;
  };
  const [chunksStored, vectorsStored] = await Promise.all([chunks.count(documentId, version), countVectors()]);
  if (chunksStored < chunkCount) return 'chunks';
  return vectorsStored < chunkCount ? 'vectors' : undefined;
}
