import type { ChatModel, ChatModelEvent } from '../ports.ts';
import type { CitedReply, ReplyEvent } from './cited-reply.ts';
import type { History } from './history.ts';
import type { Passage } from './passage.ts';
import { buildAnswerPrompt } from './prompt.ts';

interface ReplyInput {
  readonly question: string;
  readonly standaloneQuestion?: string | undefined;
  readonly passages: readonly Passage[];
  readonly marksSuspicious: boolean;
  readonly history: History;
}

export type ReplyEnd = Extract<ChatModelEvent, { type: 'end' }>;

/** Runs the model, if there is anything worth asking it about, and hands on what the reply's reader makes of each piece. */
export async function* readReply(
  model: ChatModel,
  reply: CitedReply,
  { question, standaloneQuestion, passages, marksSuspicious, history }: ReplyInput,
  signal: AbortSignal,
): AsyncGenerator<ReplyEvent | ReplyEnd> {
  if (passages.length === 0) {
    yield* reply.refuse();
    return;
  }
  const parts = {
    question,
    history,
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
