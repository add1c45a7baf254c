import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import { requestId } from '../wire.ts';
import type { GuardedReply } from './guarded-reply.ts';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

export interface StreamPacing {
  /** Pause before each piece of text, so that a client's handling of time can be tried. */
  readonly pieceDelayMs: number;
  /** The model fails when it has sent so many. */
  readonly breakAfterPieces?: number;
  /** In milliseconds of `performance.now()`. */
  readonly startedAt: number;
}

/**
 * Answers with the events of ConverseStream, and stops early when the client goes away.
 * @returns how many pieces of text were sent
 */
export async function writeConverseStream(
  response: ServerResponse,
  { pieces, stopReason, usage, trace }: GuardedReply,
  { pieceDelayMs, breakAfterPieces = Number.POSITIVE_INFINITY, startedAt }: StreamPacing,
): Promise<number> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': requestId() });
  const send = (type: string, body: unknown) => sendEvent(response, type, body, gone.signal);
  await send('messageStart', { role: 'assistant' });
  for (const [sent, text] of pieces.entries()) {
    if (sent >= breakAfterPieces) {
      response.end(
        exceptionMessage('modelStreamErrorException', 'The model stopped midway: the local cloud injected this.'),
      );
      return sent;
    }
    if (pieceDelayMs > 0) await pause(pieceDelayMs, gone.signal);
    if (gone.signal.aborted) return sent;
    await send('contentBlockDelta', { contentBlockIndex: 0, delta: { text } });
  }
  await send('contentBlockStop', { contentBlockIndex: 0 });
  await send('messageStop', { stopReason });
  await send('metadata', {
    ...{ usage, metrics: { latencyMs: Math.round(performance.now() - startedAt) } },
    ...(trace && { trace }),
  });
  response.end();
  return pieces.length;
}

const header = (value: string) => ({ type: 'string' as const, value });

const exceptionMessage = (type: string, message: string): Uint8Array =>
  codec.encode({
    headers: {
      ':message-type': header('exception'),
      ':exception-type': header(type),
      ':content-type': header('application/json'),
    },
    body: fromUtf8(JSON.stringify({ message })),
  });

/** Resolves when the client is ready for more, or gone. */
async function sendEvent(response: ServerResponse, type: string, body: unknown, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return;
  const message = codec.encode({
    headers: {
      ':message-type': header('event'),
      ':event-type': header(type),
      ':content-type': header('application/json'),
    },
    body: fromUtf8(JSON.stringify(body)),
  });
  if (response.write(message)) return;
  await new Promise<void>(resolve => {
    response.once('drain', resolve);
    gone.addEventListener('abort', () => resolve(), { once: true });
  });
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  delay(milliseconds, undefined, { signal }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
