import { expect, it } from 'vitest';
import { baselineOf, behindBm25, shortfalls } from '../../eval/baseline.ts';
import type { Evaluation } from '../../eval/evaluate.ts';
import { type Figure, meanOf, measureRetrieval } from '../../eval/measures.ts';

const share = (right: number, of: number): Figure =>
  meanOf(Array.from({ length: of }, (_, position) => (position < right ? 1 : 0)));

function evaluationWith(answered: Figure): Evaluation {
  const none = meanOf([]);
  const retrieval = measureRetrieval([{ ranked: ['a'], relevant: ['a'] }]);
  return {
    set: 'tower',
    documents: 1,
    questions: answered.count,
    retrieval: [{ language: 'en', groundwork: retrieval, bm25: retrieval }],
    answers: {
      answered,
      refused: none,
      refusedOutside: none,
      citedDocument: none,
      citationPrecision: none,
      citationRecall: none,
      supported: none,
      exactMatch: none,
      f1: none,
    },
    evidence: { outside: { auroc: Number.NaN, tradeOffs: [] }, near: { auroc: Number.NaN, tradeOffs: [] } },
    cost: { inputTokens: none, outputTokens: none, usdPerThousand: 0, latencyMs: none },
  };
}

it('holds what was measured, and leaves out what nothing was measured of', () => {
  const baseline = baselineOf(evaluationWith(share(90, 100)));
  expect(baseline['answers.answered']).toEqual({ value: 0.9, error: 0.03, count: 100 });
  expect(baseline['retrieval.en.hit@1']?.value).toBe(1);
  expect(Object.keys(baseline)).not.toContain('answers.refused');
});

it('lets a figure fall by its noise, not by more', () => {
  const baseline = baselineOf(evaluationWith(share(90, 100)));
  expect(shortfalls(evaluationWith(share(87, 100)), baseline)).toEqual([]);
  expect(shortfalls(evaluationWith(share(86, 100)), baseline)).toEqual([
    'answers.answered is 0.860, below 0.900 by more than its noise of 0.030',
  ]);
});

it('lets one question go wrong where all were right', () => {
  const baseline = baselineOf(evaluationWith(share(40, 40)));
  expect(shortfalls(evaluationWith(share(39, 40)), baseline)).toEqual([]);
  expect(shortfalls(evaluationWith(share(38, 40)), baseline)).toHaveLength(1);
});

it('misses a figure that is not measured any more', () => {
  const baseline = baselineOf(evaluationWith(share(40, 40)));
  expect(shortfalls(evaluationWith(meanOf([])), baseline)).toEqual([
    'answers.answered was 1.000 and is not measured any more',
  ]);
});

it('names the languages in which plain BM25 finds more', () => {
  const found = (right: number) =>
    measureRetrieval(
      Array.from({ length: 100 }, (_, i) => ({ ranked: i < right ? ['a', 'b'] : ['b', 'a'], relevant: ['a'] })),
    );
  const evaluation = evaluationWith(share(1, 1));
  const against = (groundwork: number, bm25: number) =>
    behindBm25({ ...evaluation, retrieval: [{ language: 'vi', groundwork: found(groundwork), bm25: found(bm25) }] });
  expect(against(90, 80)).toEqual([]);
  expect(against(90, 93)).toEqual([]); // three of a hundred are noise
  expect(against(90, 94)).toEqual(['hit@1 in vi is 0.900, below the 0.940 of plain BM25']);
});
