import type { DocumentHead, DocumentVersion } from '../document.ts';
import { completed } from '../ingest/sidecar-head.ts';
import type { DocumentStore } from '../ports.ts';
import { parseHead, parseHeadItem, parseVersion } from './document-items.ts';
import { type DynamodbClient, queryPages } from './dynamodb-client.ts';
import { registerDeletion, registerFound, registerGone, registerUpload } from './dynamodb-document-registration.ts';
import { countOfJob, listHeads, outstandingOfJob, scanHeads } from './dynamodb-head-list.ts';
import { recordSidecar } from './dynamodb-sidecar.ts';
import { DynamodbTable, definedAndNot, type Item } from './dynamodb-table.ts';

/** How often the switch is tried anew when the sidecar breaks or is mended at the same moment. */
const MAX_CONTENTION = 10;

const headKey = (documentId: string) => ({ documentId, version: 0 });

const newestAndOpen = '#newestVersion = :version AND #status IN (:pending, :processing)';
const openStatuses = { pending: 'PENDING', processing: 'PROCESSING' };
const isOpen = ({ status }: Pick<DocumentHead, 'status'>) => status === 'PENDING' || status === 'PROCESSING';
const notRemoved = 'attribute_exists(#documentId) AND #status <> :deleted';

/**
 * The registry of documents, in the Documents table. The head item (version 0) decides: each change of a document's
 * state is one conditional write of its head, and the version's own item follows. A crash between the two is mended
 * when the step is repeated.
 */
export function dynamodbDocumentStore(
  client: DynamodbClient,
  tableName: string,
  clock: () => Date = () => new Date(),
): DocumentStore {
  const table = new DynamodbTable(client, tableName);
  const now = () => clock().toISOString();

  const getHeadItem = async (documentId: string) => {
    const item = await table.get(headKey(documentId));
    return item && parseHeadItem(item);
  };
  const getHead = async (documentId: string): Promise<DocumentHead | undefined> => {
    const item = await table.get(headKey(documentId));
    return item && parseHead(item);
  };

  /** @returns false when another version is live or newest, or this one FAILED, or the document was deleted */
  const makeHeadLive = async (version: DocumentVersion): Promise<boolean> => {
    if (await switchHead(table, version, {}, now())) return true;
    for (let count = 0; count < MAX_CONTENTION; count += 1) {
      const head = await getHeadItem(version.documentId);
      if (head?.liveVersion === version.version) return true;
      if (head?.newestVersion !== version.version || !isOpen(head)) return false;
      if (await switchHead(table, version, head, now())) return true;
    }
    throw new Error(`The sidecar of document ${version.documentId} changes faster than it can be switched live`);
  };

  return {
    getHead,

    async getVersion(documentId, version) {
      const item = await table.get({ documentId, version });
      return item && parseVersion(item);
    },

    async listVersions(documentId) {
      const pages = queryPages(client, {
        TableName: tableName,
        ConsistentRead: true,
        ScanIndexForward: false,
        KeyConditionExpression: 'documentId = :id AND version >= :first',
        ExpressionAttributeValues: { ':id': documentId, ':first': 1 },
      });
      const items: Item[] = [];
      for await (const page of pages) items.push(...(page.Items ?? []));
      return items.map(parseVersion);
    },

    listHeads: (tenant, options) => listHeads(client, tableName, tenant, options),
    scanHeads: options => scanHeads(client, tableName, options),
    countOfJob: (jobId, since) => countOfJob(client, tableName, jobId, since),
    outstandingOfJob: (jobId, since, limit) => outstandingOfJob(client, tableName, { jobId, since, limit }),
    registerUpload: (upload, origin = {}) => registerUpload(table, now, upload, origin),
    recordSidecar: (head, reading) => recordSidecar(table, now, head, reading),
    async recordMetadataSpread(documentId, metadataRevision) {
      await table.update(headKey(documentId), {
        remove: ['metadataPending'],
        when: '#metadataRevision = :metadataRevision',
        values: { metadataRevision },
      });
    },
    registerDeletion: (deletion, origin = {}) => registerDeletion(table, now, deletion, origin),
    registerFound: (object, seen, options = {}) => registerFound(table, now(), object, seen, options),
    registerGone: seen => registerGone(table, now(), seen),

    async startProcessing(documentId, version) {
      const head = await table.update(headKey(documentId), {
        set: { status: 'PROCESSING', updatedAt: now() },
        when: newestAndOpen,
        values: { version, ...openStatuses },
      });
      if (!head) return undefined;
      const item = await table.update(
        { documentId, version },
        {
          set: { status: 'PROCESSING', startedAt: now() },
          increment: 'attempts',
          when: notRemoved,
          values: { deleted: 'DELETED' },
        },
      );
      return item && parseVersion(item);
    },

    async recordPlan(documentId, version, plan) {
      const key = { documentId, version };
      const { contentHash, chunkCount, batchCount } = plan;
      const recorded = await table.update(key, {
        set: plan,
        when: `attribute_exists(#documentId) AND (attribute_not_exists(#batchCount)
               OR (#contentHash = :contentHash AND #chunkCount = :chunkCount AND #batchCount = :batchCount))`,
        values: { contentHash, chunkCount, batchCount },
      });
      if (recorded) return;
      // Cut differently than at the last attempt: what was embedded then counts no more.
      const replaced = await table.update(key, {
        set: plan,
        remove: ['embeddedBatches', 'embeddingsReused'],
        when: 'attribute_exists(#documentId)',
      });
      if (!replaced) throw new Error(`There is no version ${version} of document ${documentId}`);
    },

    async recordEmbedded(documentId, version, batch, embeddingModel, embeddingsReused = 0) {
      const item =
        (await table.update(
          { documentId, version },
          {
            set: { embeddingModel },
            add: { embeddedBatches: new Set([batch]), embeddingsReused },
            when: 'attribute_exists(#documentId) AND NOT contains(#embeddedBatches, :batch)',
            values: { batch },
          },
        )) ?? (await table.get({ documentId, version }));
      if (!item) throw new Error(`There is no version ${version} of document ${documentId}`);
      return parseVersion(item);
    },

    async switchLive(version) {
      if (!(await makeHeadLive(version))) return false;
      await table.update(
        { documentId: version.documentId, version: version.version },
        {
          set: { status: 'COMPLETED', completedAt: now() },
          remove: ['error'],
          when: `${notRemoved} AND #status <> :completed`,
          values: { deleted: 'DELETED', completed: 'COMPLETED' },
        },
      );
      return true;
    },

    async fail(documentId, version, error) {
      const failed = await table.update(headKey(documentId), {
        set: { status: 'FAILED', error, updatedAt: now() },
        when: newestAndOpen,
        values: { version, ...openStatuses },
      });
      if (!failed && (await getHeadItem(documentId))?.liveVersion === version) return false;
      await table.update(
        { documentId, version },
        { set: { status: 'FAILED', error }, when: '#status IN (:pending, :processing)', values: openStatuses },
      );
      return true;
    },

    async noteAttemptError(documentId, version, error) {
      await table.update(
        { documentId, version },
        { set: { error }, when: '#status IN (:pending, :processing)', values: openStatuses },
      );
    },

    async reopen(documentId, version, jobId) {
      const head = await getHeadItem(documentId);
      if (head?.newestVersion !== version || head.status !== 'FAILED' || head.liveVersion === version) return false;
      // The version goes first: were it the other way round, a crash between would leave a head that waits for ever.
      await table.update(
        { documentId, version },
        {
          set: { status: 'PENDING' },
          remove: ['error', 'embeddedBatches', 'embeddingsReused'],
          when: notRemoved,
          values: { deleted: 'DELETED' },
        },
      );
      const reopened = await table.update(headKey(documentId), {
        set: { status: 'PENDING', updatedAt: now(), jobId },
        remove: ['error'],
        when: `#newestVersion = :version AND #status = :failed
                 AND (attribute_not_exists(#liveVersion) OR #liveVersion <> :version)`,
        values: { version, failed: 'FAILED' },
      });
      return reopened !== undefined;
    },

    async recordFiled(documentId, as, object) {
      await table.update(headKey(documentId), {
        set: { [`${as}Object`]: object },
        when: '#newestVersion = :version AND #status <> :deleted',
        values: { version: object.version, deleted: 'DELETED' },
      });
    },

    async recordRemoved(documentId, version) {
      await table.update(
        { documentId, version },
        { set: { status: 'DELETED' }, when: 'attribute_exists(#documentId)' },
      );
    },
  };
}

/** One conditional update. @returns false when the version is not to go live, or the sidecar is in another state */
async function switchHead(
  table: DynamodbTable,
  { documentId, version, title, chunkCount = 0 }: DocumentVersion,
  { sidecarError, sidecarReadings }: Pick<DocumentHead, 'sidecarError' | 'sidecarReadings'>,
  updatedAt: string,
): Promise<boolean> {
  const switched = await table.update(headKey(documentId), {
    ...definedAndNot({ ...completed(sidecarError), liveVersion: version, title, chunkCount, updatedAt }, ['title']),
    when: `${newestAndOpen}
           AND (attribute_not_exists(#liveVersion) OR #liveVersion <> :version)
           AND ${sidecarError ? '#sidecarReadings = :sidecarReadings' : 'attribute_not_exists(#sidecarError)'}`,
    values: { version, ...openStatuses, ...(sidecarError && { sidecarReadings }) },
  });
  return switched !== undefined;
}
