import { expect, it } from 'vitest';
import { sentencesOf } from '../../lambdas/chat/words.ts';

const split = (text: string) => sentencesOf(text).map(sentence => sentence.text);

it.each([
  ['The theory of J. F. D. Shrewsbury came first. ', 'It was doubted.'],
  ['He met Mr. Smith vs. Russia in the U.S. Army. ', 'They left.'],
  ['Nimm z. B. Holz nach Art der Werkstatt. ', 'Es hält.'],
  ['塔有二百级台阶。', '它很高。'],
  ['It stands on Mt. Blanc.\n', 'St. Mary is near.'],
])('ends no sentence at a short form: %j', (first, second) => {
  expect(split(first + second)).toEqual([first, second]);
});

it('gives each sentence with its offset, and all of the text', () => {
  const text = 'By J. Smith. Built in 1891.\nIt has steps.';
  const sentences = sentencesOf(text);
  expect(sentences.map(({ text: sentence }) => sentence).join('')).toBe(text);
  expect(sentences.every(({ text: sentence, start }) => text.slice(start, start + sentence.length) === sentence)).toBe(
    true,
  );
});

it('ends a sentence at the end of a line, whatever stands there', () => {
  expect(split('Written by J.\nSmith built it.')).toEqual(['Written by J.\n', 'Smith built it.']);
});
