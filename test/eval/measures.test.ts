import { describe, expect, it } from 'vitest';
import { auroc, exactMatch, f1, holdsAnswer, meanOf, measureRetrieval, tradeOffs } from '../../eval/measures.ts';

describe('retrieval', () => {
  it('counts where the first relevant document stands', () => {
    const figures = measureRetrieval([
      { ranked: ['a', 'b', 'c'], relevant: ['a'] },
      { ranked: ['b', 'c', 'a'], relevant: ['a'] },
      { ranked: ['b', 'c'], relevant: ['a'] },
    ]);
    expect(figures['hit@1'].value).toBeCloseTo(1 / 3);
    expect(figures['hit@5'].value).toBeCloseTo(2 / 3);
    expect(figures['MRR@10'].value).toBeCloseTo((1 + 1 / 3) / 3);
  });

  it('sees no further than ten documents for MRR and nDCG', () => {
    const ranked = [...'abcdefghijk'];
    const figures = measureRetrieval([{ ranked, relevant: ['k'] }]);
    expect([figures['hit@10'].value, figures['MRR@10'].value, figures['nDCG@10'].value]).toEqual([0, 0, 0]);
  });

  it('discounts gains by rank, and calls the best possible order 1', () => {
    const gain = (ranked: string[]) => measureRetrieval([{ ranked, relevant: ['a', 'b'] }])['nDCG@10'].value;
    expect(gain(['b', 'a', 'c'])).toBeCloseTo(1);
    // Second and third: (1/log2 3 + 1/log2 4) / (1/log2 2 + 1/log2 3)
    expect(gain(['c', 'a', 'b'])).toBeCloseTo((0.630_93 + 0.5) / (1 + 0.630_93), 4);
  });
});

describe('a mean', () => {
  it('comes with its standard error', () => {
    expect(meanOf([1, 0, 1, 0])).toEqual({ value: 0.5, error: 0.25, count: 4 });
  });

  it('of nothing is told by its count', () => {
    expect(meanOf([])).toEqual({ value: 0, error: 0, count: 0 });
  });
});

describe('answers', () => {
  it('are held whatever case, punctuation and spacing are', () => {
    expect(holdsAnswer('It ends at 15:00, on\nMonday – Thursday.', ['monday thursday'])).toBe(true);
    expect(holdsAnswer('The price is 120 euros.', ['12'])).toBe(false);
    expect(holdsAnswer('会费一百二十克朗。', ['一百二十克朗'])).toBe(true);
  });

  it('match exactly by their words alone', () => {
    expect(exactMatch('Six weeks.', ['6 weeks', 'six weeks'])).toBe(1);
    expect(exactMatch('It is six weeks.', ['six weeks'])).toBe(0);
  });

  it('overlap by the harmonic mean of precision and recall, with the answer that fits best', () => {
    expect(f1('it is six weeks', ['six weeks'])).toBeCloseTo(2 / 3);
    expect(f1('six', ['six six', 'seven'])).toBeCloseTo(2 / 3);
    expect(f1('eight', ['six weeks'])).toBe(0);
  });
});

describe('telling two kinds apart by a score', () => {
  it('is 1 when all of one are above the other, and counts a tie as half', () => {
    expect(auroc([3, 4], [1, 2])).toBe(1);
    expect(auroc([1, 2], [3, 4])).toBe(0);
    expect(auroc([1], [1])).toBe(0.5);
  });

  it('is traded off by thresholds that keep a share of the answerable ones', () => {
    const answerable = Array.from({ length: 100 }, (_, score) => score + 1);
    const curve = tradeOffs(answerable, [2, 3, 50, 200]);
    expect(curve.find(({ answered }) => answered === 0.95)).toEqual({ threshold: 6, answered: 0.95, refused: 0.5 });
    expect(curve.every(({ threshold }, i) => i === 0 || threshold >= (curve[i - 1]?.threshold ?? 0))).toBe(true);
  });
});
