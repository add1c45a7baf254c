import type { ConverseStreamCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { estimateTokens } from '../ingest/tokens.ts';
import { baseModelIdOf } from '../model-id.ts';
import type { Prompt } from '../ports.ts';

/**
 * Tokens that a prompt's beginning must have to be cached, by model. Bedrock ignores a mark that comes earlier, and refuses
 * any mark for a model that knows none: those that are not known to know them are not listed.
 */
const LEAST_TOKENS: Readonly<Record<string, number>> = {
  'anthropic.claude-haiku-4-5-20251001-v1:0': 4_096,
  'anthropic.claude-opus-4-5-20251101-v1:0': 4_096,
  'anthropic.claude-sonnet-4-6': 2_048,
  'anthropic.claude-sonnet-4-5-20250929-v1:0': 1_024,
  'amazon.nova-pro-v1:0': 1_024,
  'amazon.nova-lite-v1:0': 1_536,
  'amazon.nova-micro-v1:0': 1_536,
};

/** The next prompt of the conversation looks for the newest mark of this one, and sets one further down. */
const MARKED_TURNS = 2;
/** For five minutes; reading it begins them anew. */
const cachePoint = { cachePoint: { type: 'default' as const } };

type Messages = Pick<Required<ConverseStreamCommandInput>, 'system' | 'messages'>;

/**
 * The prompt as Converse takes it, with marks up to where the next prompt of the same conversation begins alike: after the
 * instructions, and after the last answers of the history. The last message holds passages and is never the same again.
 */
export function converseMessages({ system, messages }: Prompt, modelId: string): Messages {
  const least = LEAST_TOKENS[baseModelIdOf(modelId)];
  if (least === undefined) {
    return { system: [{ text: system }], messages: messages.map(({ role, text }) => ({ role, content: [{ text }] })) };
  }
  let tokens = estimateTokens(system);
  const isSystemMarked = tokens >= least;
  const answers = messages.flatMap(({ role }, index) => (role === 'assistant' ? [index] : [])).slice(-MARKED_TURNS);
  const marked = messages.map(({ role, text }, index) => {
    if (index <= (answers.at(-1) ?? -1)) tokens += estimateTokens(text); // what comes after is never marked
    const isMarked = tokens >= least && answers.includes(index);
    return { role, content: isMarked ? [{ text }, cachePoint] : [{ text }] };
  });
  return { system: isSystemMarked ? [{ text: system }, cachePoint] : [{ text: system }], messages: marked };
}
