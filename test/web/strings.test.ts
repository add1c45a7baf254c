import { describe, expect, it } from 'vitest';
import { de } from '../../web/strings/de.ts';
import { en } from '../../web/strings/en.ts';

/** Every text by its path, functions by how many values they take. */
function textsIn(strings: object, path = ''): Map<string, string | number> {
  const texts = Object.entries(strings).flatMap(([key, value]): [string, string | number][] => {
    if (typeof value === 'object') return [...textsIn(value, `${path}${key}.`)];
    return [[path + key, typeof value === 'function' ? value.length : value]];
  });
  return new Map(texts);
}

describe('the languages', () => {
  it('have the same texts, none of them empty', () => {
    const [english, german] = [textsIn(en), textsIn(de)];
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
    for (const texts of [english, german]) for (const [path, text] of texts) expect(text, path).not.toBe('');
  });

  it('write three dots as one character, and no straight quotes', () => {
    for (const texts of [textsIn(en), textsIn(de)])
      for (const [path, text] of texts) expect(String(text), path).not.toMatch(/\.\.\.|"/);
  });
});
