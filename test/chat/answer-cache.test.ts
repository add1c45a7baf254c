import { describe, expect, it, vi } from 'vitest';
import { answer } from '../../lambdas/chat/answer.ts';
import type { AnswerEvent, ChatAnswer } from '../../lambdas/chat/answer-event.ts';
import type { ChatPorts, Question } from '../../lambdas/chat/question.ts';
import type { Prompt } from '../../lambdas/ports.ts';
import { inMemoryAnswerStore } from '../fakes/answer-store.ts';
import { fakeChatModel } from '../fakes/chat-model.ts';
import { makeLibrary } from './library.ts';
import { ann, bob } from './turns.ts';

const prices = { answer: { input: 1, output: 2 }, condense: undefined, embedding: undefined };
const options = {
  historyTokens: 1_000,
  minEvidence: 0,
  passageTokens: 1_000,
  suspiciousPassages: 'mark' as const,
  prices,
};
const question = 'How many steps does the tower have?';

async function completed(ports: ChatPorts, asked: Partial<Question> = {}): Promise<ChatAnswer> {
  let last: AnswerEvent | undefined;
  const whole = { text: question, reader: ann, topK: 5, ...asked };
  for await (const event of answer(ports, whole, options, new AbortController().signal)) last = event;
  if (last?.type !== 'completed') throw new Error(`The last event is ${JSON.stringify(last)}.`);
  return last.answer;
}

async function withTower(change: Partial<NonNullable<ChatPorts['answerCache']>> = {}) {
  const library = makeLibrary(['It has 212 steps [1]', ', of oak [1].']);
  await library.put('documents/tower.md', ['The tower has 212 steps. The steps are made of oak.']);
  const failed = vi.fn();
  const answerCache = { store: inMemoryAnswerStore(), similarity: 0.9, fingerprint: 'f', failed, ...change };
  const ports = { ...library.ports, answerCache };
  const ask = (asked: Partial<Question> = {}) => completed(ports, asked);
  return { ...library, ports, failed, ask, calls: () => library.answerModel.prompts.length };
}

describe('the answer cache', () => {
  it('gives a reply again, with its citations, without asking the model', async () => {
    const { ask, calls, conversations } = await withTower();
    const first = await ask();
    const again = await ask({ text: 'how many steps does the tower have' });
    expect(first).not.toHaveProperty('cached');
    expect(again).toMatchObject({ cached: true, savedUsd: 0.00012, model: 'fake-chat-model', refused: false });
    expect(again.usage).toMatchObject({ outputTokens: 0, costUsd: 0 });
    expect(again.answer).toBe(first.answer);
    expect(again.citations).toEqual(first.citations);
    expect(calls()).toBe(1);
    expect(conversations.all()).toHaveLength(2);
  });

  it('serves whoever has the same rights, and nobody else', async () => {
    const { ask, calls } = await withTower();
    await ask();
    expect(await ask({ reader: bob })).toMatchObject({ cached: true });
    expect(await ask({ reader: { ...bob, groups: ['board'] } })).not.toHaveProperty('cached');
    expect(calls()).toBe(2);
  });

  it.each([
    ['another meaning', 'Who may climb the tower on Sundays?'],
    ['another number', 'How many steps does the tower have in 2025?'],
    ['another language', 'Wie viele Stufen hat der Turm?'],
  ])('does not take a question of %s for the same', async (_, text) => {
    const { ask } = await withTower({ similarity: 0 });
    await ask({ text: 'How many steps does the tower have in 2024?' });
    expect(await ask({ text })).not.toHaveProperty('cached');
  });

  it('leaves questions of a conversation alone', async () => {
    const { ask } = await withTower();
    const { conversationId } = await ask();
    expect(await ask({ conversationId })).not.toHaveProperty('cached');
    expect(await ask({ conversationId, parentTurnId: null })).toMatchObject({ cached: true });
  });

  it('keeps the replies of two models, and of two settings, apart', async () => {
    const library = await withTower();
    await library.ask();
    const strongModel = fakeChatModel(['Two hundred and twelve [1].'], 'strong-model');
    expect(await completed({ ...library.ports, strongModel }, { model: 'strong' })).not.toHaveProperty('cached');
    const answerCache = { ...library.ports.answerCache, fingerprint: 'other' };
    expect(await completed({ ...library.ports, answerCache })).not.toHaveProperty('cached');
  });

  it('keeps no reply that was cut short', async () => {
    const { ports } = await withTower();
    const cut: ChatPorts['answerModel'] = {
      modelId: 'fake-chat-model',
      async *stream() {
        yield { type: 'text', text: 'It has 212 steps [1], of' };
        yield { type: 'end', stopReason: 'max_tokens', inputTokens: 100, outputTokens: 10 };
      },
    };
    await completed({ ...ports, answerModel: cut });
    expect(await completed(ports)).not.toHaveProperty('cached');
  });

  it('is done without when it fails', async () => {
    const down = new Error('table');
    const store = { find: () => Promise.reject(down), put: () => Promise.reject(down) };
    const { ask, failed } = await withTower({ store });
    expect(await ask()).toMatchObject({ answer: 'It has 212 steps [1], of oak [1].' });
    expect(failed.mock.calls).toEqual([[down], [down]]);
  });
});

describe('whatever happens to documents and rights', () => {
  const names = ['tower', 'steps', 'oak'];
  const groups = ['board', 'staff'];
  const readers = [ann, { ...bob, groups: ['staff'] }, { ...bob, userId: 'cem', groups }];

  /** Replies with all that it was shown, in the order of the prompt's ids, so that no two prompts have one reply. */
  const everything = (prompt: Prompt) => {
    const sources = (prompt.messages.at(-1)?.text ?? '').matchAll(/<source-\w+ id="(\d+)"[^>]*>\n([^<]*)\n</g);
    return [Array.from(sources, ([, id, text]) => `${text?.replace(/\.$/, '')} [${id}].`).join(' ')];
  };

  /** Pseudo-random numbers from 0 to 1 (mulberry32), so that a failure can be repeated. */
  function randomFrom(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  it.each(Array.from({ length: 25 }, (_, seed) => seed))('no old answer is ever served (seed %d)', async seed => {
    const random = randomFrom(seed);
    const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T; // values are never none
    const library = makeLibrary();
    const answerModel = fakeChatModel(everything);
    const cache = { store: inMemoryAnswerStore(), similarity: 0.9, fingerprint: 'f', failed: vi.fn() };
    const fresh: ChatPorts = { ...library.ports, answerModel };
    const cached: ChatPorts = { ...fresh, answerCache: cache };
    let served = 0;

    const changes = [
      () => library.put(`documents/${oneOf(names)}.md`, [`The tower has ${Math.floor(random() * 1e6)} steps of oak.`]),
      () => library.remove(`documents/${oneOf(names)}.md`),
      () => library.open(`documents/${oneOf(names)}.md`, oneOf([undefined, [], ['staff'], ['board'], groups])),
    ];
    await library.put('documents/tower.md', ['The tower has 212 steps of oak.']);
    for (let step = 0; step < 60; step += 1) {
      if (random() < 0.3) await oneOf(changes)();
      const asked = { reader: oneOf(readers), text: oneOf([question, 'How many steps has the tower, of oak?']) };
      const [given, expected] = [await completed(cached, asked), await completed(fresh, asked)];
      if (given.cached) served += 1;
      const shown = (whole: ChatAnswer) => ({
        quotes: whole.citations.map(({ documentId, version, quote }) => `${documentId} ${version} ${quote}`).sort(),
        refused: whole.refused,
      });
      expect(shown(given)).toEqual(shown(expected));
    }
    expect(cache.failed).not.toHaveBeenCalled();
    expect(served).toBeGreaterThan(5);
  });
});
