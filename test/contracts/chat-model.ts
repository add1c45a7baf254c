import { expect, it } from 'vitest';
import type { ChatModel, ChatModelEvent, Prompt } from '../../lambdas/ports.ts';

/** A prompt that a model can answer from its only source: `212`. */
export const towerPrompt: Prompt = {
  purpose: 'answer',
  system: 'Answer from the sources. Cite them like [1].',
  messages: [
    {
      role: 'user',
      text: '<source-abc id="1" title="Tower">The tower has 212 steps of oak.</source-abc>\n<question>How many steps does the tower have?</question>',
    },
  ],
};

export async function collect(events: AsyncIterable<ChatModelEvent>): Promise<ChatModelEvent[]> {
  const all: ChatModelEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export const textOf = (events: readonly ChatModelEvent[]): string =>
  events.flatMap(event => (event.type === 'text' ? [event.text] : [])).join('');

/** What every chat model must do. */
export function chatModelContract(makeModel: () => ChatModel) {
  it('gives its text in pieces, then one last event with what it used', async () => {
    const events = await collect(makeModel().stream(towerPrompt));
    expect(textOf(events)).toContain('212');
    expect(events.map(({ type }) => type).lastIndexOf('text')).toBe(events.length - 2);
    const last = events.at(-1);
    expect(last).toMatchObject({ type: 'end', stopReason: 'end_turn' });
    expect(last?.type === 'end' && last.inputTokens > 0 && last.outputTokens > 0).toBe(true);
  });

  it('takes a conversation', async () => {
    const [question] = towerPrompt.messages;
    if (!question) throw new Error('The prompt has no message.');
    const messages = [
      { role: 'user' as const, text: 'Hello?' },
      { role: 'assistant' as const, text: 'Hello.' },
      question,
    ];
    expect(textOf(await collect(makeModel().stream({ ...towerPrompt, messages })))).toContain('212');
  });

  it('serves several calls at a time', async () => {
    const model = makeModel();
    const replies = await Promise.all([1, 2, 3].map(() => collect(model.stream(towerPrompt))));
    for (const events of replies) expect(textOf(events)).toContain('212');
  });

  it('ends with the reason of a signal that aborted before or midway', async () => {
    const gone = new Error('nobody listens');
    await expect(collect(makeModel().stream(towerPrompt, AbortSignal.abort(gone)))).rejects.toBe(gone);
    const controller = new AbortController();
    const events = makeModel().stream(towerPrompt, controller.signal)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: 'text' });
    controller.abort(gone);
    const rest = (async () => {
      while (!(await events.next()).done);
    })();
    await expect(rest).rejects.toBe(gone);
  });

  it('can be left midway', async () => {
    const model = makeModel();
    for await (const event of model.stream(towerPrompt)) if (event.type === 'text') break;
    expect(textOf(await collect(model.stream(towerPrompt)))).toContain('212');
  });
}
