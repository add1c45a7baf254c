import { describe, expect, it } from 'vitest';
import { groupsOf, readAll } from '../../web/admin/failure-groups.ts';
import { keyStateOf } from '../../web/admin/key-state.ts';
import { amountOf, periodOf, topOf } from '../../web/admin/usage.ts';
import type { DocumentPage, DocumentRow } from '../../web/api/documents.ts';
import { administrationStrings } from '../../web/strings/administration.ts';

const failed = (key: string, code?: string): DocumentRow => {
  const time = '2026-11-21T12:00:00Z';
  return {
    ...{ documentId: key, key, title: key, status: 'FAILED', version: 1, chunkCount: 0, size: 1 },
    ...{ createdAt: time, updatedAt: time, ...(code && { error: { code, message: `${code} of ${key}` } }) },
  };
};

describe('usage', () => {
  it('is asked for by days of UTC, today included', () => {
    const now = new Date('2026-03-01T23:30:00-05:00');
    expect(periodOf(1, now)).toEqual({ from: '2026-03-02', to: '2026-03-02' });
    expect(periodOf(30, now)).toEqual({ from: '2026-02-01', to: '2026-03-02' });
  });

  it('is shown by cost, tokens or answers', () => {
    const used = { usd: 0.5, inputTokens: 10, outputTokens: 3, answers: 2 };
    expect((['usd', 'tokens', 'answers'] as const).map(metric => amountOf(used, metric))).toEqual([0.5, 13, 2]);
  });

  it.each([
    [0, 1],
    [0.00031, 0.0005],
    [1, 1],
    [3, 5],
    [0.3, 0.5],
    [51, 100],
    [200, 200],
    [0.1 + 0.2, 0.5],
    [9_999, 10_000],
  ])('of at most %d is drawn up to %d', (highest, top) => {
    expect(topOf(highest)).toBeCloseTo(top, 10);
  });
});

describe('failed documents', () => {
  it('are put together by reason, the most frequent first', () => {
    const groups = groupsOf([
      failed('a', 'encrypted'),
      failed('b', 'too-large'),
      failed('c', 'encrypted'),
      failed('d'),
    ]);
    expect(groups.map(({ code, documents }) => [code, documents.length])).toEqual([
      ['encrypted', 2],
      ['too-large', 1],
      ['unknown', 1],
    ]);
    expect(groups[0]?.message).toBe('encrypted of a');
  });

  it('are read page by page, up to a number', async () => {
    const pages: Record<string, DocumentPage> = {
      first: { documents: [failed('a'), failed('b')], cursor: '2' },
      2: { documents: [], cursor: '3' },
      3: { documents: [failed('c')] },
    };
    const list = async (cursor: string | undefined) => pages[cursor ?? 'first'] ?? { documents: [] };
    expect(await readAll(list, 100)).toMatchObject({
      documents: [{ key: 'a' }, { key: 'b' }, { key: 'c' }],
      hasMore: false,
    });
    expect(await readAll(list, 2)).toMatchObject({ documents: [{ key: 'a' }, { key: 'b' }], hasMore: true });
  });
});

it('keys are active until they expire or are revoked', () => {
  const expiresAt = '2026-11-21T12:00:00Z';
  const at = Date.parse(expiresAt);
  expect(keyStateOf({ expiresAt }, at - 1)).toBe('active');
  expect(keyStateOf({ expiresAt }, at)).toBe('expired');
  expect(keyStateOf({ expiresAt, revokedAt: '2026-11-20T12:00:00Z' }, at - 1)).toBe('revoked');
});

const shapeOf = (texts: object, path = ''): string[] =>
  Object.entries(texts).flatMap(([name, text]) => {
    if (typeof text === 'object') return shapeOf(text, `${path}${name}.`);
    return typeof text === 'function' ? [`${path}${name}(${text.length})`] : [`${path}${name}`];
  });

it('speaks of administration in each language alike', () => {
  expect(shapeOf(administrationStrings.de)).toEqual(shapeOf(administrationStrings.en));
});
