import { describe, expect, it } from 'vitest';
import { CitedReply } from '../../lambdas/chat/cited-reply.ts';
import type { Passage } from '../../lambdas/chat/passage.ts';
import { bestFirstAndLast, selectPassages } from '../../lambdas/chat/select.ts';
import { chunkIdOf } from '../../lambdas/document.ts';
import { type PassageSample, passageOf } from './passages.ts';

const roomy = { topK: 10, maxTokens: 10_000 };
const textsOf = (passages: readonly Passage[]) => passages.map(({ chunk }) => chunk.text);
const select = (samples: readonly PassageSample[], options = roomy) => selectPassages(samples.map(passageOf), options);
/** `count` different words. */
const words = (count: number, last = '') =>
  Array.from({ length: count }, (_, i) => `word${'abcdefghijklmnopqrstuvwxyz'[i % 26]}${'x'.repeat(i / 26)}`).join(
    ' ',
  ) + last;

describe('near-duplicates', () => {
  it('of a better passage are dropped, also of another document', () => {
    const samples = [
      { key: 'documents/a.md', text: words(40, ' tower') },
      { key: 'documents/copy.md', text: `${words(40)} Tower!` },
      { key: 'documents/b.md', text: 'The greenhouse has orchids.' },
    ];
    expect(select(samples).map(({ head }) => head.key)).toEqual(['documents/a.md', 'documents/b.md']);
  });

  it('are none when they differ in a number', () => {
    const samples = ['212', '213'].map(steps => ({ key: `documents/${steps}.md`, text: words(40, ` ${steps} steps`) }));
    expect(select(samples)).toHaveLength(2);
  });

  it('are none when they differ in much', () => {
    expect(select([{ text: words(20) }, { text: words(30), key: 'documents/b.md' }])).toHaveLength(2);
  });

  it('make room for others', () => {
    const samples = ['a', 'b', 'c'].map(name => ({
      key: `documents/${name}.md`,
      text: name === 'c' ? 'orchids' : 'tower',
    }));
    expect(textsOf(select(samples, { topK: 2, maxTokens: 100 }))).toEqual(['tower', 'orchids']);
  });
});

describe('packing', () => {
  const sample = (name: string, tokens: number) => ({ key: `documents/${name}.md`, text: name.repeat(4 * tokens) });

  it('takes what fits, a smaller one in place of a larger one that does not', () => {
    const found = select([sample('a', 50), sample('b', 60), sample('c', 40)], { topK: 5, maxTokens: 100 });
    expect(found.map(({ head }) => head.key)).toEqual(['documents/a.md', 'documents/c.md']);
  });

  it('takes the best one whatever its size', () => {
    expect(select([sample('a', 500)], { topK: 5, maxTokens: 100 })).toHaveLength(1);
  });
});

describe('chunks that continue one another', () => {
  /** The chunks of one text, each with where it stands. */
  const chunk = (text: string, index: number, start: number, sample: Partial<PassageSample> = {}): Passage => {
    const passage = passageOf({ text, index, ...sample });
    return { ...passage, chunk: { ...passage.chunk, start, end: start + text.length } };
  };
  const first = chunk('The tower has 212 steps. They are made of oak.', 3, 100);
  const second = chunk('They are made of oak. The bell is of bronze.', 4, 125);

  it('are one passage, in reading order, what they share being said once', () => {
    const [joined, ...others] = selectPassages([{ ...second, score: 0.9 }, first], roomy);
    expect(others).toEqual([]);
    expect(joined).toMatchObject({
      score: 0.9,
      chunk: { index: 3, start: 100, end: 169 },
      parts: [{ index: 3 }, { index: 4 }],
    });
    expect(joined?.chunk.text).toBe('The tower has 212 steps. They are made of oak. The bell is of bronze.');
  });

  it('are quoted each from the chunk that is stored', () => {
    const reply = new CitedReply(selectPassages([first, second], roomy), 'What is of bronze?');
    reply.read('The bell is of bronze [1]. It has 212 steps [1].');
    reply.end();
    expect(reply.finish().citations).toMatchObject([
      { n: 1, chunkId: chunkIdOf(second.chunk), quote: 'The bell is of bronze.', start: 22, end: 44 },
      { n: 1, chunkId: chunkIdOf(first.chunk), quote: 'The tower has 212 steps.', start: 0 },
    ]);
  });

  it('stay apart across a gap, another place or another document', () => {
    const gap = chunk('The bell is of bronze.', 5, 150);
    const page = chunk('The bell is of bronze.', 4, 125, { place: { page: 2 } });
    const other = chunk('The bell is of bronze.', 4, 125, { key: 'documents/b.md' });
    for (const passage of [gap, page, other]) expect(selectPassages([first, passage], roomy)).toEqual([first, passage]);
  });

  it('keep the place of the best of them among the others', () => {
    const other = chunk('The greenhouse has orchids.', 0, 0, { key: 'documents/b.md' });
    const keys = selectPassages([second, other, first], roomy).map(({ head }) => head.key);
    expect(keys).toEqual(['documents/a.md', 'documents/b.md']);
  });

  it('carry the signs of all of them', () => {
    const flagged = { ...second, chunk: { ...second.chunk, suspicious: ['hidden-text'] as const } };
    expect(selectPassages([first, flagged], roomy)[0]?.chunk.suspicious).toEqual(['hidden-text']);
  });
});

it('puts the best first and the second best last', () => {
  expect(bestFirstAndLast([1, 2, 3, 4, 5])).toEqual([1, 3, 5, 4, 2]);
  expect(bestFirstAndLast([1, 2])).toEqual([1, 2]);
  expect(bestFirstAndLast([])).toEqual([]);
});
