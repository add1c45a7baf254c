import { describe, expect, it } from 'vitest';
import { historyOf, planSummary, TURNS_READ, trimHistory } from '../../lambdas/chat/history.ts';
import type { Turn } from '../../lambdas/conversation.ts';
import { estimateTokens } from '../../lambdas/ingest/tokens.ts';
import { turnOf } from './turns.ts';

/** Turns of equal cost, the ones at `summaries` with a summary. */
const pathOf = (count: number, summaries: readonly number[] = []): Turn[] =>
  Array.from({ length: count }, (_, index) =>
    turnOf({ question: `q${index}`, ...(summaries.includes(index) && { summary: `until q${index}` }) }),
  );
const costOf = (turn = turnOf({ question: 'q1' })) => estimateTokens(turn.question) + estimateTokens(turn.answer);
const questions = (turns: readonly Turn[] | undefined) => turns?.map(({ question }) => question);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `q${from + index}`);

describe('the turns that fit', () => {
  const turns = [turnOf({ question: 'old' }), turnOf({ question: 'newer' }), turnOf({ question: 'newest' })];

  it('are the newest ones, each whole', () => {
    const budget = costOf(turns[1]) + costOf(turns[2]);
    expect(questions(trimHistory(turns, budget))).toEqual(['newer', 'newest']);
    expect(questions(trimHistory(turns, budget - 1))).toEqual(['newest']);
  });

  it('are none without a budget', () => {
    expect(trimHistory(turns, 0)).toEqual([]);
  });
});

describe('the history of a question', () => {
  const plenty = 100 * costOf();

  it('is all turns while there is no summary', () => {
    const history = historyOf(pathOf(3), plenty);
    expect(questions(history.turns)).toEqual(range(0, 3));
    expect(history).not.toHaveProperty('summary');
  });

  it('is the newest summary and the turns after it', () => {
    const { summary, turns } = historyOf(pathOf(8, [1, 3]), plenty);
    expect(summary).toBe('until q3');
    expect(questions(turns)).toEqual(range(4, 8));
  });

  it('shows the last turns as they were, also where a branch goes on right below a summary', () => {
    const { summary, turns } = historyOf(pathOf(4, [3]), plenty);
    expect(summary).toBe('until q3');
    expect(questions(turns)).toEqual(['q2', 'q3']);
  });

  it('shortens the last answer when it alone exceeds the budget', () => {
    const long = turnOf({ question: 'long', answer: 'word '.repeat(1_000) });
    const { turns } = historyOf([...pathOf(1), long], 200);
    expect(questions(turns)).toEqual(['long']);
    expect(turns[0]?.answer).toMatch(/^(word )+[word]* …$/);
    expect(costOf(turns[0])).toBeLessThanOrEqual(200);
    expect(costOf(turns[0])).toBeGreaterThan(150);
    expect(historyOf([long], 40)).toEqual({ turns: [] });
  });

  it('is nothing without a budget', () => {
    expect(historyOf(pathOf(4, [1]), 0)).toEqual({ turns: [] });
  });
});

describe('a summary', () => {
  it('is not due while all turns fit', () => {
    expect(planSummary(pathOf(4), 4 * costOf())).toBeUndefined();
    expect(planSummary(pathOf(9, [4]), 4 * costOf())).toBeUndefined();
  });

  it('takes the oldest turns once the budget is exceeded, and leaves out what half of it holds', () => {
    const plan = planSummary(pathOf(5), 4 * costOf());
    expect(questions(plan?.turns)).toEqual(range(0, 3));
    expect(plan).not.toHaveProperty('earlier');
  });

  it('goes on from the one before', () => {
    const plan = planSummary(pathOf(10, [0, 4]), 4 * costOf());
    expect(plan?.earlier).toBe('until q4');
    expect(questions(plan?.turns)).toEqual(range(5, 8));
  });

  it('is due for many short turns too, before they outnumber those that are read', () => {
    const plenty = 100 * costOf();
    const due = Array.from({ length: TURNS_READ }, (_, index) => index + 1).find(count =>
      planSummary(pathOf(count), plenty),
    );
    expect(due).toBe(17);
    expect(questions(planSummary(pathOf(17), plenty)?.turns)).toEqual(range(0, 9));
  });

  it('leaves the last turn out, however long it is', () => {
    const long = turnOf({ question: 'long', answer: 'word '.repeat(1_000) });
    expect(planSummary([long], costOf())).toBeUndefined();
    expect(questions(planSummary([...pathOf(1), long], costOf())?.turns)).toEqual(['q0']);
  });

  it('is never due without a budget', () => {
    expect(planSummary(pathOf(20), 0)).toBeUndefined();
  });

  it('loses no turn: each is shown or summarized, whatever the lengths', () => {
    const budget = 20 * costOf();
    const path: Turn[] = [];
    for (let index = 0; index < 200; index += 1) {
      path.push(turnOf({ question: `q${index}`, answer: 'word '.repeat((index * 7) % 40) }));
      const last = planSummary(path.slice(-TURNS_READ), budget)?.turns.at(-1);
      if (last) path[path.indexOf(last)] = { ...last, summary: `until q${path.indexOf(last)}` };
      const { turns } = historyOf(path.slice(-TURNS_READ), budget);
      const summarized = path.findLastIndex(({ summary }) => summary !== undefined);
      expect(path.length - turns.length, `after q${index}`).toBeLessThanOrEqual(summarized + 1);
    }
  });
});
