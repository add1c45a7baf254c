import { describe, expect, it } from 'vitest';
import { answer } from '../../lambdas/chat/answer.ts';
import type { AnswerEvent } from '../../lambdas/chat/answer-event.ts';
import type { RankedText, Reranker } from '../../lambdas/ports.ts';
import { makeLibrary } from './library.ts';
import { ann } from './turns.ts';

const text = 'tower steps';
/** In the order of retrieval. */
const fused = ['tower steps', 'tower steps of oak', 'tower steps of old grey stone'];
const names = fused.map((_, index) => `documents/${index}.md`);

const ranks = (...indices: number[]): RankedText[] => indices.map((index, rank) => ({ index, score: 1 - rank / 10 }));
const reversing: Reranker['rerank'] = async (_, texts) => ranks(...texts.keys()).toReversed();
const never: Reranker['rerank'] = () => new Promise(() => undefined);

/** Asks with this reranker; tells the order of the sources, what the reranker was asked, and its failures. */
async function ask(
  rerank: Reranker['rerank'],
  { minEvidence = 0, topK = 3, limitMs = 60_000, signal = new AbortController().signal } = {},
) {
  const library = makeLibrary();
  for (const [index, content] of fused.entries()) await library.put(names[index] ?? '', [content]);
  const failures: unknown[] = [];
  const asked: { query: string; texts: readonly string[] }[] = [];
  const reranker: Reranker = {
    modelId: 'reranker',
    rerank: (query, texts, ...rest) => {
      asked.push({ query, texts });
      return rerank(query, texts, ...rest);
    },
  };
  const reranking = { reranker, limitMs, failed: (error: unknown) => failures.push(error) };
  const prices = { answer: undefined, condense: undefined, embedding: undefined, rerankQuery: 0.002 };
  const options = { historyTokens: 1_000, passageTokens: 1_000, minEvidence, prices };
  const events: AnswerEvent[] = [];
  for await (const event of answer(
    { ...library.ports, reranking },
    { text, reader: ann, topK },
    { ...options, suspiciousPassages: 'mark' },
    signal,
  )) {
    events.push(event);
  }
  const sources = events.flatMap(event => (event.type === 'sources' ? event.sources : []));
  const [usage] = events.flatMap(event => (event.type === 'completed' ? [event.answer.usage] : []));
  return { events, usage, sources, keys: sources.map(({ key }) => key), asked, failures, library };
}

describe('a reranker', () => {
  it('reads the question with every passage found, and says which the model is given', async () => {
    const { keys, sources, asked, failures } = await ask(reversing, { topK: 2 });
    expect(asked).toEqual([{ query: text, texts: fused.map(content => expect.stringContaining(content)) }]);
    expect(keys).toEqual([names[2], names[1]]);
    expect(sources[0]?.score).toBeLessThan(sources[1]?.score ?? 0); // retrieval's still
    expect(failures).toEqual([]);
  });

  it('may leave passages out: they come last', async () => {
    expect((await ask(async () => ranks(2))).keys).toEqual([names[2], names[0], names[1]]);
  });

  it('is paid with the answer', async () => {
    expect((await ask(reversing)).usage).toMatchObject({ rerankQueries: 1, costUsd: 0.002 });
  });

  it('is not asked when the evidence is too weak for an answer', async () => {
    const { asked, usage, events } = await ask(reversing, { minEvidence: 1.1 });
    expect(asked).toEqual([]);
    expect(usage?.costUsd).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: 'completed', answer: { refused: true } });
  });
});

describe('without an answer of the reranker', () => {
  it('passages keep the order of retrieval when it fails', async () => {
    const failure = new Error('throttled');
    const { keys, failures, usage, events } = await ask(() => Promise.reject(failure));
    expect(keys).toEqual(names);
    expect(usage?.costUsd).toBe(0); // what was refused is not billed
    expect(failures).toEqual([failure]);
    expect(events.at(-1)?.type).toBe('completed');
  });

  it('passages keep the order of retrieval when it takes too long', async () => {
    const { keys, failures, usage, events } = await ask(never, { limitMs: 10 });
    expect(usage?.costUsd).toBe(0.002); // nobody waits for it, but it is billed
    expect(keys).toEqual(names);
    expect(failures).toMatchObject([{ name: 'TimeoutError' }]);
    expect(events.at(-1)?.type).toBe('completed');
  });

  it('the question ends, and nothing failed, when nobody listens any more', async () => {
    const leaving = new AbortController();
    const asking: Reranker['rerank'] = () => {
      leaving.abort();
      return never('', [], 0);
    };
    const { events, failures } = await ask(asking, { signal: leaving.signal });
    expect(events.map(({ type }) => type)).toEqual(['started']);
    expect(failures).toEqual([]);
  });
});
