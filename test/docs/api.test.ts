import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { apiReference } from '../../scripts/api-docs.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8');

it('is what the OpenAPI document says: run npm run docs:api', () => {
  expect(text).toBe(apiReference());
});

it('refers to headings that are there', () => {
  const headings = new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
  const links = [...text.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor);
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter(anchor => !headings.has(anchor ?? ''))).toEqual([]);
});
