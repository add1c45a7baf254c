import type { Job, JobStatus } from '../job.ts';

export interface WorkQueue<Message> {
  /**
   * Sends all of them, in batches; sending one twice does no harm, by the messages' design. `delaySeconds` (0 to 900)
   * keeps them from view for as long.
   */
  send(messages: readonly Message[], options?: { readonly delaySeconds?: number }): Promise<void>;
}

/** The dead-letter queues of all work queues. */
export interface DeadLetterQueues {
  /**
   * Has the messages of each sent back to its work queue, where they are tried as often as new ones.
   * @returns the queues that held any, with about how many
   */
  redrive(): Promise<readonly { readonly queue: string; readonly messages: number }[]>;
}

/** Jobs and how far they are. */
export interface JobStore {
  /** @returns false when there is a job with this id already: nothing is changed then */
  create(job: Job): Promise<boolean>;
  get(jobId: string): Promise<Job | undefined>;
  /**
   * Jobs of a tenant, last started first; those over all tenants are the default tenant's.
   * @throws AppFailure invalid-request for a foreign cursor
   */
  list(
    tenant: string,
    options: { status?: JobStatus; limit: number; cursor?: string },
  ): Promise<{ jobs: Job[]; cursor?: string }>;
  /** RUNNING jobs of all tenants to which nothing has happened since then (ISO 8601). */
  listStopped(since: string): Promise<Job[]>;
  /**
   * Writes `job`, as the step after the one that it was read at.
   * @returns the job as it is now; undefined when somebody else went on from there first, or ended the job
   */
  advance(job: Job): Promise<Job | undefined>;
  /** RUNNING → the end. @returns the job as it is now; undefined when it was not RUNNING */
  end(jobId: string, status: Exclude<JobStatus, 'RUNNING'>, error?: string): Promise<Job | undefined>;
}
