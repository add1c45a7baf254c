import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../lambdas/cursor.ts';
import { DEFAULT_TENANT } from '../../lambdas/ingest/document-key.ts';
import type { Job } from '../../lambdas/job.ts';
import type { JobStore } from '../../lambdas/ports.ts';

const position = z.strictObject({ from: z.number() });

/** Jobs in memory. */
export function inMemoryJobStore(clock: () => Date = () => new Date()): JobStore {
  const jobs = new Map<string, Job>();
  const now = () => clock().toISOString();
  const put = (job: Job): Job => {
    jobs.set(job.jobId, structuredClone(job));
    return structuredClone(job);
  };

  return {
    async create(job) {
      if (jobs.has(job.jobId)) return false;
      put(job);
      return true;
    },
    get: async jobId => structuredClone(jobs.get(jobId)),
    async list(tenant, { status, limit, cursor }) {
      const { from } = cursor ? decodeCursor(position, cursor) : { from: 0 };
      const found = [...jobs.values()]
        .filter(job => (job.tenant ?? DEFAULT_TENANT) === tenant && (!status || job.status === status))
        .sort((a, b) => b.startedAt.localeCompare(a.startedAt) || b.jobId.localeCompare(a.jobId));
      const to = from + limit;
      return { jobs: found.slice(from, to), ...(to < found.length && { cursor: encodeCursor({ from: to }) }) };
    },
    listStopped: async since =>
      [...jobs.values()]
        .filter(({ status, updatedAt }) => status === 'RUNNING' && updatedAt <= since)
        .map(job => structuredClone(job)),
    async advance(job) {
      const known = jobs.get(job.jobId);
      if (known?.status !== 'RUNNING' || known.revision !== job.revision) return undefined;
      return put({ ...known, ...job, status: known.status, revision: job.revision + 1, updatedAt: now() });
    },
    async end(jobId, status, error) {
      const known = jobs.get(jobId);
      if (known?.status !== 'RUNNING') return undefined;
      return put({ ...known, status, updatedAt: now(), endedAt: now(), ...(error !== undefined && { error }) });
    },
  };
}
