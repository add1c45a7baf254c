import type { ConverseStreamCommandInput, ConverseStreamOutput, TokenUsage } from '@aws-sdk/client-bedrock-runtime';
import { AppFailure } from '../errors.ts';
import type { ChatModel, ChatModelEvent, Prompt } from '../ports.ts';
import { throttleOf } from '../throttling.ts';
import type { AwsClient } from './aws/client.ts';
import { readMessages, type StreamMessage } from './aws/event-stream.ts';
import { encodeUri } from './aws/signature.ts';
import { type GuardrailUse, guarded, interventionOf } from './bedrock-guardrail.ts';
import { converseMessages } from './bedrock-prompt-cache.ts';

export interface BedrockChatOptions {
  /** A model id or an inference profile's. */
  readonly modelId: string;
  /** Always sent: Bedrock reserves quota for it from the start of a call. */
  readonly maxTokens: number;
  /** Left out when undefined, since some models refuse the parameter. */
  readonly temperature?: number | undefined;
  /** Checks what the prompt marks as parts, and the answer. */
  readonly guardrail?: GuardrailUse | undefined;
}

const RETRY_AFTER_SECONDS = 5;
const headers = { 'content-type': 'application/json' };

/**
 * A chat model behind Bedrock's Converse API. The client's own retries (`maxAttempts`) end with the head of the reply;
 * once the stream has begun nothing is repeated, since its text was passed on.
 */
export function bedrockChatModel(client: AwsClient, options: BedrockChatOptions): ChatModel {
  async function* stream(prompt: Prompt, signal?: AbortSignal): AsyncGenerator<ChatModelEvent> {
    const closed = new AbortController();
    let events: AsyncGenerator<ConverseStreamOutput> | undefined;
    let isComplete = false;
    const abortSignal = signal ? AbortSignal.any([signal, closed.signal]) : closed.signal;
    try {
      const { modelId, ...body } = guarded(requestOf(prompt, options), prompt, options.guardrail);
      const request = {
        path: `/model/${encodeUri(modelId ?? '')}/converse-stream`,
        headers,
        body: JSON.stringify(body),
      };
      const response = await client.send(request, head => head, abortSignal);
      events = eventsOf(readMessages(response));
      yield* readEvents(untilAborted(events, abortSignal));
      isComplete = true;
    } catch (error) {
      signal?.throwIfAborted();
      throw worded(error);
    } finally {
      if (events && isComplete) readOut(events, closed);
      // However else the reader leaves, the call must not go on writing (and costing) for nobody.
      else closed.abort();
    }
  }
  return { modelId: options.modelId, stream };
}

/**
 * Reads the end of a reply that has told everything, while its reader goes on: so its connection is kept for the next
 * call. Should there be more, or an error, the connection is let go.
 */
function readOut(events: AsyncGenerator<ConverseStreamOutput>, closed: AbortController): void {
  const close = () => closed.abort();
  events.next().then(({ done }) => done || close(), close);
}

const requestOf = (
  prompt: Prompt,
  { modelId, maxTokens, temperature }: BedrockChatOptions,
): ConverseStreamCommandInput => ({
  modelId,
  ...converseMessages(prompt, modelId),
  inferenceConfig: { maxTokens, ...(temperature !== undefined && { temperature }) },
  requestMetadata: { purpose: prompt.purpose },
});

/** A stream that ends without its last events was cut off, which the HTTP layer does not always call an error. */
async function* readEvents(events: AsyncIterable<ConverseStreamOutput>): AsyncGenerator<ChatModelEvent> {
  let stopReason: string | undefined;
  for await (const event of events) {
    const text = event.contentBlockDelta?.delta?.text;
    if (text) yield { type: 'text', text };
    stopReason = event.messageStop?.stopReason ?? stopReason;
    const usage = event.metadata?.usage;
    if (!usage || stopReason === undefined) continue;
    yield { ...endOf(stopReason, usage), ...interventionOf(stopReason, event.metadata) };
    return;
  }
  throw unavailable(new Error('The stream ended before the model had.'));
}

/** Bedrock counts tokens of the prompt cache apart from the other input. */
function endOf(stopReason: string, usage: TokenUsage): ChatModelEvent {
  const { inputTokens = 0, outputTokens = 0, cacheReadInputTokens = 0, cacheWriteInputTokens = 0 } = usage;
  const cached = { cacheReadTokens: cacheReadInputTokens, cacheWriteTokens: cacheWriteInputTokens };
  return {
    type: 'end',
    stopReason,
    inputTokens: inputTokens + cacheReadInputTokens + cacheWriteInputTokens,
    outputTokens,
    ...(cacheReadInputTokens + cacheWriteInputTokens > 0 && cached),
  };
}

/** @throws Error named as the model's failure midway is */
async function* eventsOf(messages: AsyncIterable<StreamMessage>): AsyncGenerator<ConverseStreamOutput> {
  for await (const { kind, name, payload } of messages) {
    const content: unknown = JSON.parse(payload.toString() || '{}');
    if (kind !== 'event') throw Object.assign(new Error(messageIn(content)), { name: name || kind });
    yield { [name]: content } as unknown as ConverseStreamOutput; // the form of each event is the API's
  }
}

const messageIn = (content: unknown): string => String((content as { message?: unknown } | null)?.message ?? '');

/** Ends with the signal's reason as soon as it aborts, also when the model is silent just then. */
async function* untilAborted<T>(events: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const aborted = Promise.withResolvers<never>();
  // Without a handler of its own an abort between two reads would count as an unhandled rejection.
  aborted.promise.catch(() => undefined);
  const onAbort = () => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const iterator = events[Symbol.asyncIterator]();
  try {
    while (true) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Names in lower case: Bedrock writes them differently in errors and in stream events. */
const UNAVAILABLE = new Set([
  'throttlingexception',
  'serviceunavailableexception',
  'internalserverexception',
  'modelstreamerrorexception',
  'modelnotreadyexception',
  'modeltimeoutexception',
  'servicequotaexceededexception',
  'timeouterror',
]);
/** Node's codes of connections that could not be made, or broke. */
const UNREACHABLE = /^(?:ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT)/;

function worded(error: unknown): unknown {
  if (error instanceof AppFailure || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isUnavailable = UNAVAILABLE.has(error.name.toLowerCase()) || UNREACHABLE.test(code);
  return isUnavailable || throttleOf(error) ? unavailable(error) : error;
}

const unavailable = (cause: Error): AppFailure =>
  new AppFailure(
    { kind: 'service-unavailable', service: 'The chat model', retryAfterSeconds: RETRY_AFTER_SECONDS },
    { cause },
  );
