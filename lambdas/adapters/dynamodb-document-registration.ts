import {
  comparableSequencer,
  type DocumentHead,
  documentIdOf,
  type FoundObject,
  titleFromKey,
  type Upload,
} from '../document.ts';
import type { Deletion, Registration, RegistrationOrigin } from '../ports.ts';
import { type HeadItem, parseHeadItem } from './document-items.ts';
import type { Change, DynamodbTable } from './dynamodb-table.ts';

/** How often a registration is tried anew when others register events of the same key at the same moment. */
const MAX_CONTENTION = 20;

type SeenHead = Pick<HeadItem, 'sequencer' | 'newestVersion' | 'status'>;

/**
 * Nothing was registered since the head was read: every registration moves the sequencer or the newest version on, or
 * deletes. (A version's own way from state to state is no registration.)
 */
const unchangedSince = ({ sequencer, newestVersion, status }: SeenHead): Pick<Change, 'when' | 'values'> => ({
  when: `#sequencer = :seen AND #newestVersion = :newest AND #status ${status === 'DELETED' ? '=' : '<>'} :deleted`,
  values: { seen: sequencer, newest: newestVersion, deleted: 'DELETED' },
});

async function untilWritten<Outcome>(key: string, attempt: () => Promise<Outcome | undefined>): Promise<Outcome> {
  for (let count = 0; count < MAX_CONTENTION; count += 1) {
    const outcome = await attempt();
    if (outcome) return outcome;
  }
  throw new Error(`Events of ${key} arrive faster than they can be registered`);
}

async function readHead(table: DynamodbTable, documentId: string): Promise<HeadItem | undefined> {
  const item = await table.get({ documentId, version: 0 });
  return item && parseHeadItem(item);
}

/** Writes the item of the head's newest upload, if it is not there yet. */
async function ensureVersion(table: DynamodbTable, head: HeadItem): Promise<void> {
  if (!head.newestUpload) throw new Error(`Document ${head.documentId} has no upload`);
  const { documentId, tenant, key, newestVersion: version } = head;
  const item = { documentId, version, tenant, key, ...head.newestUpload, status: 'PENDING', attempts: 0 };
  await table.putNew(item, 'documentId');
}

const repeated = async (table: DynamodbTable, head: HeadItem): Promise<Registration> => {
  await ensureVersion(table, head);
  return { outcome: 'repeated', version: head.newestVersion, status: head.status };
};

/** An S3 version has one content for ever, so that two events about it mean the same upload. */
const isNewestObject = ({ status, newestUpload }: HeadItem, { s3VersionId, eTag }: Upload): boolean =>
  status !== 'DELETED' &&
  s3VersionId !== undefined &&
  newestUpload?.s3VersionId === s3VersionId &&
  newestUpload.eTag === eTag;

/** See `DocumentStore.registerUpload`. The head is written first and decides; the version's item follows from it. */
export function registerUpload(
  table: DynamodbTable,
  now: () => string,
  upload: Upload,
  origin: RegistrationOrigin,
): Promise<Registration> {
  const documentId = documentIdOf(upload.tenant, upload.key);
  const sequencer = comparableSequencer(upload.sequencer);

  return untilWritten(upload.key, async () => {
    const head = await readHead(table, documentId);
    if (head && head.sequencer > sequencer) return { outcome: 'stale' };
    if (head?.sequencer === sequencer) return head.status === 'DELETED' ? { outcome: 'stale' } : repeated(table, head);
    if (head && isNewestObject(head, upload)) {
      // The event of the very object that the head is about puts it in order again; one that only led to it does not.
      const remove = origin.asPresent ? [] : ['unordered'];
      const moved = await table.update(
        { documentId, version: 0 },
        { set: { sequencer }, remove, ...unchangedSince(head) },
      );
      return moved && repeated(table, parseHeadItem(moved));
    }
    if (head?.unordered && !origin.asPresent) return { outcome: 'unordered' };
    const written = await writeNewestUpload(table, head, upload, { time: now(), groups: origin.groups });
    if (!written) return undefined;
    await ensureVersion(table, written);
    return { outcome: 'registered', version: written.newestVersion, status: 'PENDING' };
  });
}

interface NewestUpload {
  readonly time: string;
  readonly unordered?: boolean;
  readonly jobId?: string | undefined;
  /** The new version's number is higher than this. */
  readonly after?: number | undefined;
  /** See `RegistrationOrigin`. */
  readonly groups?: readonly string[] | undefined;
}

/** @returns the head afterwards; undefined when another event came first */
async function writeNewestUpload(
  table: DynamodbTable,
  head: (SeenHead & Pick<HeadItem, 'unordered'>) | undefined,
  upload: Upload,
  { time, unordered = head?.unordered ?? false, jobId, after = 0, groups }: NewestUpload,
): Promise<HeadItem | undefined> {
  const { tenant, key, s3VersionId, eTag, size } = upload;
  const documentId = documentIdOf(tenant, key);
  const sequencer = comparableSequencer(upload.sequencer);
  const newest = {
    status: 'PENDING' as const,
    newestVersion: Math.max(head?.newestVersion ?? 0, after) + 1,
    sequencer,
    size,
    updatedAt: time,
    newestUpload: { s3VersionId, eTag, size, sequencer, createdAt: time },
    ...(unordered && { unordered }),
    ...(jobId !== undefined && { jobId }),
  };
  if (!head) {
    const title = titleFromKey(key);
    const first = { documentId, version: 0 as const, tenant, key, title, chunkCount: 0, createdAt: time };
    const item: HeadItem = { ...first, ...(groups && { groups: [...groups] }), ...newest };
    return (await table.putNew(item, 'documentId')) ? item : undefined;
  }
  const closed = head.status === 'DELETED' && groups !== undefined;
  const set = { ...newest, ...(closed && { groups }) };
  const remove = [
    ...['error', 'deletedAt'],
    ...(jobId === undefined ? ['jobId'] : []),
    ...(closed ? ['sidecarVersion'] : []), // so that the sidecar is recorded even if it is the same
  ];
  const item = await table.update({ documentId, version: 0 }, { set, remove, ...unchangedSince(head) });
  return item && parseHeadItem(item);
}

/** See `DocumentStore.registerFound`. */
export async function registerFound(
  table: DynamodbTable,
  time: string,
  object: FoundObject,
  seen: DocumentHead | undefined,
  options: { jobId?: string; after?: number },
): Promise<number | undefined> {
  const upload = { ...object, sequencer: seen?.sequencer ?? '0' };
  const written = await writeNewestUpload(table, seen, upload, { time, unordered: true, groups: [], ...options });
  if (!written) return undefined;
  await ensureVersion(table, written);
  return written.newestVersion;
}

/** See `DocumentStore.registerDeletion`. The head stays as a tombstone, so that late events of the key stay stale. */
export function registerDeletion(
  table: DynamodbTable,
  now: () => string,
  deletion: { tenant: string; key: string; sequencer: string },
  { asPresent = false }: RegistrationOrigin,
): Promise<Deletion> {
  const documentId = documentIdOf(deletion.tenant, deletion.key);
  const sequencer = comparableSequencer(deletion.sequencer);

  return untilWritten(deletion.key, async (): Promise<Deletion | undefined> => {
    const head = await readHead(table, documentId);
    if (!head) {
      const tombstone = tombstoneOfUnknown(documentId, deletion, now());
      return (await table.putNew(tombstone, 'documentId')) ? { outcome: 'unknown' } : undefined;
    }
    if (head.sequencer > sequencer) return { outcome: 'stale' };
    if (head.sequencer === sequencer) return head.status === 'DELETED' ? ended('repeated', head) : { outcome: 'stale' };
    if (head.unordered && !asPresent) return { outcome: 'unordered' };
    const written = await writeDeletion(table, head, { sequencer, time: now() });
    return written ? ended('deleted', head) : undefined;
  });
}

const ended = (outcome: 'deleted' | 'repeated', { newestVersion }: HeadItem): Deletion =>
  newestVersion > 0 ? { outcome, newestVersion } : { outcome: 'unknown' };

/** See `DocumentStore.registerGone`. */
export const registerGone = (table: DynamodbTable, time: string, seen: DocumentHead): Promise<boolean> =>
  writeDeletion(table, seen, { sequencer: seen.sequencer, time, unordered: true });

/** @returns false when another event came first */
async function writeDeletion(
  table: DynamodbTable,
  head: SeenHead & { readonly documentId: string },
  { sequencer, time, unordered }: { readonly sequencer: string; readonly time: string; readonly unordered?: boolean },
): Promise<boolean> {
  const deleted = await table.update(
    { documentId: head.documentId, version: 0 },
    {
      set: { status: 'DELETED', sequencer, chunkCount: 0, deletedAt: time, unordered },
      remove: ['liveVersion', 'error', 'updatedAt', 'jobId'],
      ...unchangedSince(head),
    },
  );
  return deleted !== undefined;
}

const tombstoneOfUnknown = (
  documentId: string,
  { tenant, key, sequencer }: { tenant: string; key: string; sequencer: string },
  time: string,
): HeadItem => ({
  documentId,
  version: 0,
  tenant,
  key,
  title: titleFromKey(key),
  status: 'DELETED',
  newestVersion: 0,
  sequencer: comparableSequencer(sequencer),
  size: 0,
  chunkCount: 0,
  createdAt: time,
  deletedAt: time,
});
