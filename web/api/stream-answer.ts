import { readEvents } from '../../cli/event-stream.ts';
import type { ApiClient } from './client.ts';
import { ApiProblem, type ProblemBody, Unreachable } from './problems.ts';
import type { ChatAnswer, ChatRequest, Citation } from './shapes.ts';

/** What happens while a question is answered; `completed` is last. */
export type ChatEvent =
  | { readonly type: 'started'; readonly turnId: string; readonly parentTurnId?: string }
  | { readonly type: 'sources'; readonly count: number }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'citation'; readonly citation: Citation }
  | { readonly type: 'completed'; readonly answer: ChatAnswer };

/**
 * Asks, and tells what comes as it comes.
 * @throws ApiProblem what the API refuses or fails at, Unreachable when the connection breaks before the answer is whole,
 * and the reason of `signal`
 */
export async function* streamAnswer(
  api: ApiClient,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  const headers = { accept: 'text/event-stream' };
  const reply = await api.send('chat', { method: 'POST', body: request, headers, signal });
  if (!reply.body) throw new Unreachable();
  try {
    for await (const { event, data } of readEvents(piecesOf(reply.body))) {
      const told = chatEvent(event, JSON.parse(data));
      if (told) yield told;
      if (told?.type === 'completed') return;
    }
  } catch (error) {
    throw error instanceof TypeError ? new Unreachable(undefined, { cause: error }) : error;
  }
  throw new Unreachable(); // it ended in the middle
}

/** Safari cannot go through a stream by `for await`. */
async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined); // it is broken already, or nobody listens any more
  }
}

/** @returns undefined for what the page does not show */
// biome-ignore lint/suspicious/noExplicitAny: the API's own events, as docs/developers.md lists them
function chatEvent(event: string, data: any): ChatEvent | undefined {
  switch (event) {
    case 'started':
      return { type: 'started', turnId: data.turnId, ...(data.parentTurnId && { parentTurnId: data.parentTurnId }) };
    case 'sources':
      return { type: 'sources', count: data.sources.length };
    case 'text-delta':
      return { type: 'text', text: data.text };
    case 'citation':
      return { type: 'citation', citation: data };
    case 'completed':
      return { type: 'completed', answer: data };
    case 'failed':
      throw new ApiProblem(data as ProblemBody, data.status);
    default:
      return undefined;
  }
}
