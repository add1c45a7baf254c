import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isStopWord } from '../../lambdas/lexical/stop-words.ts';
import { chosenWords, stopWordLists } from '../../scripts/stop-words.ts';

it('knows the stop words of every chosen language', () => {
  expect(chosenWords().length).toBeGreaterThan(5_000);
  expect(chosenWords().filter(word => !isStopWord(word))).toEqual([]);
});

it.each(['which', 'wieviel', 'cuántos', 'nào', '多少', '누구', 'кто', 'ما'])('knows %s', word => {
  expect(isStopWord(word)).toBe(true);
});

it.each(['harbour', 'lantern', '212', 'hafen', '灯笼', 'маяк', ''])('does not take %j for one', word => {
  expect(isStopWord(word)).toBe(false);
});

it('has the lists that the package has', async () => {
  const written = await readFile(join(import.meta.dirname, '../../lambdas/lexical/stop-word-lists.ts'), 'utf8');
  expect(written).toBe(stopWordLists());
});
