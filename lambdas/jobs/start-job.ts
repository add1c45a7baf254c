import { type Job, type NewJob, newJob } from '../job.ts';
import type { JobStore, WorkQueue } from '../ports.ts';
import { type JobMessage, jobIdOf, type ScheduledEvent } from './messages.ts';

interface StartPorts {
  readonly jobs: JobStore;
  readonly jobQueue: WorkQueue<JobMessage>;
}

/** Records a job and has it begun; starting the same one again changes nothing. */
export async function startJob({ jobs, jobQueue }: StartPorts, job: NewJob): Promise<Job> {
  const started = newJob(job);
  await jobs.create(started);
  try {
    await jobQueue.send([{ jobId: job.jobId }]);
  } catch (cause) {
    // A job that nothing goes on with must not look as if it ran.
    await jobs.end(job.jobId, 'FAILED', 'The job could not be begun. Start another one.');
    throw cause;
  }
  return started;
}

/** The daily reconcile. An event that comes twice starts one job. */
export async function startScheduled(
  { jobs, jobQueue }: StartPorts,
  event: ScheduledEvent,
  now = new Date(),
): Promise<string> {
  const jobId = jobIdOf(event);
  const startedAt = now.toISOString();
  await jobs.create(newJob({ jobId, kind: 'INCREMENTAL', scope: {}, startedBy: 'schedule', startedAt }));
  await jobQueue.send([{ jobId }]);
  return jobId;
}
