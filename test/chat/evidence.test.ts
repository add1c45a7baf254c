import { expect, it } from 'vitest';
import { evidenceOf } from '../../lambdas/chat/evidence.ts';
import { queryVector } from '../../lambdas/chat/query-vector.ts';
import { embeddedText } from '../../lambdas/embedded-text.ts';
import { documentVector } from '../../lambdas/lexical/sparse-vector.ts';
import { TermCounter } from '../../lambdas/lexical/term-statistics.ts';
import { passageOf } from './passages.ts';

const texts = [
  'The tower has 212 steps of oak.',
  'The orchids need rain water.',
  'Visitors climb the tower on Sundays.',
];
const counter = new TermCounter(0);
for (const text of texts) counter.add(text);
const mix = { statistics: counter.finish(0, 1_000), denseWeight: 0.3 };

/** Evidence in the first text, whose embedding is `cosine` close to the question's. */
function evidence(question: string, cosine = 0.2): number {
  const passage = passageOf({ text: texts[0] ?? '' });
  const { sparse } = queryVector(question, [], mix);
  const stored = documentVector(embeddedText(passage.head, passage.chunk));
  const weights = new Map(stored.indices.map((index, i) => [index, stored.values[i] ?? 0]));
  const lexical =
    sparse?.indices.reduce((sum, index, i) => sum + (sparse.values[i] ?? 0) * (weights.get(index) ?? 0), 0) ?? 0;
  return evidenceOf(question, [{ ...passage, score: 0.3 * cosine + lexical }], mix);
}

it('grows with what the passage says of the question', () => {
  expect(evidence('How many steps does the tower have?')).toBeGreaterThan(
    evidence('How many steps does the ladder have?'),
  );
  expect(evidence('How many steps does the ladder have?')).toBeGreaterThan(evidence('Who invented the ladder?'));
});

it('does not hang on how the question is asked', () => {
  const short = evidence('tower steps');
  expect(evidence('How many steps does the tower have?')).toBeCloseTo(short, 1);
});

it('is as much as the similarity of meaning alone', () => {
  expect(evidence('Wie viele Stufen hat der Turm?', 0.6)).toBeCloseTo(0.6, 5);
});

it('is nothing without passages, and something for a question of stop words', () => {
  expect(evidenceOf('How many steps?', [], mix)).toBe(0);
  expect(evidence('What is the?')).toBeGreaterThan(0);
});
