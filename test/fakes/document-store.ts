import {
  comparableSequencer,
  type DocumentHead,
  type DocumentVersion,
  documentIdOf,
  formatOf,
  titleFromKey,
  type Upload,
} from '../../lambdas/document.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import { completed, sidecarFields } from '../../lambdas/ingest/sidecar-head.ts';
import type { Deletion, DocumentStore, Registration } from '../../lambdas/ports.ts';

interface Entry {
  head: DocumentHead;
  /** Version n at place n - 1; undefined where its number was passed over. */
  readonly versions: (DocumentVersion | undefined)[];
}

/** The registry of documents in memory. Each operation happens at once; `clock` gives the time of the records. */
export function inMemoryDocumentStore(clock: () => Date = () => new Date()): DocumentStore {
  const entries = new Map<string, Entry>();
  const now = () => clock().toISOString();

  const changeHead = (entry: Entry, change: Partial<DocumentHead>) => {
    entry.head = { ...entry.head, ...change, updatedAt: now() };
  };
  const versionOf = (documentId: string, version: number) => entries.get(documentId)?.versions[version - 1];
  const changeVersion = (documentId: string, version: number, change: Partial<DocumentVersion>) => {
    const versions = entries.get(documentId)?.versions;
    const current = versions?.[version - 1];
    if (!versions || !current) throw new Error(`There is no version ${version} of document ${documentId}`);
    const changed = { ...current, ...change };
    versions[version - 1] = changed;
    return changed;
  };
  const isOpen = (status: string | undefined) => status === 'PENDING' || status === 'PROCESSING';

  const isUnchanged = (head: DocumentHead | undefined, seen: DocumentHead | undefined) =>
    head?.sequencer === seen?.sequencer &&
    head?.newestVersion === seen?.newestVersion &&
    (head?.status === 'DELETED') === (seen?.status === 'DELETED');

  const addUpload = (
    entry: Entry,
    upload: Upload,
    sequencer: string,
    {
      unordered = entry.head.unordered,
      jobId,
      after = 0,
    }: { unordered?: boolean; jobId?: string; after?: number } = {},
  ): Registration & { outcome: 'registered' } => {
    const { tenant, key, s3VersionId, eTag, size } = upload;
    const { documentId } = entry.head;
    while (entry.versions.length < after) entry.versions.push(undefined);
    const version = entry.versions.length + 1;
    entry.versions.push({
      ...{ documentId, version, tenant, key, s3VersionId, eTag, size, sequencer },
      ...{ status: 'PENDING', embeddedBatches: [], attempts: 0, createdAt: now() },
    });
    changeHead(entry, {
      status: 'PENDING',
      newestVersion: version,
      sequencer,
      size,
      eTag,
      error: undefined,
      unordered,
      jobId,
    });
    return { outcome: 'registered', version, status: 'PENDING' };
  };

  const newEntry = (tenant: string, key: string, sequencer: string, groups?: readonly string[]): Entry => {
    const documentId = documentIdOf(tenant, key);
    const head: DocumentHead = {
      ...{ documentId, tenant, key, title: titleFromKey(key), status: 'DELETED', newestVersion: 0, sequencer },
      ...{ size: 0, chunkCount: 0, createdAt: now(), updatedAt: now(), ...(groups && { groups }) },
    };
    const entry = { head, versions: [] };
    entries.set(documentId, entry);
    return entry;
  };

  /** A document that comes back after its deletion. */
  const close = (entry: Entry, groups: readonly string[] | undefined) => {
    if (groups && entry.head.status === 'DELETED') changeHead(entry, { groups, sidecarVersion: undefined });
  };

  return {
    getHead: async documentId => entries.get(documentId)?.head,
    getVersion: async (documentId, version) => versionOf(documentId, version),
    listVersions: async documentId =>
      (entries.get(documentId)?.versions ?? []).filter(version => version !== undefined).toReversed(),

    async listHeads(tenant, { limit, cursor, only = () => true, ...filter }) {
      const { status, prefix = '', format, updatedAfter = '', updatedBefore = '~' } = filter;
      const heads = [...entries.values()]
        .map(({ head }) => head)
        .filter(head => head.tenant === tenant && head.status !== 'DELETED' && (!status || head.status === status))
        .filter(({ key }) => key.startsWith(prefix) && (format === undefined || formatOf(key) === format))
        .filter(head => head.updatedAt > updatedAfter && head.updatedAt < updatedBefore && only(head))
        .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
      const owner = JSON.stringify([tenant, status]);
      const from = cursor ? startOf(cursor, owner) : 0;
      const page = heads.slice(from, from + limit);
      return from + limit < heads.length
        ? { heads: page, cursor: Buffer.from(`${from + limit} ${owner}`).toString('base64url') }
        : { heads: page };
    },

    async scanHeads({ limit, cursor = '0' }) {
      const heads = [...entries.values()].map(({ head }) => head);
      const end = Number(cursor) + limit;
      return { heads: heads.slice(Number(cursor), end), ...(end < heads.length && { cursor: String(end) }) };
    },

    async countOfJob(jobId) {
      const states = [...entries.values()].filter(({ head }) => head.jobId === jobId).map(({ head }) => head.status);
      const count = (status: string) => states.filter(state => state === status).length;
      return { pending: count('PENDING'), processing: count('PROCESSING'), failed: count('FAILED') };
    },

    outstandingOfJob: async (jobId, _since, limit) =>
      [...entries.values()]
        .map(({ head }) => head)
        .filter(head => head.jobId === jobId && isOpen(head.status))
        .slice(0, limit),

    async registerFound(object, seen, { jobId, after } = {}) {
      const { tenant, key } = object;
      const entry = entries.get(documentIdOf(tenant, key));
      if (!isUnchanged(entry?.head, seen)) return undefined;
      const sequencer = seen?.sequencer ?? comparableSequencer('0');
      const upload = { ...object, sequencer };
      const options = { unordered: true, ...(jobId && { jobId }), ...(after && { after }) };
      if (entry) close(entry, []);
      return addUpload(entry ?? newEntry(tenant, key, sequencer, []), upload, sequencer, options).version;
    },

    async registerGone(seen) {
      const entry = entries.get(seen.documentId);
      if (!entry || !isUnchanged(entry.head, seen)) return false;
      const nothing = { liveVersion: undefined, error: undefined, jobId: undefined, chunkCount: 0 };
      changeHead(entry, { status: 'DELETED', unordered: true, ...nothing });
      return true;
    },

    async registerUpload(upload, { asPresent = false, groups } = {}) {
      const sequencer = comparableSequencer(upload.sequencer);
      const entry = entries.get(documentIdOf(upload.tenant, upload.key));
      if (!entry) return addUpload(newEntry(upload.tenant, upload.key, sequencer, groups), upload, sequencer);
      const { head } = entry;
      const newest = entry.versions.at(-1);
      const known: Registration = { outcome: 'repeated', version: head.newestVersion, status: head.status };
      if (head.sequencer > sequencer) return { outcome: 'stale' };
      if (head.sequencer === sequencer) return head.status === 'DELETED' ? { outcome: 'stale' } : known;
      const sameObject = upload.s3VersionId !== undefined && newest?.s3VersionId === upload.s3VersionId;
      if (head.status === 'DELETED' || !sameObject || newest?.eTag !== upload.eTag) {
        if (head.unordered && !asPresent) return { outcome: 'unordered' };
        close(entry, groups);
        return addUpload(entry, upload, sequencer);
      }
      entry.head = { ...head, sequencer, unordered: asPresent && head.unordered };
      return known;
    },

    async registerDeletion({ tenant, key, sequencer: natural }, { asPresent = false } = {}): Promise<Deletion> {
      const sequencer = comparableSequencer(natural);
      const entry = entries.get(documentIdOf(tenant, key));
      if (!entry) {
        newEntry(tenant, key, sequencer);
        return { outcome: 'unknown' };
      }
      const { newestVersion, status } = entry.head;
      const repeated = entry.head.sequencer === sequencer;
      if (entry.head.sequencer > sequencer || (repeated && status !== 'DELETED')) return { outcome: 'stale' };
      if (!repeated && entry.head.unordered && !asPresent) return { outcome: 'unordered' };
      if (!repeated) {
        const nothing = { liveVersion: undefined, error: undefined, jobId: undefined, chunkCount: 0 };
        changeHead(entry, { status: 'DELETED', sequencer, ...nothing });
      }
      return newestVersion === 0
        ? { outcome: 'unknown' }
        : { outcome: repeated ? 'repeated' : 'deleted', newestVersion };
    },

    async recordSidecar(seen, reading) {
      const entry = entries.get(seen.documentId);
      if (!entry || entry.head !== seen) return undefined;
      changeHead(entry, sidecarFields(seen, reading));
      return entry.head;
    },

    async recordMetadataSpread(documentId, metadataRevision) {
      const entry = entries.get(documentId);
      if (entry?.head.metadataRevision === metadataRevision) entry.head = { ...entry.head, metadataPending: undefined };
    },

    async startProcessing(documentId, version) {
      const entry = entries.get(documentId);
      if (entry?.head.newestVersion !== version || !isOpen(entry.head.status)) return undefined;
      changeHead(entry, { status: 'PROCESSING' });
      const attempts = (versionOf(documentId, version)?.attempts ?? 0) + 1;
      return changeVersion(documentId, version, { status: 'PROCESSING', attempts, startedAt: now() });
    },

    async recordPlan(documentId, version, plan) {
      const before = versionOf(documentId, version);
      const same =
        before?.contentHash === plan.contentHash &&
        before.chunkCount === plan.chunkCount &&
        before.batchCount === plan.batchCount;
      changeVersion(documentId, version, {
        ...plan,
        ...(!same && { embeddedBatches: [], embeddingsReused: undefined }),
      });
    },

    async recordEmbedded(documentId, version, batch, embeddingModel, embeddingsReused = 0) {
      const before = versionOf(documentId, version);
      if (before?.embeddedBatches.includes(batch)) return before;
      const embeddedBatches = [...(before?.embeddedBatches ?? []), batch].sort((a, b) => a - b);
      const reused = (before?.embeddingsReused ?? 0) + embeddingsReused;
      return changeVersion(documentId, version, { embeddedBatches, embeddingsReused: reused, embeddingModel });
    },

    async switchLive({ documentId, version, title, chunkCount = 0 }) {
      const entry = entries.get(documentId);
      if (!entry) return false;
      if (entry.head.liveVersion !== version) {
        if (entry.head.newestVersion !== version || !isOpen(entry.head.status)) return false;
        const named = title === undefined ? {} : { title };
        changeHead(entry, { liveVersion: version, chunkCount, ...completed(entry.head.sidecarError), ...named });
      }
      if (versionOf(documentId, version)?.status !== 'COMPLETED') {
        changeVersion(documentId, version, { status: 'COMPLETED', completedAt: now(), error: undefined });
      }
      return true;
    },

    async fail(documentId, version, error) {
      const entry = entries.get(documentId);
      if (!entry || entry.head.liveVersion === version) return false;
      const { newestVersion, status } = entry.head;
      if (newestVersion === version && isOpen(status)) changeHead(entry, { status: 'FAILED', error });
      if (isOpen(versionOf(documentId, version)?.status)) {
        changeVersion(documentId, version, { status: 'FAILED', error });
      }
      return true;
    },

    async noteAttemptError(documentId, version, error) {
      if (isOpen(versionOf(documentId, version)?.status)) changeVersion(documentId, version, { error });
    },

    async reopen(documentId, version, jobId) {
      const entry = entries.get(documentId);
      const { newestVersion, liveVersion, status } = entry?.head ?? {};
      if (!entry || newestVersion !== version || status !== 'FAILED' || liveVersion === version) return false;
      changeVersion(documentId, version, {
        status: 'PENDING',
        error: undefined,
        embeddedBatches: [],
        embeddingsReused: undefined,
      });
      changeHead(entry, { status: 'PENDING', error: undefined, jobId: jobId ?? entry.head.jobId });
      return true;
    },

    async recordFiled(documentId, as, object) {
      const entry = entries.get(documentId);
      if (entry?.head.newestVersion !== object.version || entry.head.status === 'DELETED') return;
      entry.head = { ...entry.head, [`${as}Object`]: object };
    },

    async recordRemoved(documentId, version) {
      if (versionOf(documentId, version)) changeVersion(documentId, version, { status: 'DELETED' });
    },
  };
}

function startOf(cursor: string, owner: string): number {
  const [, from, of] = /^(\d+) (.*)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (from !== undefined && of === owner) return Number(from);
  throw new AppFailure({ kind: 'invalid-request', issues: ['cursor: is not one that this list gave out'] });
}
