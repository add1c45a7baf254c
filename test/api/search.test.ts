import { expect, it } from 'vitest';
import { searchReplySchema } from '../../lambdas/api/schemas.ts';
import { search } from '../../lambdas/api/search.ts';
import { makeLibrary } from '../chat/library.ts';
import { ann } from '../chat/turns.ts';

it('gives matches with their text, best first, as many as asked for', async () => {
  const { ports, put, remove } = makeLibrary();
  await put('documents/a.md', ['the tower has steps of oak', 'orchids need rain water']);
  await put('documents/b.md', ['the tower has steps of oak, too']);
  await remove('documents/b.md');
  const request = { query: 'tower steps oak' };
  const { signal } = new AbortController();
  const reply = searchReplySchema.parse(await search({ ...ports, topK: 5 }, ann, request, signal));
  expect(reply.matches.map(({ text }) => text)).toEqual(['the tower has steps of oak', 'orchids need rain water']);
  expect(reply.matches[0]?.score).toBeGreaterThan(reply.matches[1]?.score ?? 1);
  expect((await search({ ...ports, topK: 5 }, ann, { ...request, topK: 1 }, signal)).matches).toHaveLength(1);
});
