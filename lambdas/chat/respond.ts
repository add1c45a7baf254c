import type { Writable } from 'node:stream';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { AppFailure } from '../errors.ts';
import { startDeadline } from '../http/deadline.ts';
import { type FailureLog, logFailure } from '../http/failure-log.ts';
import { budgetHeaders, commonHeaders } from '../http/headers.ts';
import { problemOf, problemResponse } from '../http/problem.ts';
import { headerOf, readJson, requestIdOf } from '../http/request.ts';
import { jsonResponse, type TextResponse } from '../http/response.ts';
import { type ServerSentEvent, writeServerSentEvents } from '../http/server-sent-events.ts';
import type { IdentityRules } from '../identity/identity-rules.ts';
import { admit } from '../reader.ts';
import type { AnswerEvent, ChatAnswer } from './answer-event.ts';
import type { BudgetPorts } from './budget.ts';
import { answerWithinBudget } from './budgeted-answer.ts';
import type { SpendBounds } from './estimate.ts';
import type { AnswerOptions, ChatPorts, Question } from './question.ts';
import type { LedgerPorts } from './record-use.ts';
import { chatRequestSchema } from './schemas.ts';

export interface ChatEndpoint {
  readonly ports: ChatPorts & BudgetPorts & LedgerPorts;
  readonly options: AnswerOptions & SpendBounds;
  readonly identity: IdentityRules;
  /** Passages given to the model when the request does not say. */
  readonly topK: number;
  readonly log: FailureLog;
  /** Sends status and headers; the body is written to what it returns. */
  readonly open: (stream: Writable, head: Omit<TextResponse, 'body'>) => Writable;
  /** Told of every answer that was completed. */
  readonly onCompleted?: (answer: ChatAnswer) => void;
}

type Request = Pick<APIGatewayProxyEvent, 'body' | 'headers' | 'isBase64Encoded' | 'requestContext'>;
type Remaining = Pick<Context, 'getRemainingTimeInMillis'>;

const EVENT_STREAM = 'text/event-stream';

/**
 * Answers `POST /chat` on a response stream: as JSON, or event by event for a client that accepts `text/event-stream`.
 * An error before the first event has its proper status in both forms. When the client goes away, the work stops.
 */
export async function respond(event: Request, stream: Writable, context: Remaining, endpoint: ChatEndpoint) {
  const requestId = requestIdOf(event);
  const deadline = startDeadline(context.getRemainingTimeInMillis(), 'The answer');
  const closed = abortedWhenClosed(stream);
  const signal = AbortSignal.any([deadline.signal, closed]);
  try {
    const question = readQuestion(event, endpoint);
    const events = answerWithinBudget(endpoint.ports, question, endpoint.options, signal);
    const send = wantsEventStream(event) ? sendEvents : sendJson;
    await send(stream, events, requestId, endpoint);
  } catch (error) {
    if (closed.aborted) return;
    const failure = signal.aborted ? signal.reason : error;
    logFailure(endpoint.log, failure, requestId);
    sendWhole(stream, problemResponse(failure, requestId), endpoint);
  } finally {
    deadline.clear();
  }
}

function readQuestion(event: Request, { ports, identity, topK: defaultTopK }: ChatEndpoint): Question {
  const reader = admit(event, identity, 'reader');
  const {
    message,
    topK = defaultTopK,
    conversationId,
    parentTurnId,
    filter,
    ...rest
  } = readJson(event, chatRequestSchema);
  if (rest.model === 'strong' && !ports.strongModel) {
    throw new AppFailure({ kind: 'invalid-request', issues: ['model: this stack has no strong model'] });
  }
  const place = { ...(conversationId && { conversationId }), ...(parentTurnId !== undefined && { parentTurnId }) };
  return { text: message, topK, reader, ...place, ...(filter && { filter }), ...rest };
}

const wantsEventStream = (event: Request): boolean =>
  (headerOf(event, 'accept') ?? '')
    .toLowerCase()
    .split(',')
    .some(type => type.split(';')[0]?.trim() === EVENT_STREAM);

/** Sends the head with the first event, so that what fails before it still has its own status. */
async function sendEvents(
  stream: Writable,
  events: AsyncGenerator<AnswerEvent>,
  requestId: string,
  endpoint: ChatEndpoint,
): Promise<void> {
  const first = await events.next();
  if (first.done) return;
  const headers = {
    ...commonHeaders(requestId),
    ...(first.value.type === 'started' && budgetHeaders(first.value.budget)),
    'content-type': `${EVENT_STREAM}; charset=utf-8`,
    'x-accel-buffering': 'no',
  };
  const body = endpoint.open(stream, { statusCode: 200, headers });
  await writeServerSentEvents(body, describeEvents(first.value, events, requestId, endpoint));
  body.end();
}

async function* describeEvents(
  first: AnswerEvent,
  rest: AsyncGenerator<AnswerEvent>,
  requestId: string,
  endpoint: ChatEndpoint,
): AsyncGenerator<ServerSentEvent> {
  yield describeEvent(first, requestId, endpoint);
  for await (const event of rest) yield describeEvent(event, requestId, endpoint);
}

function describeEvent(event: AnswerEvent, requestId: string, { log, onCompleted }: ChatEndpoint): ServerSentEvent {
  const { type, ...data } = event;
  switch (event.type) {
    case 'citation':
      return { event: type, data: event.citation };
    case 'completed':
      onCompleted?.(event.answer);
      return { event: type, data: event.answer };
    case 'failed':
      logFailure(log, event.error, requestId);
      return { event: type, data: problemOf(event.error, requestId) };
    default:
      return { event: type, data };
  }
}

/** Collects the events into one reply; nothing is sent when they end early, since then nobody is there. */
async function sendJson(
  stream: Writable,
  events: AsyncGenerator<AnswerEvent>,
  requestId: string,
  endpoint: ChatEndpoint,
): Promise<void> {
  for await (const event of events) {
    if (event.type === 'failed') throw event.error;
    if (event.type !== 'completed') continue;
    endpoint.onCompleted?.(event.answer);
    sendWhole(
      stream,
      jsonResponse({ status: 200, body: event.answer, headers: budgetHeaders(event.budget) }, requestId),
      endpoint,
    );
  }
}

function sendWhole(stream: Writable, { body, ...head }: TextResponse, { open }: ChatEndpoint): void {
  open(stream, head).end(body);
}

/** Aborts when the stream closes before its end was written, which is how a function sees that its client hung up. */
function abortedWhenClosed(stream: Writable): AbortSignal {
  const controller = new AbortController();
  const hangUp = () => {
    if (!stream.writableEnded) controller.abort();
  };
  // An error listener must stay, or a late write to a closed connection would end the process.
  stream.once('close', hangUp).on('error', hangUp);
  return controller.signal;
}
