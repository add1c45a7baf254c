import { decodeTime, monotonicFactory, ulid } from 'ulid';
import type { Citation, Reader, Turn } from '../conversation.ts';
import { chunkIdOf, filedObject } from '../document.ts';
import { AppFailure } from '../errors.ts';
import { untilAborted } from '../http/deadline.ts';
import type {
  ChatModel,
  ChatModelEvent,
  ConversationStore,
  DocumentBucket,
  SearchFilter,
  WorkQueue,
} from '../ports.ts';
import type { UpkeepMessage } from '../upkeep/messages.ts';
import { type AnswerCache, type ReplySource, replySource } from './answer-cache.ts';
import type { AnswerEvent, ChatAnswer } from './answer-event.ts';
import { CitedReply, isGrounded, type ReplyEvent } from './cited-reply.ts';
import { type FindPorts, findPassages } from './find-passages.ts';
import { type History, historyOf, planSummary, TURNS_READ } from './history.ts';
import { meteredModel } from './metered-model.ts';
import { type Passage, sourceOf, storedPassages } from './passage.ts';
import { costOf, type Price } from './prices.ts';
import { buildAnswerPrompt } from './prompt.ts';
import { embedQuestion } from './question-embedding.ts';
import { type Reranking, reranked } from './rerank.ts';
import { type ModelChoice, routeOf } from './routing.ts';
import { bestFirstAndLast, selectPassages } from './select.ts';
import { type ModelPrices, UsageMeter } from './usage-meter.ts';

export interface ChatPorts extends FindPorts {
  readonly conversations: ConversationStore;
  readonly answerModel: ChatModel;
  /** Answers what is not simple; absent: `answerModel` answers everything. */
  readonly strongModel?: ChatModel | undefined;
  /** Absent: passages keep the order of retrieval. */
  readonly reranking?: Reranking | undefined;
  readonly bucket: Pick<DocumentBucket, 'presignGet'>;
  /** Absent: every question is answered anew. */
  readonly answerCache?: AnswerCache | undefined;
  /** Titles and summarizes conversations, later. Sending does not fail. */
  readonly upkeep: WorkQueue<UpkeepMessage>;
}

export interface AnswerOptions {
  /** Most tokens of earlier turns in the prompt, by estimate. */
  readonly historyTokens: number;
  /** Tokens of a passage, as documents are usually cut: `topK` times as many are given to the model. */
  readonly passageTokens: number;
  /** Below it the question is refused without asking the model, 0 to 1. */
  readonly minEvidence: number;
  readonly prices: ModelPrices;
  /** Of passages with signs that they are to steer a model. */
  readonly suspiciousPassages: SuspiciousPassages;
}

/** `mark`: the model is told of the signs; `drop`: it does not get the passage; `keep`: it gets it like any other. */
export type SuspiciousPassages = 'mark' | 'drop' | 'keep';

export interface Question {
  readonly text: string;
  readonly reader: Reader;
  /** Absent: the question starts a conversation. */
  readonly conversationId?: string;
  /** The turn of the conversation to go on from; null: from its beginning. @default its newest turn */
  readonly parentTurnId?: string | null;
  readonly filter?: SearchFilter;
  /** Passages given to the model. */
  readonly topK: number;
  /** Who answers. @default by `routeOf` */
  readonly model?: ModelChoice;
  /** Have the answer tell which passages it does not cite. @default false */
  readonly includeRetrieved?: boolean;
}

/** How long the upkeep of a conversation waits for its turn to be stored. */
const UPKEEP_DELAY_SECONDS = 2;
/** How long the link to a cited document works. */
const LINK_SECONDS = 15 * 60;
/** Turns of one millisecond sort, too. */
const newTurnId = monotonicFactory();

/**
 * Answers a question from the reader's documents: the story of a question, told in events.
 *
 * @param signal ends the work, the model call included. Its reason decides how: an `AppFailure` (the deadline) is told as
 *   `failed`; with any other reason nobody listens any more, and the events just end. The turn is stored in neither case.
 * @param meter has counted whatever was used, however the answer ends
 * @throws AppFailure, before the first event, conversation-not-found for an unknown conversation and for another's, and
 *   turn-not-found for a parent that is not in it
 * @throws what history or embedding fail with, before the first event; any later failure is the event `failed`
 */
export async function* answer(
  ports: ChatPorts,
  question: Question,
  options: AnswerOptions,
  signal: AbortSignal,
  meter = new UsageMeter(options.prices),
): AsyncGenerator<AnswerEvent> {
  const startedAt = Date.now();
  const [turns, embedding] = await Promise.all([
    readTurns(ports, question, signal),
    embedQuestion(ports.embeddings, question.text, meter, signal),
    ports.statistics.read(question.reader.tenant), // kept: retrieval finds them read
  ]);
  const started = { conversationId: question.conversationId ?? ulid(), ...placeAfter(turns.at(-1)) };
  yield { type: 'started', ...started };
  const asked = {
    ...started,
    startedAt,
    meter,
    embedding,
    path: turns,
    history: historyOf(turns, options.historyTokens),
  };
  try {
    yield* tellAnswer(metered(ports, meter), question, asked, options, signal);
  } catch (error) {
    if (!signal.aborted) yield { type: 'failed', error };
    else if (signal.reason instanceof AppFailure) yield { type: 'failed', error: signal.reason };
  }
}

const metered = (ports: ChatPorts, meter: UsageMeter): ChatPorts => ({
  ...ports,
  answerModel: meteredModel(ports.answerModel, meter, 'answer'),
  strongModel: ports.strongModel && meteredModel(ports.strongModel, meter, 'strong'),
  condenseModel: meteredModel(ports.condenseModel, meter, 'condense'),
});

/** A question whose history is known. */
interface Asked {
  readonly conversationId: string;
  readonly turnId: string;
  readonly parentTurnId?: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly meter: UsageMeter;
  /** Of the question as it was asked. */
  readonly embedding: readonly number[];
  /** The end of the path that the question goes on from, oldest turn first. */
  readonly path: readonly Turn[];
  readonly history: History;
}

async function* tellAnswer(
  ports: ChatPorts,
  question: Question,
  asked: Asked,
  options: AnswerOptions,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const { text, reader, topK, filter } = question;
  const { history, embedding, meter } = asked;
  const withoutSuspicious = options.suspiciousPassages === 'drop';
  const asking = { text, embedding, history, meter, reader, topK, filter, withoutSuspicious };
  const { passages: found, evidence, standaloneQuestion } = await findPassages(ports, asking, signal);
  const isWeak = evidence < options.minEvidence; // by retrieval's scores, whatever the order
  const ordered = isWeak ? found : await reranked(ports.reranking, standaloneQuestion ?? text, found, signal);
  const passages = selectPassages(ordered, { topK, maxTokens: topK * options.passageTokens });
  const stored = passages.flatMap(storedPassages);
  yield { type: 'sources', sources: stored.map(sourceOf) };

  const isRefused = isWeak || passages.length === 0;
  const chosen = chooseModel(ports, question, { turns: history.turns.length, passages });
  const cache = isRefused || asked.path.length > 0 ? undefined : ports.answerCache;
  const asFound = { text, embedding, reader, passages: bestFirstAndLast(passages), model: chosen };
  const source = await untilAborted(replySource(cache, asFound), signal);
  const { model, passages: shown } = source;
  const reply = new CitedReply(shown, text);
  const link = linker(ports.bucket, shown);
  const citations: Citation[] = [];
  let end: ReplyEnd | undefined;
  for await (const part of readReply(
    model,
    reply,
    {
      ...{ question: text, standaloneQuestion, asked },
      passages: isRefused ? [] : shown,
      marksSuspicious: options.suspiciousPassages === 'mark',
    },
    signal,
  )) {
    if (part.type === 'end') {
      end = part;
      continue;
    }
    if (part.type === 'text-delta') {
      yield part;
      continue;
    }
    const citation = { ...part.citation, url: await link(part.citation.documentId) };
    citations.push(citation);
    yield { type: 'citation', citation };
  }

  const finished = reply.finish();
  if (finished.answer.trim() === '')
    throw new Error(`The chat model gave no text; it stopped with ${end?.stopReason}.`);
  const intervened = end?.intervention && { intervention: end.intervention };
  if (intervened) yield { type: 'intervened', ...intervened };
  const { conversationId, turnId, parentTurnId, startedAt } = asked;
  const ids = { conversationId, turnId, ...(parentTurnId !== undefined && { parentTurnId }) };
  const answeredBy = end && { model: model.modelId };
  const told = { ...answeredBy, usage: meter.total(), latencyMs: Date.now() - startedAt };
  signal.throwIfAborted();
  const createdAt = new Date(startedAt).toISOString();
  const turn = { ...ids, question: text, ...finished, ...intervened, ...told, createdAt };
  await Promise.all([
    storeTurn(ports, question, turn, { path: asked.path, historyTokens: options.historyTokens }),
    source.keep(),
  ]);
  const grounded = isGrounded(finished.citations);
  const retrieved = question.includeRetrieved && { retrieved: uncited(stored, citations).map(sourceOf) };
  const saved = savingOf(source, chosen === ports.strongModel ? options.prices.strong : options.prices.answer);
  const extra = { ...retrieved, ...intervened, ...told, ...saved };
  const whole: ChatAnswer = { ...ids, ...finished, grounded, citations, ...extra };
  yield { type: 'completed', answer: end ? { ...whole, stopReason: end.stopReason } : whole };
}

/** Without a strong model the other one answers whatever is asked for. */
function chooseModel(
  { answerModel, strongModel = answerModel }: ChatPorts,
  { text, model }: Question,
  features: { turns: number; passages: readonly Passage[] },
): ChatModel {
  const choice = model ?? routeOf({ question: text, ...features });
  return choice === 'strong' ? strongModel : answerModel;
}

const savingOf = ({ cached }: ReplySource, price: Price | undefined) =>
  cached && { cached: true as const, savedUsd: costOf(price, cached) };

function uncited(passages: readonly Passage[], citations: readonly Citation[]): Passage[] {
  const cited = new Set(citations.map(({ chunkId }) => chunkId));
  return passages.filter(({ chunk }) => !cited.has(chunkIdOf(chunk)));
}

/** The end of the path that the question goes on from. A conversation that begins has no turns, and its id is not asked for. */
async function readTurns(
  { conversations }: ChatPorts,
  { conversationId, parentTurnId, reader }: Question,
  signal: AbortSignal,
): Promise<Turn[]> {
  if (conversationId === undefined) return [];
  const options = { limit: TURNS_READ, ...(parentTurnId && { tip: parentTurnId }) };
  const turns = await untilAborted(conversations.recentTurns(conversationId, reader, options), signal);
  return parentTurnId === null ? [] : turns; // read nonetheless, since it tells whose the conversation is
}

/** A turn's id sorts after its parent's, even when the clocks of two machines differ. */
function placeAfter(parent: Turn | undefined): { turnId: string; parentTurnId?: string } {
  if (!parent) return { turnId: newTurnId() };
  return { turnId: newTurnId(Math.max(Date.now(), decodeTime(parent.turnId) + 1)), parentTurnId: parent.turnId };
}

/** Stores the turn, and asks for the upkeep of its conversation when there is something to do. */
async function storeTurn(
  { conversations, upkeep }: ChatPorts,
  { conversationId, reader }: Question,
  turn: Turn,
  { path, historyTokens }: { path: readonly Turn[]; historyTokens: number },
): Promise<void> {
  const begins = conversationId === undefined;
  const due = begins || planSummary([...path, turn], historyTokens) !== undefined;
  const { tenant, userId, apiKeyId } = reader;
  const owner = { tenant, userId, ...(apiKeyId !== undefined && { apiKeyId }) };
  const message = { conversationId: turn.conversationId, turnId: turn.turnId, reader: owner };
  await Promise.all([
    begins ? conversations.begin(turn, reader) : conversations.append(turn, reader),
    // Side by side, so that it costs no time; whoever takes the message finds the turn stored.
    due && upkeep.send([message], { delaySeconds: UPKEEP_DELAY_SECONDS }),
  ]);
}

interface ReplyInput {
  readonly question: string;
  readonly standaloneQuestion?: string | undefined;
  readonly passages: readonly Passage[];
  readonly marksSuspicious: boolean;
  readonly asked: Asked;
}

type ReplyEnd = Extract<ChatModelEvent, { type: 'end' }>;

/** Runs the model, if there is anything worth asking it about, and hands on what the reply's reader makes of each piece. */
async function* readReply(
  model: ChatModel,
  reply: CitedReply,
  { question, standaloneQuestion, passages, marksSuspicious, asked }: ReplyInput,
  signal: AbortSignal,
): AsyncGenerator<ReplyEvent | ReplyEnd> {
  if (passages.length === 0) {
    yield* reply.refuse();
    return;
  }
  const parts = {
    question,
    history: asked.history,
    passages,
    marksSuspicious,
    ...(standaloneQuestion && { standaloneQuestion }),
  };
  for await (const event of model.stream(buildAnswerPrompt(parts), signal)) {
    signal.throwIfAborted();
    if (event.type === 'text') {
      yield* reply.read(event.text);
      continue;
    }
    yield event;
  }
  signal.throwIfAborted();
  yield* reply.end();
}

/** Links to cited documents, each made once; they open the very object version that was cited. */
function linker(bucket: ChatPorts['bucket'], passages: readonly Passage[]): (documentId: string) => Promise<string> {
  const links = new Map<string, Promise<string>>();
  return documentId => {
    const passage = passages.find(({ head }) => head.documentId === documentId);
    if (!passage) throw new Error(`No passage of ${documentId} was given to the model.`);
    const link = links.get(documentId) ?? presign(bucket, passage);
    links.set(documentId, link);
    return link;
  };
}

/** A document of the drop box lies elsewhere once it was filed. */
function presign(bucket: Pick<DocumentBucket, 'presignGet'>, { head, s3VersionId }: Passage): Promise<string> {
  const object = filedObject(head, head.liveVersion ?? head.newestVersion) ?? { key: head.key, s3VersionId };
  return bucket.presignGet(object.key, object.s3VersionId, LINK_SECONDS);
}
