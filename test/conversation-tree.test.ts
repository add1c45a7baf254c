import { describe, expect, it } from 'vitest';
import { newestOf, pathTo } from '../lambdas/conversation-tree.ts';

const root = { turnId: '1' };
const left = { turnId: '2', parentTurnId: '1' };
const right = { turnId: '3', parentTurnId: '1' };
const leaf = { turnId: '4', parentTurnId: '2' };
const turns = [leaf, right, root, left];

describe('a path', () => {
  it('leads from the first turn to its tip, whatever the order of the turns', () => {
    expect(pathTo(turns, '4')).toEqual([root, left, leaf]);
    expect(pathTo(turns, '3')).toEqual([root, right]);
  });

  it('begins after a turn that is gone, and is empty without its tip', () => {
    expect(pathTo([leaf, left], '4')).toEqual([left, leaf]);
    expect(pathTo(turns, '9')).toEqual([]);
    expect(pathTo(turns, undefined)).toEqual([]);
  });

  it('ends even when turns name each other', () => {
    expect(
      pathTo(
        [
          { turnId: 'a', parentTurnId: 'b' },
          { turnId: 'b', parentTurnId: 'a' },
        ],
        'a',
      ),
    ).toHaveLength(2);
  });
});

describe('the newest turn', () => {
  it('is the one with the greatest id', () => {
    expect(newestOf(turns)).toBe(leaf);
    expect(newestOf([])).toBeUndefined();
  });
});
