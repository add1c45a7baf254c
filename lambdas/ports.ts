import type { AttributeFilter } from './attribute-filter.ts';
import type { BudgetOwner, Limits, Spend, Spending } from './budgets.ts';
import type { Conversation, Feedback, Intervention, Reader, Turn } from './conversation.ts';
import type {
  AttributeValue,
  Chunk,
  ChunkRef,
  DocumentError,
  DocumentHead,
  DocumentMetadata,
  DocumentStatus,
  DocumentVersion,
  FiledObject,
  FoundObject,
  StoredChunk,
  Upload,
} from './document.ts';
import type { Job, JobStatus } from './job.ts';
import type { SparseVector } from './lexical/sparse-vector.ts';
import type { TermStatistics } from './lexical/term-statistics.ts';

/** Turns text into vectors. */
export interface EmbeddingModel {
  readonly modelId: string;
  /** Values in each embedding. */
  readonly dimension: number;
  /** Texts that one call of the model takes. */
  readonly textsPerCall: number;
  /** One embedding a text, of length 1, in the order of `texts`. */
  embedDocuments(texts: readonly string[], signal?: AbortSignal): Promise<number[][]>;
  /** Apart, because some models embed a question differently from the text that answers it. */
  embedQuery(text: string, signal?: AbortSignal): Promise<number[]>;
}

/** What a call is for: cost allocation in production, and the local model knows what is asked of it. */
export type Purpose = 'answer' | 'condense' | 'title' | 'summarize';

export interface Prompt {
  readonly purpose: Purpose;
  readonly system: string;
  /** Alternating, first and last from the user. */
  readonly messages: readonly PromptMessage[];
}

export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** What `text` is made of, joined by blank lines; told of the message that a guardrail is to check. */
  readonly parts?: readonly PromptPart[];
}

export interface PromptPart {
  /** `context` was checked before, or needs no check. */
  readonly kind: 'source' | 'question' | 'context';
  readonly text: string;
}

/** What one call of a model used. */
export interface CallTokens {
  /** All of the prompt, what the provider's cache held of it included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of `inputTokens`: read from the provider's cache, and written to it. */
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
}

export type ChatModelEvent =
  /** The pieces joined are the whole answer. */
  | { readonly type: 'text'; readonly text: string }
  /** The last event. `stopReason` is Bedrock's word: end_turn, max_tokens, guardrail_intervened … */
  | ({
      readonly type: 'end';
      readonly stopReason: string;
      /** A guardrail took the answer's place, or changed it; the text says what it says then. */
      readonly intervention?: Intervention;
    } & CallTokens);

export interface ChatModel {
  readonly modelId: string;
  /** @throws AppFailure service-unavailable when the model is throttled or down after retries, also midway */
  stream(prompt: Prompt, signal?: AbortSignal): AsyncIterable<ChatModelEvent>;
}

export interface EmbeddedChunk {
  readonly ref: ChunkRef;
  /** The document's object key: its folders become filterable metadata. */
  readonly key: string;
  /**
   * The document's groups and attributes, stored beside the vector: `groups` as a list that holds `*` where everyone may
   * read, and each attribute as `attr_<name>`.
   */
  readonly metadata: DocumentMetadata;
  readonly embedding: readonly number[];
  /** By its words, beside its meaning; absent: it is found by meaning alone. */
  readonly sparse?: SparseVector;
}

/** What a question looks for: by meaning, and by words. */
export interface QueryVector {
  readonly embedding: readonly number[];
  readonly sparse?: SparseVector;
}

/** What is to stand beside vectors that are stored already; an attribute that is `null` is forgotten. */
export interface MetadataChange {
  readonly groups?: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue | null>>;
}

/** Narrows a search; all that is given must hold. */
export interface SearchFilter {
  readonly documentIds?: readonly string[];
  /** Only documents whose key starts with this folder, e.g. `documents/s3/`; it ends with a slash. */
  readonly folder?: string;
  /** Only documents whose sidecar gives them such attributes. */
  readonly attributes?: AttributeFilter;
}

/** A chunk found by a vector query; `score` is the sum of both dot products, higher is closer. */
export interface Match extends ChunkRef {
  readonly score: number;
}

/** Eventually consistent: what was written may be missing from a query for some seconds. */
export interface VectorStore {
  upsert(namespace: string, chunks: readonly EmbeddedChunk[]): Promise<void>;
  /**
   * At most `topK` matches, best first, never from another namespace, and only of documents that everyone may read or
   * that are open to one of `groups`. A condition on attributes that a store cannot express (`prefix`) is passed over: the
   * caller compares with the document's record.
   */
  query(
    namespace: string,
    query: QueryVector,
    options: { topK: number; groups: readonly string[]; filter?: SearchFilter; signal?: AbortSignal },
  ): Promise<Match[]>;
  /** Replaces groups and changes attributes beside these vectors, the vectors stay; one that is not stored is passed over. */
  updateMetadata(namespace: string, refs: readonly ChunkRef[], change: MetadataChange): Promise<void>;
  /** Resolves when the chunk can be read back. @throws Error when it cannot within `timeoutMs` */
  waitUntilVisible(namespace: string, ref: ChunkRef, timeoutMs: number): Promise<void>;
  /** Removes every vector of one version of a document. */
  removeVersion(namespace: string, documentId: string, version: number): Promise<void>;
  /** Every namespace that holds vectors. */
  namespaces(): Promise<string[]>;
  /**
   * Pages of the chunks whose vectors are stored, sorted by id. What is no chunk of ours is left out, so a page may hold
   * none and still have a cursor. `prefix` as `chunkIdPrefix` gives it, or the beginning of one.
   */
  list(
    namespace: string,
    options: { prefix?: string; cursor?: string },
  ): Promise<{ refs: ChunkRef[]; cursor?: string }>;
}

/** The embedding of one chunk, as archived. */
export interface ArchivedEmbedding {
  /** Of the text that was embedded, the model and the dimension; see `embeddingHashOf`. */
  readonly hash: string;
  /** Values have the precision of 32 bits. */
  readonly embedding: readonly number[];
  /** It was taken over from another version, so that this version cost no call of the model for it. */
  readonly reused: boolean;
}

/** Names the embeddings of one batch of a version's chunks. `unfinished`: those that an attempt got before it failed. */
export interface EmbeddingPartRef {
  readonly documentId: string;
  readonly version: number;
  readonly batch: number;
  readonly unfinished?: boolean;
}

export interface EmbeddingPart {
  readonly modelId: string;
  readonly dimension: number;
  /** Of a finished part: one for each chunk of the batch, in order. */
  readonly entries: readonly ArchivedEmbedding[];
}

/** What a completed version's archive holds. */
export interface EmbeddingManifest {
  readonly modelId: string;
  readonly dimension: number;
  /** Chunks in each part but the last. */
  readonly partSize: number;
  /** By the chunk's index; null where the archive lacks the embedding. */
  readonly hashes: readonly (string | null)[];
}

/** Keeps embeddings apart from the vector store, so that the same text is never embedded twice. */
export interface EmbeddingArchive {
  /** Writing a part again replaces it. */
  putPart(ref: EmbeddingPartRef, part: EmbeddingPart): Promise<void>;
  /** @returns undefined when there is none, or it is damaged */
  getPart(ref: EmbeddingPartRef): Promise<EmbeddingPart | undefined>;
  /** The hashes of a part without its embeddings. @returns undefined when there is none, or it is damaged */
  getHashes(ref: EmbeddingPartRef): Promise<string[] | undefined>;
  putManifest(documentId: string, version: number, manifest: EmbeddingManifest): Promise<void>;
  /** @returns undefined when there is none, or it is damaged */
  getManifest(documentId: string, version: number): Promise<EmbeddingManifest | undefined>;
  /** Removes everything of a version. */
  removeVersion(documentId: string, version: number): Promise<void>;
  /** Goes through all versions of which anything is kept, in no certain order; one may come several times. */
  list(options: { cursor?: string | undefined }): Promise<{
    versions: Pick<ChunkRef, 'documentId' | 'version'>[];
    cursor?: string;
  }>;
}

export type Registration =
  /** `repeated`: this very event was registered before; its work may still have to be sent on. */
  | { readonly outcome: 'registered' | 'repeated'; readonly version: number; readonly status: DocumentStatus }
  /**
   * `stale`: a newer event of this key was handled already. `unordered`: the head was brought in line with the bucket
   * itself, which may be newer than this event; only the bucket knows.
   */
  | { readonly outcome: 'stale' }
  | { readonly outcome: 'unordered' };

export type Deletion =
  /** Versions 1 to `newestVersion` are to be removed. */
  | { readonly outcome: 'deleted' | 'repeated'; readonly newestVersion: number }
  | { readonly outcome: 'stale' | 'unknown' | 'unordered' };

/** How a registration was come by. */
export interface RegistrationOrigin {
  /** The bucket shows just this now, so that it may not be refused as `unordered`. @default false */
  readonly asPresent?: boolean;
  /**
   * Who may see a document that is new, or new again after its deletion, until its sidecar is recorded.
   * @default everyone, or as it was
   */
  readonly groups?: readonly string[];
}

/** Chooses documents; all that is given must hold. */
export interface HeadFilter {
  readonly status?: DocumentStatus;
  /** What the key starts with. */
  readonly prefix?: string;
  /** The key's extension, in lower case and without the dot. */
  readonly format?: string;
  /** ISO 8601, exclusive. */
  readonly updatedAfter?: string;
  /** ISO 8601, exclusive. */
  readonly updatedBefore?: string;
}

/** What was found where a document's sidecar would be. */
export interface SidecarReading {
  /** The S3 version of the sidecar, or `none`. */
  readonly version: string;
  /** Groups and attributes; of a sidecar that cannot be read, nobody and none. */
  readonly metadata: DocumentMetadata;
  readonly error?: DocumentError;
}

/** The registry of documents. Every write is one conditional write of one item. */
export interface DocumentStore {
  getHead(documentId: string): Promise<DocumentHead | undefined>;
  getVersion(documentId: string, version: number): Promise<DocumentVersion | undefined>;
  /** All uploads of a document, newest first. */
  listVersions(documentId: string): Promise<DocumentVersion[]>;
  /**
   * Documents that are not deleted, last updated first. A page may hold fewer than `limit`, even none, and still be
   * followed by others: as long as there is a cursor. @throws AppFailure invalid-request for a foreign cursor
   */
  listHeads(
    tenant: string,
    options: HeadFilter & { limit: number; cursor?: string },
  ): Promise<{ heads: DocumentHead[]; cursor?: string }>;
  /** Heads of all tenants, of deleted documents too, in no certain order; each page reads about `limit` records. */
  scanHeads(options: { limit: number; cursor?: string }): Promise<{ heads: DocumentHead[]; cursor?: string }>;
  /** Documents whose newest upload a job has processed, by state; `since` is when the job began (ISO 8601). */
  countOfJob(jobId: string, since: string): Promise<{ pending: number; processing: number; failed: number }>;
  /** Those of them that are PENDING or PROCESSING, at most `limit`: the ones that changed longest ago. */
  outstandingOfJob(jobId: string, since: string, limit: number): Promise<DocumentHead[]>;
  /**
   * Makes `upload` the newest version (PENDING), unless an event with its sequencer or a later one was handled. An object
   * version that is the newest already is `repeated`: only the sequencer moves on.
   */
  registerUpload(upload: Upload, origin?: RegistrationOrigin): Promise<Registration>;
  /**
   * Sets groups and attributes to what the sidecar says. While it is in error the document is COMPLETED at no time, but
   * FAILED with that error; once it is mended, a document whose newest version is live is COMPLETED again.
   * @param head as it was before the sidecar was read
   * @returns the head afterwards; undefined when it has changed in the meantime: read it and the sidecar again
   */
  recordSidecar(head: DocumentHead, reading: SidecarReading): Promise<DocumentHead | undefined>;
  /** Notes that the vectors carry groups and attributes as they were at this revision, if that is the newest. */
  recordMetadataSpread(documentId: string, metadataRevision: number): Promise<void>;
  /** Ends the document: from here on no version is live. An unknown one is remembered, so that its late upload is stale. */
  registerDeletion(
    deletion: { tenant: string; key: string; sequencer: string },
    origin?: RegistrationOrigin,
  ): Promise<Deletion>;
  /**
   * Makes what the bucket shows the newest version (PENDING), also when it is so already: to be processed anew. A listing
   * bears no sequencer, so the head keeps the one it has and is marked `unordered`; and nothing is written unless the head
   * is still as `seen`, which must have been read before the bucket was. So no newer event is ever overwritten.
   * A document that is new, or new again, is open to nobody until its sidecar is recorded.
   * @param options.after the new version's number is higher; for a document whose records were lost
   * @returns the version; undefined when the head has changed since it was read
   */
  registerFound(
    object: FoundObject,
    seen: DocumentHead | undefined,
    options?: { jobId?: string; after?: number },
  ): Promise<number | undefined>;
  /** Ends a document whose object is gone, under the same condition. @returns false when the head has changed */
  registerGone(seen: DocumentHead): Promise<boolean>;
  /** PENDING or PROCESSING → PROCESSING, one more attempt. @returns undefined when the version is not the newest, or done */
  startProcessing(documentId: string, version: number): Promise<DocumentVersion | undefined>;
  /** What processing found: how much there is to embed. */
  recordPlan(
    documentId: string,
    version: number,
    plan: { contentHash: string; title: string; chunkCount: number; batchCount: number },
  ): Promise<void>;
  /**
   * Adds `batch` to those embedded, and how many of its embeddings were taken over; the same batch twice counts once.
   * @returns the version afterwards
   */
  recordEmbedded(
    documentId: string,
    version: number,
    batch: number,
    embeddingModel: string,
    embeddingsReused?: number,
  ): Promise<DocumentVersion>;
  /**
   * Makes the version the live one and COMPLETED (FAILED if the sidecar is in error), in one conditional update of the
   * head; repeating it changes nothing.
   * @returns false when the version is no longer the newest, or FAILED, or the document was deleted
   */
  switchLive(version: DocumentVersion): Promise<boolean>;
  /**
   * Ends the version FAILED, and the head too if it is the newest; an older live version stays live. From then on it goes
   * live only if it is reopened first.
   * @returns false when nothing was changed, since it has completed meanwhile
   */
  fail(documentId: string, version: number, error: DocumentError): Promise<boolean>;
  /** Keeps the error of an attempt that will be repeated, for the dead-letter handler to report. */
  noteAttemptError(documentId: string, version: number, error: DocumentError): Promise<void>;
  /** FAILED → PENDING, for one more try. @returns false when the version was not FAILED, is not the newest, or is live */
  reopen(documentId: string, version: number, jobId?: string): Promise<boolean>;
  /** Notes where an upload of the drop box lies now; for the newest one of a document that is not deleted. */
  recordFiled(documentId: string, as: 'processed' | 'failed', object: FiledObject): Promise<void>;
  /** Marks a superseded or deleted version's chunks and vectors as gone. */
  recordRemoved(documentId: string, version: number): Promise<void>;
}

export interface ChunkStore {
  /** Writing the same chunks again changes nothing. */
  put(documentId: string, version: number, chunks: readonly Chunk[]): Promise<void>;
  /** Chunks `from` (inclusive) to `to` (exclusive), in order. */
  range(documentId: string, version: number, from: number, to: number): Promise<StoredChunk[]>;
  /** Removes the chunks of a version from number `index` on. */
  removeFrom(documentId: string, version: number, index: number): Promise<void>;
  removeVersion(documentId: string, version: number): Promise<void>;
  /** How many chunks of a version are stored. */
  count(documentId: string, version: number): Promise<number>;
  /** The highest version of which chunks are stored; 0 when there are none. */
  newestVersion(documentId: string): Promise<number>;
  /** Goes through all chunks of all documents, in no certain order; each page reads about `limit`. */
  scan(options: { limit: number; cursor?: string }): Promise<{ refs: ChunkRef[]; cursor?: string }>;
}

/** What the answering side reads: hits' chunks together with the heads that say whether they count. */
export interface PassageStore {
  /**
   * One batch read. Refs that are gone are left out; `heads` holds a head for each document that has one, and
   * `s3VersionIds` the object version that its live version was read from, where there is one and a ref points at it.
   */
  readChunksAndHeads(refs: readonly ChunkRef[]): Promise<{
    chunks: StoredChunk[];
    heads: ReadonlyMap<string, DocumentHead>;
    s3VersionIds: ReadonlyMap<string, string>;
  }>;
}

/** An object's bytes as they arrive. */
export interface ObjectBody {
  /** Bytes in all. */
  readonly size: number;
  /** To be read once. @throws Error when the connection is lost midway */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** An object as a listing of the bucket shows it. */
export interface ListedObject {
  readonly key: string;
  readonly eTag: string;
  /** Bytes. */
  readonly size: number;
}

/** The ingest bucket. */
export interface DocumentBucket {
  /** The objects whose keys start with `prefix`, in the order of their keys (UTF-8), in pages of at most `limit`. */
  list(
    prefix: string,
    options: { limit: number; cursor?: string },
  ): Promise<{ objects: ListedObject[]; cursor?: string }>;
  /** @returns undefined when there is no such object (or it was deleted) */
  head(key: string, s3VersionId?: string): Promise<{ eTag: string; size: number; s3VersionId?: string } | undefined>;
  /** @returns undefined when there is no such object or version */
  read(key: string, s3VersionId?: string): Promise<Uint8Array | undefined>;
  /** The stored versions of an object, newest first, delete markers left out; at most about `limit` of the newest. */
  versions(key: string, limit: number): Promise<string[]>;
  /** As `read`, piece by piece. What is not read to its end must be left by ending the iteration. */
  open(key: string, s3VersionId?: string): Promise<ObjectBody | undefined>;
  /** A link that opens this version for `expiresSeconds`. */
  presignGet(key: string, s3VersionId: string | undefined, expiresSeconds: number): Promise<string>;
  /** A form that uploads one object of at most `maxBytes` to `key`. */
  presignPost(
    key: string,
    options: { maxBytes: number; expiresSeconds: number },
  ): Promise<{ url: string; fields: Record<string, string> }>;
  /**
   * Copies one version within the bucket, onto an object that has this eTag now, or, without one, onto none.
   * @returns `absent` when there is nothing to copy, `changed` when the target is another one
   */
  copy(
    source: { readonly key: string; readonly s3VersionId?: string | undefined },
    targetKey: string,
    targetETag: string | undefined,
  ): Promise<{ s3VersionId?: string } | 'absent' | 'changed'>;
  write(key: string, content: string, contentType: string): Promise<void>;
  /** Deletes the object as `remove` does if it has this eTag now. @returns whether it did */
  removeIf(key: string, eTag: string): Promise<boolean>;
  /** Deletes the object, in a versioned bucket by a delete marker; one that is not there is fine. */
  remove(key: string): Promise<void>;
}

/** A line of text on a picture of a page. */
export interface RecognizedLine {
  /** From 1. */
  readonly page: number;
  readonly text: string;
  /** Distance from the top of the page to the line, and the line's height: shares of the page's height, 0 to 1. */
  readonly top: number;
  readonly height: number;
}

/** Reads the letters on pictures of pages, in the background. */
export interface TextRecognition {
  /**
   * Begins with a file of the bucket; the same attempt twice is one. A message of `documentId` and `version` tells the end.
   * @throws UnreadableDocument ocr-failed when it will not read the file
   * @throws AppFailure service-unavailable when it reads too many at a time
   */
  start(
    file: { readonly key: string; readonly s3VersionId?: string },
    job: { readonly documentId: string; readonly version: number; readonly attempt: number },
  ): Promise<void>;
}

export interface RecognizedLines {
  /** The lines of a job that is done, in reading order, some at a time. @throws Error when it is not, or is forgotten */
  lines(jobId: string): AsyncIterable<readonly RecognizedLine[]>;
}

export interface WorkQueue<Message> {
  /**
   * Sends all of them, in batches; sending one twice does no harm, by the messages' design. `delaySeconds` (0 to 900)
   * keeps them from view for as long.
   */
  send(messages: readonly Message[], options?: { readonly delaySeconds?: number }): Promise<void>;
}

/** How common each word is in a tenant's documents. */
export interface TermStatisticsStore {
  /** @returns undefined for a tenant whose documents were never counted */
  read(tenant: string): Promise<TermStatistics | undefined>;
  write(tenant: string, statistics: TermStatistics): Promise<void>;
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
  /** Jobs of a tenant and those of all tenants, last started first. @throws AppFailure invalid-request for a foreign cursor */
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

/** What was spent on models, by owner, day and month. */
export interface SpendStore {
  /**
   * Reserves `amount` on the day of `at` and in its month, unless what is spent and reserved has reached a limit of either.
   * One atomic write decides: of requests that race, none is let in once a limit is reached, so that it is exceeded by
   * less than one reservation.
   * @returns the owner's spending afterwards, this reservation included
   */
  reserve(
    owner: BudgetOwner,
    at: Date,
    amount: Spend,
    limits: Limits,
  ): Promise<{ readonly granted: boolean; readonly spending: Spending }>;
  /** Turns what was reserved `at` that time, or nothing, into what was spent. */
  settle(owner: BudgetOwner, at: Date, reserved: Spend, spent: Spend): Promise<void>;
  read(owner: BudgetOwner, at: Date): Promise<Spending>;
}

/** What the chat model replied to a question that started a conversation. */
export interface CachedReply {
  /** A ULID. */
  readonly replyId: string;
  readonly question: string;
  /** Of the question; values have the precision of 32 bits. */
  readonly embedding: readonly number[];
  /** The passages of its prompt, in their order, by names that stand for all that was shown of them. */
  readonly passages: readonly string[];
  /** As the model wrote it, marks included. */
  readonly text: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Keeps replies for some time. */
export interface AnswerStore {
  /** The newest replies under the key, newest first. */
  find(key: string): Promise<CachedReply[]>;
  put(key: string, reply: CachedReply): Promise<void>;
}

export interface ConversationStore {
  /**
   * The end of a path of this reader's conversation, oldest turn first, at most `limit` turns: the path that ends in the
   * turn `tip`, by default the newest one.
   * @throws AppFailure conversation-not-found for an unknown conversation and for another's, turn-not-found for no turn of it
   */
  recentTurns(conversationId: string, reader: Reader, options: { limit: number; tip?: string }): Promise<Turn[]>;
  /** Stores a conversation with its first turn, titled by its question. */
  begin(turn: Turn, reader: Reader): Promise<void>;
  /**
   * Stores a further turn. Turns that are appended at the same time are all kept; with one parent they are branches.
   * @throws AppFailure conversation-not-found, also when it was removed meanwhile
   */
  append(turn: Turn, reader: Reader): Promise<void>;
  /** The reader's conversations, last updated first. */
  list(
    reader: Reader,
    options: { limit: number; cursor?: string },
  ): Promise<{ conversations: Conversation[]; cursor?: string }>;
  /**
   * A page of turns of all branches, oldest first. With the first page come the ids of the turns from the first one down
   * to the newest one, in this order.
   * @throws AppFailure conversation-not-found
   */
  get(
    conversationId: string,
    reader: Reader,
    options: { limit: number; cursor?: string },
  ): Promise<{ conversation: Conversation; turns: Turn[]; newestPath?: string[]; cursor?: string }>;
  /** Gives it a title of the reader's choice. @returns it as it is now @throws AppFailure conversation-not-found */
  rename(conversationId: string, reader: Reader, title: string): Promise<Conversation>;
  /** Gives it a title in place of its first question. @returns false when it has another title already, or is gone */
  suggestTitle(conversationId: string, reader: Reader, title: string): Promise<boolean>;
  /**
   * Sets what the reader says of a turn in place of what was said before; undefined takes it back.
   * @throws AppFailure conversation-not-found, turn-not-found
   */
  setFeedback(conversationId: string, turnId: string, reader: Reader, feedback: Feedback | undefined): Promise<void>;
  /** Keeps the summary of the path down to a turn, in place of one made before. @returns false when the turn is gone */
  setSummary(conversationId: string, turnId: string, reader: Reader, summary: string): Promise<boolean>;
  /** @throws AppFailure conversation-not-found */
  remove(conversationId: string, reader: Reader): Promise<void>;
}
