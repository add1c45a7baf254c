import type { ChatModel, ChatModelEvent, Prompt } from '../../lambdas/ports.ts';

/** A step of a scripted reply: a piece of text, something to wait for, or a failure. */
export type ReplyStep = string | Promise<unknown> | Error;

export interface FakeChatModel extends ChatModel {
  readonly prompts: Prompt[];
  /** How many calls ended before their last event. */
  readonly stopped: () => number;
}

/** A model that replies by script; each call reports 100 input and 10 output tokens. */
export function fakeChatModel(
  script: readonly ReplyStep[] | ((prompt: Prompt) => readonly ReplyStep[]),
  modelId = 'fake-chat-model',
): FakeChatModel {
  const prompts: Prompt[] = [];
  let stopped = 0;
  async function* stream(prompt: Prompt, signal?: AbortSignal): AsyncGenerator<ChatModelEvent> {
    prompts.push(prompt);
    let ended = false;
    try {
      for (const step of typeof script === 'function' ? script(prompt) : script) {
        signal?.throwIfAborted();
        if (step instanceof Error) throw step;
        if (typeof step === 'string') yield { type: 'text', text: step };
        else await unlessAborted(step, signal);
      }
      ended = true;
      yield { type: 'end', stopReason: 'end_turn', inputTokens: 100, outputTokens: 10 };
    } finally {
      if (!ended) stopped += 1;
    }
  }
  return { modelId, stream, prompts, stopped: () => stopped };
}

async function unlessAborted(step: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  await Promise.race([step, aborted.promise]);
}
