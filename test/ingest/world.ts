import { AdaptiveConcurrency } from '../../lambdas/adaptive-concurrency.ts';
import { documentIdOf } from '../../lambdas/document.ts';
import { UnreadableDocument } from '../../lambdas/errors.ts';
import { buryDeadLetter, parseDeadLetter } from '../../lambdas/ingest/dead-letter.ts';
import { fileAway, filingDocuments } from '../../lambdas/ingest/drop-box.ts';
import { embedBatch } from '../../lambdas/ingest/embed.ts';
import { intake } from '../../lambdas/ingest/intake.ts';
import type {
  EmbedMessage,
  FileMessage,
  MetadataMessage,
  ProcessMessage,
  RebuildMessage,
  RemoveMessage,
} from '../../lambdas/ingest/messages.ts';
import { spreadMetadata } from '../../lambdas/ingest/metadata.ts';
import { processDocument } from '../../lambdas/ingest/process.ts';
import { rebuildDocument } from '../../lambdas/ingest/rebuild.ts';
import { removeVersion } from '../../lambdas/ingest/remove.ts';
import { rulesReader } from '../../lambdas/ingest/rules.ts';
import { parseS3Event } from '../../lambdas/ingest/s3-event.ts';
import { type JobKind, type JobScope, newJob } from '../../lambdas/job.ts';
import { type JobMessage, newJobId } from '../../lambdas/jobs/messages.ts';
import { runJob } from '../../lambdas/jobs/run-job.ts';
import type { StatisticsMessage } from '../../lambdas/lexical/messages.ts';
import type { WorkQueue } from '../../lambdas/ports.ts';
import { chunkAt } from '../contracts/chunk-store.ts';
import { inMemoryChunkStore } from '../fakes/chunk-store.ts';
import { eTagOf, inMemoryDocumentBucket } from '../fakes/document-bucket.ts';
import { readerOf } from '../fakes/document-reader.ts';
import { inMemoryDocumentStore } from '../fakes/document-store.ts';
import { inMemoryEmbeddingArchive } from '../fakes/embedding-archive.ts';
import { fakeEmbeddingModel } from '../fakes/embedding-model.ts';
import { inMemoryJobStore } from '../fakes/job-store.ts';
import { inMemoryVectorStore } from '../fakes/vector-store.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';

const maxDocumentBytes = 10_000;
const jobSettings = { maxDocumentBytes, embeddingModelId: 'fake-embedding-model' };
/** One step a message, and late enough for the registry's lists to have followed. */
const jobRun = () => ({ hasTime: () => false, now: new Date(Date.now() + 10_000) });
/** Content that no attempt can read. */
export const UNREADABLE = '!';

/** A message that waits to be handled, or is being handled. */
export interface Letter {
  readonly queue: 'events' | 'process' | 'embed' | 'remove' | 'jobs';
  readonly body: string;
  /** Given up by its queue: it waits for the dead-letter function. */
  dead: boolean;
}

/** Ports whose calls go through `gate` first, which may wait, or throw when the process is to die there. */
function gated<Ports extends object>(ports: Ports, gate: () => Promise<void>): Ports {
  const wrap = (target: object): object =>
    new Proxy(target, {
      get(object, name, receiver) {
        const member = Reflect.get(object, name, receiver);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          await gate();
          return Reflect.apply(member, object, args);
        };
      },
    });
  const entries = Object.entries(ports).map(([name, port]) => [name, typeof port === 'object' ? wrap(port) : port]);
  return Object.fromEntries(entries) as Ports; // the same names with wrapped values
}

/** Each line of a file is a chunk. */
function readLines(bytes: Uint8Array) {
  const content = Buffer.from(bytes).toString();
  if (content === UNREADABLE) throw new UnreadableDocument('corrupt-file', 'The file is damaged.');
  const lines = content.split('\n');
  return { title: `About ${lines[0]}`, chunks: lines.map((line, index) => chunkAt(index, line)) };
}

/** A bucket with everything behind it, in memory: what happens in the bucket becomes letters, in no order. */
export class World {
  readonly bucket = inMemoryDocumentBucket();
  readonly documents = inMemoryDocumentStore();
  readonly chunks = inMemoryChunkStore();
  readonly vectors = inMemoryVectorStore();
  readonly archive = inMemoryEmbeddingArchive();
  readonly jobs = inMemoryJobStore();
  readonly statistics = inMemoryWorkQueue<StatisticsMessage>();
  readonly letters: Letter[] = [];
  readonly #embeddings = fakeEmbeddingModel(4);
  #sequence = 0xf8;

  put(key: string, content: string): void {
    const versionId = this.bucket.put(key, content);
    const bytes = Buffer.from(content);
    this.#announce('ObjectCreated:Put', key, { versionId, eTag: eTagOf(bytes), size: bytes.length });
  }

  mark(key: string): void {
    this.#announce('ObjectRemoved:DeleteMarkerCreated', key, { versionId: this.bucket.mark(key) });
  }

  /** Deletes one of the key's versions or delete markers for good; `pick` chooses. */
  erase(key: string, pick: number): void {
    const versionIds = this.bucket.versionIds(key);
    const versionId = versionIds[pick % versionIds.length];
    if (versionId === undefined) return;
    this.bucket.erase(key, versionId);
    this.#announce('ObjectRemoved:Delete', key, { versionId });
  }

  /** What functions delete is announced as what people delete. */
  async #removeIf(key: string, eTag: string): Promise<boolean> {
    const isRemoved = await this.bucket.removeIf(key, eTag);
    const versionId = this.bucket.versionIds(key).at(-1);
    if (isRemoved) this.#announce('ObjectRemoved:DeleteMarkerCreated', key, { versionId });
    return isRemoved;
  }

  #announce(eventName: string, key: string, object: Record<string, unknown>): void {
    this.#sequence += 1;
    const sequencer = this.#sequence.toString(16).toUpperCase(); // grows from two to three digits on the way
    const record = { eventName, s3: { object: { key: encodeURIComponent(key), sequencer, ...object } } };
    this.#post('events', { Records: [record] });
  }

  #post(queue: Letter['queue'], message: unknown): void {
    this.letters.push({ queue, body: JSON.stringify(message), dead: false });
  }

  #queue<Message>(name: Letter['queue']): WorkQueue<Message> {
    return {
      send: async messages => {
        for (const message of messages) this.#post(name, message);
      },
    };
  }

  /** Handles the letter as its function would, with `gate` before each call of a port. Takes nothing off any queue. */
  async handle({ queue, body, dead }: Letter, gate: () => Promise<void> = async () => undefined): Promise<void> {
    const ports = gated(
      {
        documents: filingDocuments(this.documents, this.#queue<FileMessage>('remove')),
        chunks: this.chunks,
        vectors: this.vectors,
        archive: this.archive,
        pace: new AdaptiveConcurrency({ max: 8, service: 'The embedding model' }),
        bucket: { ...this.bucket, removeIf: (key: string, eTag: string) => this.#removeIf(key, eTag) },
        embeddings: this.#embeddings,
        readDocument: readerOf(readLines),
        readRules: rulesReader(this.bucket),
        processQueue: this.#queue<ProcessMessage>('process'),
        embedQueue: this.#queue<EmbedMessage>('embed'),
        rebuildQueue: this.#queue<RebuildMessage>('embed'),
        metadataQueue: this.#queue<MetadataMessage>('embed'),
        removeQueue: this.#queue<RemoveMessage>('remove'),
        fileQueue: this.#queue<FileMessage>('remove'),
        statisticsQueue: this.statistics,
        jobQueue: this.#queue<JobMessage>('jobs'),
        jobs: this.jobs,
      },
      gate,
    );
    if (dead) await buryDeadLetter(ports, parseDeadLetter(body));
    else if (queue === 'process')
      await processDocument(ports, JSON.parse(body), { maxDocumentBytes, timeLimitMs: 60_000 });
    else if (queue === 'embed' && 'metadataRevision' in JSON.parse(body)) {
      await spreadMetadata(ports, JSON.parse(body), () => false);
    } else if (queue === 'embed' && 'rebuild' in JSON.parse(body)) await rebuildDocument(ports, JSON.parse(body));
    else if (queue === 'embed') await embedBatch(ports, JSON.parse(body));
    else if (queue === 'jobs') await runJob(ports, jobSettings, JSON.parse(body).jobId, jobRun());
    else if (queue === 'remove' && 'file' in JSON.parse(body)) await fileAway(ports, JSON.parse(body));
    else if (queue === 'remove') await removeVersion(ports, JSON.parse(body));
    else for (const event of parseS3Event(body)) await intake(ports, event, { maxDocumentBytes });
  }

  /** Off its queue. */
  take(letter: Letter): void {
    const place = this.letters.indexOf(letter);
    if (place >= 0) this.letters.splice(place, 1);
  }

  /** Handles letters until none is left, the oldest first; one that fails goes back to the end. */
  async settle(): Promise<void> {
    for (let handled = 0; handled < 2_000; handled += 1) {
      const letter = this.letters.shift();
      if (!letter) return;
      await this.handle(letter).catch(() => this.letters.push(letter));
    }
    throw new Error('Some letters are never done with');
  }

  /** Has everything compared with the bucket, however recently it changed. */
  reconcile(): Promise<string> {
    return this.start('INCREMENTAL', { quietMinutes: 0 });
  }

  /** Begins a job of the default tenant. @returns its id */
  async start(kind: JobKind, scope: JobScope): Promise<string> {
    const jobId = newJobId();
    const tenant = kind === 'INCREMENTAL' ? undefined : 'default';
    const startedAt = new Date().toISOString();
    await this.jobs.create(newJob({ jobId, kind, scope, startedBy: 'test', startedAt, ...(tenant && { tenant }) }));
    this.#post('jobs', { jobId });
    return jobId;
  }

  /** What a person does about a FAILED document. */
  async retry(key: string): Promise<boolean> {
    const documentId = documentIdOf('default', key);
    const head = await this.documents.getHead(documentId);
    if (!head || !(await this.documents.reopen(documentId, head.newestVersion))) return false;
    this.#post('process', { documentId, version: head.newestVersion });
    return true;
  }

  async read(key: string) {
    const documentId = documentIdOf('default', key);
    const ofDocument = (item: { documentId: string }) => item.documentId === documentId;
    const [head, versions] = await Promise.all([
      this.documents.getHead(documentId),
      this.documents.listVersions(documentId),
    ]);
    return {
      documentId,
      head,
      versions,
      live: versions.find(({ version }) => version === head?.liveVersion),
      chunks: this.chunks.all().filter(ofDocument),
      vectors: this.vectors.refs().filter(ofDocument),
      archived: this.archive.versions().filter(ofDocument),
      metadata: this.vectors
        .all()
        .filter(({ ref }) => ofDocument(ref))
        .map(({ metadata: { groups, attributes = {} } }) => ({ ...(groups && { groups }), attributes })),
    };
  }
}
