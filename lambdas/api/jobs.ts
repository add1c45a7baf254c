import type * as z from 'zod';
import type { Reader } from '../conversation.ts';
import { AppFailure } from '../errors.ts';
import { DEFAULT_TENANT, foldersOf } from '../ingest/document-key.ts';
import { GIVEN_UP_CODES } from '../ingest/failures.ts';
import type { Job } from '../job.ts';
import { type JobMessage, newJobId } from '../jobs/messages.ts';
import { progressOf } from '../jobs/progress.ts';
import { startJob } from '../jobs/start-job.ts';
import type { DeadLetterQueues, DocumentStore, JobStore, WorkQueue } from '../ports.ts';
import { requireOperator } from '../reader.ts';
import type {
  createJobSchema,
  jobListSchema,
  jobSchema,
  listJobsQuery,
  redriveSchema,
  retryDocumentsSchema,
} from './schemas.ts';

export interface JobApiPorts {
  readonly jobs: JobStore;
  readonly jobQueue: WorkQueue<JobMessage>;
  readonly documents: Pick<DocumentStore, 'countOfJob'>;
  readonly deadLetters: DeadLetterQueues;
}

type JobView = z.infer<typeof jobSchema>;

/** @throws AppFailure invalid-request for a prefix outside of the tenant's folders, not-allowed for another tenant's reconcile */
export async function createJob(
  ports: JobApiPorts,
  reader: Reader,
  request: z.infer<typeof createJobSchema>,
): Promise<JobView> {
  const { kind, ...scope } = request;
  const folders = foldersOf(reader.tenant);
  if (request.kind === 'BATCH' && !folders.some(folder => request.prefix.startsWith(folder))) {
    throw new AppFailure({ kind: 'invalid-request', issues: [`prefix: must start with ${folders.join(' or ')}`] });
  }
  // A reconcile has no bounds: lost records do not say whose they were.
  if (kind === 'INCREMENTAL') requireOperator(reader);
  return begin(ports, reader, { kind, scope, ...(kind !== 'INCREMENTAL' && { tenant: reader.tenant }) });
}

/** All FAILED documents of the tenant, or those with one code, as a job. */
export const retryDocuments = (
  ports: JobApiPorts,
  reader: Reader,
  { code }: z.infer<typeof retryDocumentsSchema>,
): Promise<JobView> => retry(ports, reader, code === undefined ? {} : { codes: [code] });

const retry = (ports: JobApiPorts, reader: Reader, scope: Job['scope']): Promise<JobView> =>
  begin(ports, reader, { kind: 'RETRY', tenant: reader.tenant, scope });

/**
 * What was given up is tried again: messages that are still in a dead-letter queue, and documents that stand for them. The
 * queues are of all tenants. @throws AppFailure not-allowed for another tenant's administrator
 */
export async function redrive(ports: JobApiPorts, reader: Reader): Promise<z.infer<typeof redriveSchema>> {
  requireOperator(reader);
  const queues = await ports.deadLetters.redrive();
  const job = await retry(ports, reader, { codes: GIVEN_UP_CODES });
  return { queues: queues.map(queue => ({ ...queue })), job };
}

async function begin(ports: JobApiPorts, reader: Reader, job: Pick<Job, 'kind' | 'tenant' | 'scope'>) {
  const now = new Date();
  const identity = { jobId: newJobId(), startedBy: reader.userId, startedAt: now.toISOString() };
  return viewOf(await startJob(ports, { ...job, ...identity }), reader, now);
}

export async function listJobs(
  { jobs }: JobApiPorts,
  reader: Reader,
  query: z.infer<typeof listJobsQuery>,
): Promise<z.infer<typeof jobListSchema>> {
  const page = await jobs.list(reader.tenant, query);
  const now = new Date();
  return { jobs: page.jobs.map(job => viewOf(job, reader, now)), ...(page.cursor && { cursor: page.cursor }) };
}

/** Far longer than a job that waits for its documents takes between two looks. */
const STOPPED_MS = 60 * 60_000;

/** How far it is now, counted from its documents' own states. A job that nothing goes on with is sent on. */
export async function getJob(ports: JobApiPorts, reader: Reader, jobId: string): Promise<JobView> {
  const job = await readJob(ports, reader, jobId);
  const now = new Date();
  if (job.status !== 'RUNNING') return viewOf(job, reader, now);
  if (now.getTime() - Date.parse(job.updatedAt) > STOPPED_MS) await ports.jobQueue.send([{ jobId }]);
  const { processed, failed } = await progressOf(ports.documents, job);
  return viewOf({ ...job, processed, failed }, reader, now);
}

/** The job goes no further; what it has sent on already is processed. @throws AppFailure job-not-running */
export async function cancelJob(ports: JobApiPorts, reader: Reader, jobId: string): Promise<JobView> {
  const job = await readJob(ports, reader, jobId);
  const cancelled = await ports.jobs.end(jobId, 'CANCELLED');
  if (!cancelled) throw new AppFailure({ kind: 'job-not-running', jobId, status: job.status });
  return viewOf(cancelled, reader, new Date());
}

/** @throws AppFailure job-not-found, for another tenant's too */
async function readJob({ jobs }: JobApiPorts, reader: Reader, jobId: string): Promise<Job> {
  const job = jobId.length <= 100 ? await jobs.get(jobId) : undefined;
  if (!job || (job.tenant ?? DEFAULT_TENANT) !== reader.tenant) throw new AppFailure({ kind: 'job-not-found', jobId });
  return job;
}

function viewOf(job: Job, reader: Reader, now: Date): JobView {
  const { jobId, kind, status, scope, startedBy, startedAt, updatedAt, endedAt, error } = job;
  const { examined, total, processed, failed, mended, examples } = job;
  return {
    ...{ jobId, kind, status, ...scope, startedBy, startedAt, updatedAt },
    ...{ listed: job.phase === 'documents-processing', examined, total, processed, failed },
    ...paceOf(job, now),
    ...(kind === 'INCREMENTAL' && {
      mended,
      examples: examples.filter(({ tenant }) => tenant === reader.tenant).map(({ tenant: _, ...mend }) => mend),
    }),
    ...(endedAt !== undefined && { endedAt }),
    ...(error !== undefined && { error }),
  };
}

/** From the start on, so that it is steady; the time left is unknown until everything is listed and something is done. */
function paceOf(job: Job, now: Date): Pick<JobView, 'documentsPerMinute' | 'secondsLeft'> {
  const seconds = (Date.parse(job.endedAt ?? now.toISOString()) - Date.parse(job.startedAt)) / 1_000;
  const done = job.processed + job.failed;
  const perSecond = done / Math.max(1, seconds);
  const isKnown = job.status === 'RUNNING' && job.phase === 'documents-processing' && done > 0;
  return {
    documentsPerMinute: Math.round(perSecond * 600) / 10,
    ...(isKnown && { secondsLeft: Math.ceil((job.total - done) / perSecond) }),
  };
}
