import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { DEFAULT_TENANT } from '../ingest/document-key.ts';
import type { Job, JobStatus } from '../job.ts';
import type { JobStore } from '../ports.ts';
import { type DynamodbClient, queryPages } from './dynamodb-client.ts';
import { DynamodbTable } from './dynamodb-table.ts';

const statuses = ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const satisfies readonly JobStatus[];
const mendKind = z.enum(['registered', 'updated', 'deleted', 'resent', 'rebuilt', 'removed', 'metadata']);

const jobItem = z.object({
  jobId: z.string(),
  kind: z.enum(['BATCH', 'INCREMENTAL', 'REINDEX', 'RETRY']),
  status: z.enum(statuses),
  tenant: z.string().optional(),
  scope: z.object({
    prefix: z.string().optional(),
    models: z.enum(['all', 'others']).optional(),
    codes: z.array(z.string()).optional(),
    quietMinutes: z.number().optional(),
  }),
  startedBy: z.string(),
  startedAt: z.string(),
  updatedAt: z.string(),
  endedAt: z.string().optional(),
  revision: z.number(),
  phase: z.enum([
    'objects',
    'documents',
    'vectors',
    'chunks',
    'embeddings',
    'jobs',
    'failures',
    'documents-processing',
  ]),
  cursor: z.string().optional(),
  examined: z.number(),
  total: z.number(),
  movedAt: z.string().optional(),
  processed: z.number(),
  failed: z.number(),
  mended: z.record(mendKind, z.number()),
  examples: z.array(
    z.object({ kind: mendKind, tenant: z.string(), documentId: z.string(), key: z.string().optional() }),
  ),
  error: z.string().optional(),
});

/** The last job of a page: the next one goes on with those that were started before it. */
const listCursor = z.strictObject({ startedAt: z.string(), jobId: z.string() });

/** Jobs in the Jobs table; `status-startedAt` lists them. */
export function dynamodbJobStore(
  client: DynamodbClient,
  tableName: string,
  clock: () => Date = () => new Date(),
): JobStore {
  const table = new DynamodbTable(client, tableName);
  const now = () => clock().toISOString();
  const parse = (item: unknown): Job => jobItem.parse(item);

  /** Newest first, those after the cursor, at most `limit` of them. */
  async function ofStatus(status: JobStatus, tenant: string, limit: number, cursor: string | undefined) {
    const after = cursor === undefined ? undefined : decodeCursor(listCursor, cursor);
    const jobs: Job[] = [];
    let startKey: Record<string, unknown> | undefined;
    do {
      const page = await client.query({
        TableName: tableName,
        IndexName: 'status-startedAt',
        KeyConditionExpression: '#status = :status AND startedAt <= :latest',
        FilterExpression: `tenant = :tenant${tenant === DEFAULT_TENANT ? ' OR attribute_not_exists(tenant)' : ''}`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': status, ':tenant': tenant, ':latest': after?.startedAt ?? '~' },
        ScanIndexForward: false,
        ExclusiveStartKey: startKey,
      });
      const found = (page.Items ?? []).map(parse);
      jobs.push(...found.filter(job => after === undefined || newestFirst(after, job) < 0));
      startKey = page.LastEvaluatedKey;
    } while (startKey && jobs.length < limit);
    return jobs;
  }

  return {
    create: job => table.putNew({ ...job }, 'jobId'),

    async get(jobId) {
      const item = await table.get({ jobId });
      return item && parse(item);
    },

    async list(tenant, { status, limit, cursor }) {
      const wanted = status ? [status] : statuses;
      const found = await Promise.all(wanted.map(one => ofStatus(one, tenant, limit + 1, cursor)));
      const sorted = found.flat().sort(newestFirst);
      const jobs = sorted.slice(0, limit);
      const last = jobs.at(-1);
      if (!last || sorted.length <= limit) return { jobs };
      return { jobs, cursor: encodeCursor({ startedAt: last.startedAt, jobId: last.jobId }) };
    },

    async listStopped(since) {
      const pages = queryPages(client, {
        TableName: tableName,
        IndexName: 'status-startedAt',
        KeyConditionExpression: '#status = :running',
        FilterExpression: 'updatedAt <= :since',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':running': 'RUNNING', ':since': since },
      });
      const jobs: Job[] = [];
      for await (const { Items = [] } of pages) jobs.push(...Items.map(parse));
      return jobs;
    },

    async advance({ jobId, status: _, startedAt: __, revision, ...job }) {
      const changed = await table.update(
        { jobId },
        {
          set: { ...job, revision: revision + 1, updatedAt: now() },
          remove: job.cursor === undefined ? ['cursor'] : [],
          when: '#revision = :seen AND #status = :running',
          values: { seen: revision, running: 'RUNNING' },
        },
      );
      return changed && parse(changed);
    },

    async end(jobId, status, error) {
      const changed = await table.update(
        { jobId },
        {
          set: { status, error, updatedAt: now(), endedAt: now() },
          when: '#status = :running',
          values: { running: 'RUNNING' },
        },
      );
      return changed && parse(changed);
    },
  };
}

/** Those that were started at the same moment by their ids, so that a page ends at a certain one. */
const newestFirst = (a: Pick<Job, 'startedAt' | 'jobId'>, b: Pick<Job, 'startedAt' | 'jobId'>): number =>
  b.startedAt.localeCompare(a.startedAt) || b.jobId.localeCompare(a.jobId);
