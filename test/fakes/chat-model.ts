import type { Intervention } from '../../lambdas/conversation.ts';
import type { ChatModel, ChatModelEvent, Prompt } from '../../lambdas/ports.ts';

/** A step of a scripted reply: a piece of text, something to wait for, a failure, or what a guardrail did to it. */
export type ReplyStep = string | Promise<unknown> | Error | Intervention;

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
    let intervention: Intervention | undefined;
    try {
      for (const step of typeof script === 'function' ? script(prompt) : script) {
        signal?.throwIfAborted();
        if (step instanceof Error) throw step;
        if (typeof step === 'string') yield { type: 'text', text: step };
        else if ('policies' in step) intervention = step;
        else await unlessAborted(step, signal);
      }
      ended = true;
      const stopReason = intervention ? 'guardrail_intervened' : 'end_turn';
      yield { type: 'end', stopReason, inputTokens: 100, outputTokens: 10, ...(intervention && { intervention }) };
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
