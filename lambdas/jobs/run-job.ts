import type { Job, JobPhase, Mend } from '../job.ts';
import { type JobPorts, type JobSettings, type JobStep, quietMsOf } from './ports.ts';
import { processObjectsAgain, reindexDocuments } from './process-again.ts';
import { progressOf } from './progress.ts';
import { reconcileDocuments } from './reconcile-documents.ts';
import { resumeStoppedJobs } from './reconcile-jobs.ts';
import { reconcileChunks, reconcileEmbeddings, reconcileVectors } from './reconcile-leftovers.ts';
import { reconcileObjects } from './reconcile-objects.ts';
import { retryFailed } from './retry-failed.ts';

export interface JobOutcome {
  /** `continues`: a message to go on was sent; `overtaken`: another message of this job is at work, or it was ended. */
  readonly outcome: 'completed' | 'continues' | 'overtaken' | 'failed';
  readonly job?: Job;
}

export interface JobRun {
  /** Whether there is time for one more step, of at most a minute or two. */
  readonly hasTime: () => boolean;
  readonly now: Date;
}

const MAX_EXAMPLES = 20;
/** Documents of a job that are not done by then are no longer waited for. */
const MAX_WAIT_MS = 7 * 24 * 60 * 60 * 1_000;
/** Documents that are sent on again at a time. */
const MAX_SENT_ON = 1_000;
const WAIT_SECONDS = { first: 5, most: 300 };

/** Goes on with a job, step by step, each recorded before the next; when the time is over, a message goes on with it. */
export async function runJob(ports: JobPorts, settings: JobSettings, jobId: string, run: JobRun): Promise<JobOutcome> {
  let job = await ports.jobs.get(jobId);
  if (job?.status !== 'RUNNING') return { outcome: 'overtaken' };
  while (job.phase !== 'documents-processing') {
    const next: Job | undefined = await ports.jobs.advance(after(job, await takeStep(ports, settings, job, run.now)));
    if (!next) return { outcome: 'overtaken' };
    job = next;
    if (run.hasTime()) continue;
    await ports.jobQueue.send([{ jobId }]);
    return { outcome: 'continues', job };
  }
  return waitForDocuments(ports, job, run.now);
}

function takeStep(ports: JobPorts, settings: JobSettings, job: Job, now: Date): Promise<JobStep> {
  switch (job.phase) {
    case 'objects':
      return job.kind === 'BATCH' ? processObjectsAgain(ports, settings, job) : reconcileObjects(ports, settings, job);
    case 'documents':
      return job.kind === 'REINDEX'
        ? reindexDocuments(ports, settings, job)
        : reconcileDocuments(ports, settings, job, now);
    case 'vectors':
      return reconcileVectors(ports, job);
    case 'chunks':
      return reconcileChunks(ports, job);
    case 'embeddings':
      return reconcileEmbeddings(ports, job);
    case 'jobs':
      return resumeStoppedJobs(ports, job, now);
    case 'failures':
      return retryFailed(ports, job);
    case 'documents-processing':
      throw new Error('A job that waits for its documents has no step to take');
  }
}

const RECONCILE_PHASES: readonly JobPhase[] = ['objects', 'documents', 'vectors', 'chunks', 'embeddings', 'jobs'];

function phaseAfter({ kind, phase }: Job): JobPhase {
  const next = kind === 'INCREMENTAL' ? RECONCILE_PHASES[RECONCILE_PHASES.indexOf(phase) + 1] : undefined;
  return next ?? 'documents-processing';
}

/** The job with what the step did. */
function after(job: Job, { examined, started, mends, cursor }: JobStep): Job {
  const mended = { ...job.mended };
  for (const { kind } of mends) mended[kind] += 1;
  return {
    ...job,
    phase: cursor === undefined ? phaseAfter(job) : job.phase,
    cursor,
    examined: job.examined + examined,
    total: job.total + started,
    mended,
    examples: examplesOf(job.examples, mends),
  };
}

/** The first of each kind come before further ones of a kind that is frequent. */
function examplesOf(known: readonly Mend[], mends: readonly Mend[]): Mend[] {
  const fresh = mends.filter(
    ({ kind }, position) =>
      !known.some(mend => mend.kind === kind) && mends.findIndex(mend => mend.kind === kind) === position,
  );
  const others = mends.filter(mend => !fresh.includes(mend));
  return [...known.slice(0, MAX_EXAMPLES - fresh.length), ...fresh, ...others].slice(0, MAX_EXAMPLES);
}

/** The job is over when each of its documents has come to its end: their own states say so, whatever was sent how often. */
async function waitForDocuments(ports: JobPorts, job: Job, now: Date): Promise<JobOutcome> {
  const { jobId } = job;
  const { processed, failed, outstanding } = await progressOf(ports.documents, job);
  const hasMoved = job.movedAt === undefined || processed !== job.processed || failed !== job.failed;
  const isStuck = outstanding > 0 && !hasMoved && now.getTime() - Date.parse(job.movedAt ?? '') >= quietMsOf(job);
  if (isStuck) await sendOnAgain(ports, job);
  const movedAt = hasMoved || isStuck ? now.toISOString() : job.movedAt;
  const recorded = await ports.jobs.advance({ ...job, processed, failed, ...(movedAt && { movedAt }) });
  if (!recorded) return { outcome: 'overtaken' };
  const ageMs = now.getTime() - Date.parse(job.startedAt);
  // The first look comes too early: the registry's lists follow its records with a delay.
  const isSettled = job.total === 0 || now.getTime() - Date.parse(job.updatedAt) >= WAIT_SECONDS.first * 1_000;
  if (outstanding === 0 && isSettled) {
    return { outcome: 'completed', job: await ports.jobs.end(jobId, 'COMPLETED') };
  }
  if (ageMs > MAX_WAIT_MS) {
    const error = `${outstanding} documents were still not done after seven days; see which with GET /documents.`;
    return { outcome: 'failed', job: await ports.jobs.end(jobId, 'FAILED', error) };
  }
  const delaySeconds = Math.round(Math.min(WAIT_SECONDS.most, Math.max(WAIT_SECONDS.first, ageMs / 10_000)));
  await ports.jobQueue.send([{ jobId }], { delaySeconds });
  return { outcome: 'continues', job: recorded };
}

/** None of its documents has ended for long: their messages are lost, perhaps. Sent again they do no harm. */
async function sendOnAgain({ documents, processQueue }: JobPorts, { jobId, startedAt }: Job): Promise<void> {
  const heads = await documents.outstandingOfJob(jobId, startedAt, MAX_SENT_ON);
  await processQueue.send(heads.map(({ documentId, newestVersion: version }) => ({ documentId, version })));
}
