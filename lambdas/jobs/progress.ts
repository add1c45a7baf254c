import type { Job } from '../job.ts';
import type { DocumentStore } from '../ports.ts';

export interface JobProgress {
  /** Documents that came to a good end, or were overtaken by a newer upload or deleted. */
  readonly processed: number;
  readonly failed: number;
  /** Documents that are still to be done. */
  readonly outstanding: number;
}

/** How far a job's documents are, by their own states. */
export async function progressOf(
  documents: Pick<DocumentStore, 'countOfJob'>,
  { jobId, startedAt, total }: Job,
): Promise<JobProgress> {
  const { pending, processing, failed } = await documents.countOfJob(jobId, startedAt);
  const outstanding = pending + processing;
  return { processed: Math.max(0, total - outstanding - failed), failed, outstanding };
}
