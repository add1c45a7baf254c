import type { Job } from '../job.ts';
import { type JobPorts, type JobStep, quietMsOf, stepOf } from './ports.ts';

/**
 * Reconcile, of the jobs themselves: one that runs, but that nothing goes on with, has lost its message, and is sent
 * another. A job that waits looks at its documents every few minutes.
 */
export async function resumeStoppedJobs({ jobs, jobQueue }: JobPorts, job: Job, now: Date): Promise<JobStep> {
  const stopped = await jobs.listStopped(new Date(now.getTime() - quietMsOf(job)).toISOString());
  const others = stopped.filter(({ jobId }) => jobId !== job.jobId);
  await jobQueue.send(others.map(({ jobId }) => ({ jobId })));
  return { ...stepOf([], undefined), examined: others.length };
}
