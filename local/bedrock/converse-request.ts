import { z } from 'zod';
import { invalid } from './errors.ts';
import type { Message } from './prompt.ts';

export interface ConverseRequest {
  readonly system: string;
  /** Alternating, first and last from the user. */
  readonly messages: readonly Message[];
  readonly maxTokens?: number;
  readonly stopSequences: readonly string[];
  /** `requestMetadata.purpose`: what the call is for. */
  readonly purpose?: string;
  /** The guardrail to ask. */
  readonly guardrail?: GuardrailChoice;
  /** What a guardrail looks at: the blocks that say so, or, without any, all that the user says. */
  readonly guardedTexts: readonly string[];
}

export interface GuardrailChoice {
  readonly identifier: string;
  readonly version: string;
  readonly trace: boolean;
}

const block = z.record(z.string(), z.unknown());
const share = z.number().min(0).max(1).optional();
const converseBody = z.object({
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: z.array(block) })).default([]),
  system: z.array(block).default([]),
  inferenceConfig: z
    .object({
      maxTokens: z.int().min(1).optional(),
      temperature: share,
      topP: share,
      stopSequences: z.array(z.string().min(1)).max(2500).default([]),
    })
    .default({ stopSequences: [] }),
  requestMetadata: z.record(z.string(), z.string().max(256)).default({}),
  toolConfig: z.unknown().optional(),
  guardrailConfig: z
    .object({
      guardrailIdentifier: z.string().min(1),
      guardrailVersion: z.string().min(1),
      trace: z.enum(['enabled', 'disabled', 'enabled_full']).default('disabled'),
      streamProcessingMode: z.enum(['sync', 'async']).default('sync'),
    })
    .optional(),
});

/**
 * The body of Converse and ConverseStream.
 * @throws BedrockError in AWS's words; and for images, documents and tools, which the local model lacks
 */
export function readConverseRequest(body: Buffer): ConverseRequest {
  const { messages, system, inferenceConfig, requestMetadata, toolConfig, guardrailConfig } = parseBody(body);
  if (toolConfig !== undefined) throw invalid('The local model has no tools: leave out toolConfig.');
  checkTurns(messages.map(({ role }) => role));
  return {
    system: textOf(system, 'system'),
    messages: messages.map(({ role, content }, i) => ({ role, text: readContent(content, `messages.${i}`) })),
    ...(inferenceConfig.maxTokens !== undefined && { maxTokens: inferenceConfig.maxTokens }),
    stopSequences: inferenceConfig.stopSequences,
    ...(requestMetadata.purpose !== undefined && { purpose: requestMetadata.purpose }),
    ...(guardrailConfig && { guardrail: choiceOf(guardrailConfig) }),
    guardedTexts: guardedTextsOf(messages),
  };
}

type Body = z.infer<typeof converseBody>;

const choiceOf = (config: NonNullable<Body['guardrailConfig']>): GuardrailChoice => ({
  ...{ identifier: config.guardrailIdentifier, version: config.guardrailVersion },
  trace: config.trace !== 'disabled',
});

function guardedTextsOf(messages: Body['messages']): string[] {
  const blocks = messages.filter(({ role }) => role === 'user').flatMap(({ content }) => content);
  const guarded = blocks.filter(block => 'guardContent' in block);
  return (guarded.length > 0 ? guarded : blocks).flatMap(block => textIn(block) ?? []);
}

const guardContent = z.object({ text: z.object({ text: z.string() }) });

/** @returns undefined for a block that is no text */
function textIn(block: Record<string, unknown>): string | undefined {
  if ('guardContent' in block) return guardContent.safeParse(block.guardContent).data?.text.text;
  return typeof block.text === 'string' ? block.text : undefined;
}

function parseBody(body: Buffer): z.infer<typeof converseBody> {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalid('The request body is not valid JSON.');
  }
  const parsed = converseBody.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    ({ path, message }) => `Value at '${path.join('.')}' failed to satisfy constraint: ${message}`,
  );
  throw invalid(`${faults.length} validation error${faults.length > 1 ? 's' : ''} detected: ${faults.join('; ')}`);
}

function checkTurns(roles: readonly string[]): void {
  if (roles[0] !== 'user') {
    throw invalid(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  }
  if (roles.some((role, i) => role === roles[i - 1])) {
    throw invalid(
      'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
    );
  }
  if (roles.at(-1) !== 'user') {
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
}

function readContent(content: readonly Record<string, unknown>[], place: string): string {
  if (content.length === 0) {
    throw invalid(
      `The content field in the Message object at ${place} is empty. Add a ContentBlock object to the content field and try again.`,
    );
  }
  return textOf(content, `${place}.content`);
}

function textOf(blocks: readonly Record<string, unknown>[], place: string): string {
  const texts = blocks.flatMap((block, i) => {
    if ('cachePoint' in block) return []; // nothing is cached here, so there is nothing to do
    const text = textIn(block);
    if (text === undefined) {
      throw invalid(
        `The local model reads text only: ${place}.${i} holds ${Object.keys(block).join(', ') || 'nothing'}.`,
      );
    }
    if (text.trim() === '') {
      throw invalid(
        `The text field in the ContentBlock object at ${place}.${i} is blank. Add text to the text field, and try again.`,
      );
    }
    return [text];
  });
  return texts.join('\n');
}
