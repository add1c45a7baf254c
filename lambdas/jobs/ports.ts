import type {
  FileMessage,
  MetadataMessage,
  ProcessMessage,
  RebuildMessage,
  RemoveMessage,
} from '../ingest/messages.ts';
import type { Job, Mend } from '../job.ts';
import type { StatisticsMessage } from '../lexical/messages.ts';
import type {
  ChunkStore,
  DocumentBucket,
  DocumentStore,
  EmbeddingArchive,
  JobStore,
  VectorStore,
  WorkQueue,
} from '../ports.ts';
import type { JobMessage } from './messages.ts';

export interface JobPorts {
  readonly jobs: JobStore;
  readonly documents: DocumentStore;
  readonly chunks: Pick<ChunkStore, 'count' | 'newestVersion' | 'removeVersion' | 'scan'>;
  readonly vectors: Pick<VectorStore, 'namespaces' | 'list' | 'removeVersion'>;
  readonly archive: Pick<EmbeddingArchive, 'list' | 'removeVersion'>;
  readonly bucket: Pick<DocumentBucket, 'head' | 'list' | 'read'>;
  readonly processQueue: WorkQueue<ProcessMessage>;
  readonly rebuildQueue: WorkQueue<RebuildMessage>;
  readonly metadataQueue: WorkQueue<MetadataMessage>;
  readonly removeQueue: WorkQueue<RemoveMessage>;
  readonly fileQueue: WorkQueue<FileMessage>;
  readonly jobQueue: WorkQueue<JobMessage>;
  readonly statisticsQueue: WorkQueue<StatisticsMessage>;
}

export interface JobSettings {
  readonly maxDocumentBytes: number;
  /** The model that documents are embedded with now. */
  readonly embeddingModelId: string;
}

/** What one step of a job did, and where the next one goes on. */
export interface JobStep {
  /** Objects, documents, vectors or chunks looked at. */
  readonly examined: number;
  /** Documents that are processed because of it. */
  readonly started: number;
  readonly mends: readonly Mend[];
  /** Absent: there is nothing left in this phase. */
  readonly cursor?: string;
}

/** What became of one object or document. */
export interface Examined {
  /** It is processed because of this job. */
  readonly started?: boolean;
  readonly mend?: Mend;
}

const DEFAULT_QUIET_MINUTES = 60;

/** For how long nothing must have happened to something before the job takes it for forgotten. */
export const quietMsOf = ({ scope }: Pick<Job, 'scope'>): number =>
  (scope.quietMinutes ?? DEFAULT_QUIET_MINUTES) * 60_000;

/** Adds up what became of the members of a page. */
export const stepOf = (page: readonly Examined[], cursor: string | undefined): JobStep => ({
  examined: page.length,
  started: page.filter(({ started }) => started).length,
  mends: page.map(({ mend }) => mend).filter(mend => mend !== undefined),
  ...(cursor !== undefined && { cursor }),
});
