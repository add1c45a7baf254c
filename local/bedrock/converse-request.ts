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
  guardrailConfig: z.unknown().optional(),
});

/**
 * The body of Converse and ConverseStream.
 * @throws BedrockError in AWS's words; and for images, documents, tools and guardrails, which the local model lacks
 */
export function readConverseRequest(body: Buffer): ConverseRequest {
  const { messages, system, inferenceConfig, requestMetadata, toolConfig, guardrailConfig } = parseBody(body);
  if (toolConfig !== undefined) throw invalid('The local model has no tools: leave out toolConfig.');
  if (guardrailConfig !== undefined) throw invalid('The local model has no guardrails: leave out guardrailConfig.');
  checkTurns(messages.map(({ role }) => role));
  return {
    system: textOf(system, 'system'),
    messages: messages.map(({ role, content }, i) => ({ role, text: readContent(content, `messages.${i}`) })),
    ...(inferenceConfig.maxTokens !== undefined && { maxTokens: inferenceConfig.maxTokens }),
    stopSequences: inferenceConfig.stopSequences,
    ...(requestMetadata.purpose !== undefined && { purpose: requestMetadata.purpose }),
  };
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
    if (typeof block.text !== 'string') {
      throw invalid(
        `The local model reads text only: ${place}.${i} holds ${Object.keys(block).join(', ') || 'nothing'}.`,
      );
    }
    if (block.text.trim() === '') {
      throw invalid(
        `The text field in the ContentBlock object at ${place}.${i} is blank. Add text to the text field, and try again.`,
      );
    }
    return [block.text];
  });
  return texts.join('\n');
}
