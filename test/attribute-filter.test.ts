import { expect, it } from 'vitest';
import { type AttributeFilter, meetsFilter } from '../lambdas/attribute-filter.ts';
import { searchFilterSchema } from '../lambdas/http/schemas.ts';

const attributes = { year: 2024, team: 'people', draft: false, tags: ['leave', 'travel'] };

it.each<[AttributeFilter, boolean]>([
  [{}, true],
  [{ team: { equals: 'people' } }, true],
  [{ team: { equals: 'People' } }, false],
  [{ draft: { equals: false } }, true],
  [{ year: { equals: 2024 } }, true],
  [{ year: { equals: '2024' } }, false],
  [{ tags: { equals: 'travel' } }, true],
  [{ tags: { in: ['pay', 'leave'] } }, true],
  [{ tags: { in: ['pay'] } }, false],
  [{ year: { from: 2024, to: 2024 } }, true],
  [{ year: { from: 2025 } }, false],
  [{ year: { to: 2023 } }, false],
  [{ team: { from: 0 } }, false],
  [{ team: { prefix: 'peo' } }, true],
  [{ tags: { prefix: 'tra' } }, true],
  [{ year: { prefix: '20' } }, false],
  [{ team: { prefix: 'peo', in: ['finance'] } }, false],
  [{ team: { equals: 'people' }, year: { from: 2025 } }, false],
  [{ owner: { prefix: '' } }, false],
  [{ constructor: { prefix: 'f' } }, false],
])('%j: %s', (filter, meets) => {
  expect(meetsFilter(attributes, filter)).toBe(meets);
});

it('is met by a document without attributes only when it asks for none', () => {
  expect(meetsFilter(undefined, {})).toBe(true);
  expect(meetsFilter(undefined, { year: { from: 0 } })).toBe(false);
});

it.each([
  { year: {} },
  { year: { above: 3 } },
  { year: { from: '2024' } },
  { year: { in: [] } },
  { team: { equals: ['people'] } },
  { $or: { equals: 1 } },
  Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, { equals: 1 }])),
])('that cannot be is refused: %j', conditions => {
  expect(searchFilterSchema.safeParse({ attributes: conditions }).success).toBe(false);
});
