/** BATCH: everything under a prefix, again. INCREMENTAL: reconcile. REINDEX: what is indexed, again. RETRY: what FAILED. */
export type JobKind = 'BATCH' | 'INCREMENTAL' | 'REINDEX' | 'RETRY';
export type JobStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

/** What a job works on; only what fits its kind is given. */
export interface JobScope {
  /** BATCH: what the objects' keys start with. */
  readonly prefix?: string;
  /** REINDEX: `others` leaves out what the present embedding model embedded. */
  readonly models?: 'all' | 'others';
  /** RETRY: only documents that failed with one of these codes. */
  readonly codes?: readonly string[];
  /** What changed within these minutes is left to the messages that are under way. */
  readonly quietMinutes?: number;
}

/**
 * What a reconcile mended: `registered`, an object without a document; `updated`, one that is another than its document's
 * newest upload; `deleted`, a document without its object; `resent`, one that nothing happened to, or whose upload
 * was left in the drop box; `rebuilt`, a live
 * version that lacked vectors or chunks; `removed`, vectors or chunks that no reader may be shown;
 * `metadata`, groups or attributes of a document or its vectors that were not those of its sidecar.
 */
export type MendKind = 'registered' | 'updated' | 'deleted' | 'resent' | 'rebuilt' | 'removed' | 'metadata';

export interface Mend {
  readonly kind: MendKind;
  readonly tenant: string;
  readonly documentId: string;
  /** Absent when only vectors or chunks tell of the document. */
  readonly key?: string;
}

/** What a job looks through, in this order where it has several; `documents-processing`: it waits for what it started. */
export type JobPhase =
  | 'objects'
  | 'documents'
  | 'vectors'
  | 'chunks'
  | 'embeddings'
  | 'jobs'
  | 'failures'
  | 'documents-processing';

/** A run over many documents; kept in steps, so that it goes on where it stopped. */
export interface Job {
  readonly jobId: string;
  readonly kind: JobKind;
  readonly status: JobStatus;
  /** Whose documents; absent: every tenant's. */
  readonly tenant?: string;
  readonly scope: JobScope;
  /** The id of who asked for it, or `schedule`. */
  readonly startedBy: string;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly endedAt?: string;
  /** Counts its writes: a step is written only over the step that it went on from. */
  readonly revision: number;
  readonly phase: JobPhase;
  /** Where in the phase the next step goes on. */
  readonly cursor?: string;
  /** Objects, documents, vectors and chunks looked at. */
  readonly examined: number;
  /** Documents that it has had processed; those that a newer upload overtook are among them. */
  readonly total: number;
  /** Of these, COMPLETED, or overtaken, or deleted since. */
  readonly processed: number;
  readonly failed: number;
  /** While it waits for its documents: when the last of them came to its end, or they were sent on again. */
  readonly movedAt?: string;
  readonly mended: Readonly<Record<MendKind, number>>;
  /** The first things that were mended. */
  readonly examples: readonly Mend[];
  readonly error?: string;
}

const FIRST_PHASE: Readonly<Record<JobKind, JobPhase>> = {
  BATCH: 'objects',
  INCREMENTAL: 'objects',
  REINDEX: 'documents',
  RETRY: 'failures',
};

export interface NewJob {
  /** See `newJobId`. */
  readonly jobId: string;
  readonly kind: JobKind;
  readonly tenant?: string;
  readonly scope: JobScope;
  readonly startedBy: string;
  readonly startedAt: string;
}

/** A job that has not done anything yet. */
export const newJob = (job: NewJob): Job => ({
  ...job,
  status: 'RUNNING',
  updatedAt: job.startedAt,
  revision: 1,
  phase: FIRST_PHASE[job.kind],
  examined: 0,
  total: 0,
  processed: 0,
  failed: 0,
  mended: { registered: 0, updated: 0, deleted: 0, resent: 0, rebuilt: 0, removed: 0, metadata: 0 },
  examples: [],
});
