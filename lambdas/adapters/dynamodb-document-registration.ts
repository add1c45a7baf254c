import { comparableSequencer, documentIdOf, titleFromKey, type Upload } from '../document.ts';
import type { Deletion, Registration } from '../ports.ts';
import { type HeadItem, parseHeadItem } from './document-items.ts';
import type { DynamodbTable } from './dynamodb-table.ts';

/** How often a registration is tried anew when others register events of the same key at the same moment. */
const MAX_CONTENTION = 20;

/** The head has not changed since it was read: every registration moves the sequencer on. */
const unchanged = '#sequencer = :seen';

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
export function registerUpload(table: DynamodbTable, now: () => string, upload: Upload): Promise<Registration> {
  const documentId = documentIdOf(upload.tenant, upload.key);
  const sequencer = comparableSequencer(upload.sequencer);

  return untilWritten(upload.key, async () => {
    const head = await readHead(table, documentId);
    if (head && head.sequencer > sequencer) return { outcome: 'stale' };
    if (head?.sequencer === sequencer) return head.status === 'DELETED' ? { outcome: 'stale' } : repeated(table, head);
    if (head && isNewestObject(head, upload)) {
      const moved = await table.update(
        { documentId, version: 0 },
        { set: { sequencer }, when: unchanged, values: { seen: head.sequencer } },
      );
      return moved && repeated(table, parseHeadItem(moved));
    }
    const written = await writeNewestUpload(table, head, upload, now());
    if (!written) return undefined;
    await ensureVersion(table, written);
    return { outcome: 'registered', version: written.newestVersion, status: 'PENDING' };
  });
}

/** @returns the head afterwards; undefined when another event came first */
async function writeNewestUpload(
  table: DynamodbTable,
  head: HeadItem | undefined,
  upload: Upload,
  time: string,
): Promise<HeadItem | undefined> {
  const { tenant, key, s3VersionId, eTag, size } = upload;
  const documentId = documentIdOf(tenant, key);
  const sequencer = comparableSequencer(upload.sequencer);
  const newest = {
    status: 'PENDING' as const,
    newestVersion: (head?.newestVersion ?? 0) + 1,
    sequencer,
    size,
    updatedAt: time,
    newestUpload: { s3VersionId, eTag, size, sequencer, createdAt: time },
  };
  if (!head) {
    const title = titleFromKey(key);
    const item: HeadItem = { documentId, version: 0, tenant, key, title, chunkCount: 0, createdAt: time, ...newest };
    return (await table.putNew(item, 'documentId')) ? item : undefined;
  }
  const item = await table.update(
    { documentId, version: 0 },
    { set: newest, remove: ['error', 'deletedAt'], when: unchanged, values: { seen: head.sequencer } },
  );
  return item && parseHeadItem(item);
}

/** See `DocumentStore.registerDeletion`. The head stays as a tombstone, so that late events of the key stay stale. */
export function registerDeletion(
  table: DynamodbTable,
  now: () => string,
  deletion: { tenant: string; key: string; sequencer: string },
): Promise<Deletion> {
  const documentId = documentIdOf(deletion.tenant, deletion.key);
  const sequencer = comparableSequencer(deletion.sequencer);

  return untilWritten(deletion.key, async (): Promise<Deletion | undefined> => {
    const head = await readHead(table, documentId);
    if (!head) {
      const tombstone = tombstoneOfUnknown(documentId, deletion, now());
      return (await table.putNew(tombstone, 'documentId')) ? { outcome: 'unknown' } : undefined;
    }
    const known = head.newestVersion > 0;
    if (head.sequencer > sequencer) return { outcome: 'stale' };
    if (head.sequencer === sequencer) {
      if (head.status !== 'DELETED') return { outcome: 'stale' };
      return known ? { outcome: 'repeated', newestVersion: head.newestVersion } : { outcome: 'unknown' };
    }
    const deleted = await table.update(
      { documentId, version: 0 },
      {
        set: { status: 'DELETED', sequencer, chunkCount: 0, deletedAt: now() },
        remove: ['liveVersion', 'error', 'updatedAt'],
        when: unchanged,
        values: { seen: head.sequencer },
      },
    );
    if (!deleted) return undefined;
    return known ? { outcome: 'deleted', newestVersion: head.newestVersion } : { outcome: 'unknown' };
  });
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
