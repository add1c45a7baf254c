import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsOf, documentVector, questionVector } from '../../lambdas/lexical/sparse-vector.ts';
import { TermCounter, TermStatistics } from '../../lambdas/lexical/term-statistics.ts';
import { indexOfTerm, termsOf, wordsIn } from '../../lambdas/lexical/terms.ts';

const count = (texts: readonly string[], mostTerms = 1_000) => {
  const counter = new TermCounter(1_000);
  for (const text of texts) counter.add(text);
  return counter.finish(1_250, mostTerms);
};
const score = (question: string, text: string, statistics?: TermStatistics) => {
  const { indices, values } = questionVector(question, statistics);
  const document = documentVector(text);
  const weights = new Map(document.indices.map((index, i) => [index, document.values[i] ?? 0]));
  return indices.reduce((sum, index, i) => sum + (values[i] ?? 0) * (weights.get(index) ?? 0), 0);
};

describe('words', () => {
  const segmenter = new Intl.Segmenter('und', { granularity: 'word' });
  const segments = (text: string) =>
    [...segmenter.segment(text.normalize('NFKC').toLowerCase())]
      .filter(({ isWordLike }) => isWordLike)
      .map(({ segment }) => segment);
  /** What joins and parts words, in ASCII and around it. */
  const joints = ' \n\t\u000b\u0000_.,;:\'"-/@$%()aZé9ä’“٣א\u00ad\u200d\u0301\u00a0中文ไทยか😀';
  const joint = fc.constantFrom(...joints);
  const ascii = fc.string({
    unit: fc.oneof(
      joint.filter(char => char < '\x7f'),
      fc.string({ unit: 'binary-ascii', maxLength: 1 }),
    ),
  });
  const long = fc.string({ unit: 'binary-ascii', minLength: 90, maxLength: 300 });

  it('of ASCII text end where Unicode says', () => {
    fc.assert(
      fc.property(ascii, text => isDeepStrictEqual(wordsIn(text), segments(text))),
      { numRuns: 2_000 },
    );
  });

  it('end there too where ASCII stands among other text', () => {
    const mixed = fc.array(fc.oneof(joint, long, fc.constant(' ')), { maxLength: 8 }).map(parts => parts.join(''));
    fc.assert(
      fc.property(mixed, text => isDeepStrictEqual(wordsIn(text), segments(text))),
      { numRuns: 2_000 },
    );
  });
});

describe('terms', () => {
  it.each([
    ['buckets', 'bucket'],
    ['policies', 'policy'],
    ['stopped', 'stop'],
    ['stopping', 'stop'],
    ['stored', 'storing'],
    ['replication', 'replicate'],
    ['Construcciones', 'construcción'],
    ['ｆｕｌｌ', 'full'],
  ])('let %s meet %s', (a, b) => {
    expect(termsOf(a)).toEqual(termsOf(b));
  });

  it.each([
    ['ma', 'má'],
    ['class', 'clas'],
    ['red', 'r'],
  ])('tell %s from %s', (a, b) => {
    expect(termsOf(a)).not.toEqual(termsOf(b));
  });

  it('are pairs of characters too where no blanks are written', () => {
    expect(termsOf('维多利亚湖')).toEqual(expect.arrayContaining(['维多', '多利', '利亚', '亚湖']));
  });

  it('are spread over 32 bits', () => {
    const indices = Array.from({ length: 20_000 }, (_, i) => indexOfTerm(`term${i}`));
    expect(new Set(indices).size).toBeGreaterThan(19_995);
    expect(indices.every(index => Number.isInteger(index) && index >= 0 && index <= 0xffffffff)).toBe(true);
  });
});

describe('sparse vectors', () => {
  it('of any text are what Pinecone takes, and score at most 1', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 3_000 }),
        fc.string({ unit: 'grapheme' }),
        (text, question) => {
          const { indices, values } = documentVector(text);
          expect(new Set(indices).size).toBe(indices.length);
          expect(indices.length).toBeLessThanOrEqual(1_000);
          expect(values.every(value => value > 0 && value < 1)).toBe(true);
          expect(score(question, text)).toBeLessThanOrEqual(1.001);
        },
      ),
    );
  });

  it('prefer the text that has the rare word', () => {
    const texts = ['the tower has steps', 'the tower is high', 'the tower is old', 'the orchid is old'];
    const statistics = count(texts);
    const ranked = texts.toSorted(
      (a, b) => score('is the orchid the one', b, statistics) - score('is the orchid the one', a, statistics),
    );
    expect(ranked[0]).toBe('the orchid is old');
  });

  it('work before anything is counted', () => {
    expect(score('tower steps', 'the tower has steps')).toBeGreaterThan(score('tower steps', 'orchids'));
  });

  it('of nothing are empty', () => {
    expect(questionVector(' ?! ', undefined)).toEqual({ indices: [], values: [] });
    expect(documentVector('')).toEqual({ indices: [], values: [] });
  });
});

describe('statistics', () => {
  it('count each text once for a term', () => {
    const statistics = count(['a tower, a tower', 'a tower', 'an orchid']);
    const rarity = (word: string) => statistics.rarityOf([...countsOf(termsOf(word)).keys()][0] ?? 0);
    expect(statistics.chunkCount).toBe(3);
    expect(rarity('tower')).toBeCloseTo(Math.log(1 + 1.5 / 2.5));
    expect(rarity('orchid')).toBeGreaterThan(rarity('tower'));
    expect(rarity('unheard')).toBeGreaterThan(rarity('orchid'));
  });

  it('are the same after a way through bytes', () => {
    const statistics = count(['a tower', 'an orchid']);
    const again = TermStatistics.decode(statistics.encode());
    expect(again).toMatchObject({ chunkCount: 2, countedAt: 1_000, durationMs: 250 });
    for (const word of ['tower', 'orchid', 'x']) {
      expect(again.rarityOf(indexOfTerm(word))).toBe(statistics.rarityOf(indexOfTerm(word)));
    }
  });

  it.each([[new Uint8Array()], [new TextEncoder().encode('{"not": "statistics of this form at all"}')]])(
    'are not read from other bytes',
    bytes => {
      expect(() => TermStatistics.decode(bytes)).toThrow('not term statistics');
    },
  );

  it('keep the commonest terms when there are too many', () => {
    const statistics = count(['tower orchid', 'tower'], 1);
    expect(statistics.rarityOf(indexOfTerm('tower'))).toBeLessThan(statistics.rarityOf(indexOfTerm('orchid')));
    expect(statistics.encode()).toHaveLength(24 + 8);
  });
});
