import { describe, expect, it } from 'vitest';
import { converseMessages } from '../../lambdas/adapters/bedrock-prompt-cache.ts';
import type { Prompt } from '../../lambdas/ports.ts';

const NOVA_PRO = 'us.amazon.nova-pro-v1:0'; // marks from 1,024 tokens on
const words = (count: number) => 'tower '.repeat(count).trim();

/** A prompt with as many earlier turns, each of about `size` tokens. */
function promptOf({
  turns,
  size,
  system = 'Answer from the sources.',
}: {
  turns: number;
  size: number;
  system?: string;
}): Prompt {
  const history = Array.from({ length: turns }, (_, turn) => [
    { role: 'user' as const, text: `Question ${turn}` },
    { role: 'assistant' as const, text: words(size) },
  ]).flat();
  return { purpose: 'answer', system, messages: [...history, { role: 'user', text: words(3_000) }] };
}

/** Which messages have a mark, by their index; -1 is the system's. */
function marksIn(prompt: Prompt, modelId: string): number[] {
  const { system, messages } = converseMessages(prompt, modelId);
  return [system, ...messages.map(({ content }) => content)].flatMap((blocks, index) =>
    blocks?.some(block => 'cachePoint' in block) ? [index - 1] : [],
  );
}

describe('marks for the prompt cache', () => {
  it('stand after the last two answers of the history, never after the passages', () => {
    expect(marksIn(promptOf({ turns: 3, size: 1_500 }), NOVA_PRO)).toEqual([3, 5]);
  });

  it('are found again by the next prompt of the conversation', () => {
    const [earlier, later] = [2, 3].map(turns => marksIn(promptOf({ turns, size: 1_500 }), NOVA_PRO));
    expect(later).toContain(earlier?.at(-1));
  });

  it('wait until there is enough to cache', () => {
    expect(marksIn(promptOf({ turns: 3, size: 500 }), NOVA_PRO)).toEqual([5]);
    expect(marksIn(promptOf({ turns: 1, size: 500 }), NOVA_PRO)).toEqual([]);
    expect(marksIn(promptOf({ turns: 0, size: 0 }), NOVA_PRO)).toEqual([]);
  });

  it('stand after long instructions', () => {
    expect(marksIn(promptOf({ turns: 0, size: 0, system: words(1_500) }), NOVA_PRO)).toEqual([-1]);
  });

  it.each(['us.amazon.nova-2-lite-v1:0', 'meta.llama3-70b-instruct-v1:0'])(
    'are not sent to %s, which may refuse them',
    id => {
      expect(marksIn(promptOf({ turns: 3, size: 5_000 }), id)).toEqual([]);
    },
  );

  it('change nothing else of the prompt', () => {
    const prompt = promptOf({ turns: 2, size: 2_000 });
    const { system, messages } = converseMessages(prompt, NOVA_PRO);
    expect(system?.[0]).toEqual({ text: prompt.system });
    expect(messages?.map(({ role, content }) => ({ role, text: content?.[0]?.text }))).toEqual(prompt.messages);
  });
});
