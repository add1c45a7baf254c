import { ulid } from 'ulid';
import type { Citation, Turn } from '../conversation.ts';
import { chunkIdOf } from '../document.ts';
import { AppFailure } from '../errors.ts';
import { untilAborted } from '../http/deadline.ts';
import type { ChatModel } from '../ports.ts';
import { type ReplySource, replySource } from './answer-cache.ts';
import type { AnswerEvent, ChatAnswer } from './answer-event.ts';
import { linker } from './citation-links.ts';
import { CitedReply, isGrounded } from './cited-reply.ts';
import { findPassages } from './find-passages.ts';
import { type History, historyOf } from './history.ts';
import { meteredModel, meteredReranker } from './metered-model.ts';
import { type Passage, sourceOf, storedPassages } from './passage.ts';
import { costOf, type Price } from './prices.ts';
import type { AnswerOptions, ChatPorts, Question } from './question.ts';
import { embedQuestion } from './question-embedding.ts';
import { type ReplyEnd, readReply } from './read-reply.ts';
import { reranked } from './rerank.ts';
import { routeOf } from './routing.ts';
import { bestFirstAndLast, selectPassages } from './select.ts';
import { placeAfter, readTurns, storeTurn } from './turns.ts';
import { UsageMeter } from './usage-meter.ts';

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
  reranking: ports.reranking && {
    ...ports.reranking,
    reranker: meteredReranker(ports.reranking.reranker, meter),
  },
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
  const { citations, end } = yield* tellReply(
    readReply(
      model,
      reply,
      {
        ...{ question: text, standaloneQuestion, history },
        passages: isRefused ? [] : shown,
        marksSuspicious: options.suspiciousPassages === 'mark',
      },
      signal,
    ),
    linker(ports.bucket, shown),
  );

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

/** Tells text and citations, with their links, as they come. @returns the citations told, and how the model ended, if it ran */
async function* tellReply(
  parts: ReturnType<typeof readReply>,
  link: ReturnType<typeof linker>,
): AsyncGenerator<AnswerEvent, { citations: Citation[]; end?: ReplyEnd }> {
  const citations: Citation[] = [];
  let end: ReplyEnd | undefined;
  for await (const part of parts) {
    if (part.type === 'end') end = part;
    else if (part.type === 'text-delta') yield part;
    else {
      const citation = { ...part.citation, url: await link(part.citation.documentId) };
      citations.push(citation);
      yield { type: 'citation', citation };
    }
  }
  return end ? { citations, end } : { citations };
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
