import { expect, it } from 'vitest';
import { Bm25, wordsOf } from '../../eval/bm25.ts';

const documents = [
  { id: 'tower', text: 'The tower has steps. The tower has a bell.' },
  { id: 'garden', text: 'The garden has orchids.' },
  { id: 'walks', text: 'The walks lead past the tower and through the garden to the old harbour.' },
];

it('ranks the document with the rarest word of the question first', () => {
  expect(new Bm25(documents).rank('Does the tower have orchids?')[0]).toBe('garden');
});

it('prefers what says a word more often, in less text', () => {
  expect(new Bm25(documents).rank('tower')).toEqual(['tower', 'walks', 'garden']);
});

it('scores as the formula says', () => {
  // One word, in one of two documents of equal length: ln(1 + 1.5/1.5) and no normalization, so a tie stays in order.
  const bm25 = new Bm25([
    { id: 'a', text: 'one two' },
    { id: 'b', text: 'two three' },
  ]);
  expect(bm25.rank('two')).toEqual(['a', 'b']);
  expect(bm25.rank('three two')).toEqual(['b', 'a']);
});

it('knows words by the rules of their script', () => {
  expect(wordsOf('Đặng Thu Hà, 1.200!')).toEqual(['đặng', 'thu', 'hà', '1.200']);
  expect(wordsOf('会员每年').length).toBeGreaterThan(1);
});
