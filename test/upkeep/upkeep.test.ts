import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { BudgetScope } from '../../lambdas/budgets.ts';
import { keepUp } from '../../lambdas/upkeep/upkeep.ts';
import { ann, bob, turnOf } from '../chat/turns.ts';
import { fakeChatModel, type ReplyStep } from '../fakes/chat-model.ts';
import { inMemoryConversationStore } from '../fakes/conversation-store.ts';
import { inMemorySpendStore } from '../fakes/spend-store.ts';
import { inMemoryUsageLedger } from '../fakes/usage-ledger.ts';

const HISTORY_TOKENS = 40;
const noUsage = { inputTokens: 0, outputTokens: 0, costUsd: 0 };

/** A conversation of `count` turns whose upkeep has not been done yet. */
async function converse(count: number, replies: { title?: readonly ReplyStep[]; summary?: readonly ReplyStep[] } = {}) {
  const conversations = inMemoryConversationStore();
  const titleModel = fakeChatModel(replies.title ?? ['Steps of ', 'the tower']);
  const summaryModel = fakeChatModel(replies.summary ?? ['Ann asked about towers.']);
  const conversationId = ulid();
  const turns = Array.from({ length: count }, (_, index) =>
    turnOf({
      ...{ conversationId, turnId: ulid(1_000 + index), question: `q${index}`, answer: `It has ${index} steps [1].` },
    }),
  ).map((turn, index, all) => ({ ...turn, ...(index > 0 && { parentTurnId: all[index - 1]?.turnId ?? '' }) }));
  for (const [index, turn] of turns.entries()) await conversations[index === 0 ? 'begin' : 'append'](turn, ann);

  const spend = inMemorySpendStore();
  const ledger = inMemoryUsageLedger();
  const spent = async (scope: BudgetScope) =>
    (await spend.read({ scope, tenant: ann.tenant, id: ann.userId }, new Date())).day.spent;
  const budgets = { key: { day: { tokens: 1 } } };
  const keep = (message: Partial<Parameters<typeof keepUp>[1]> = {}) =>
    keepUp(
      { conversations, titleModel, summaryModel, spend, ledger, budgets, notCounted: () => undefined },
      {
        conversationId,
        turnId: turns.at(-1)?.turnId ?? '',
        reader: { tenant: ann.tenant, userId: ann.userId, apiKeyId: ann.userId },
        ...message,
      },
      { historyTokens: HISTORY_TOKENS, price: { input: 1, output: 10 } },
      new AbortController().signal,
    );
  const title = async () => (await conversations.get(conversationId, ann, { limit: 1 })).conversation.title;
  const summaries = () => conversations.all().map(({ summary }) => summary);
  return { conversations, conversationId, titleModel, summaryModel, turns, keep, title, summaries, spent, ledger };
}

describe('the title', () => {
  it('is made of the first turn, in place of its question', async () => {
    const { keep, title, titleModel, summaryModel } = await converse(1);
    expect(await keep()).toEqual({
      outcome: 'done',
      titled: true,
      usage: { inputTokens: 100, outputTokens: 10, costUsd: 0.0002 },
    });
    expect(await title()).toBe('Steps of the tower');
    expect(titleModel.prompts).toMatchObject([{ purpose: 'title' }]);
    expect(JSON.parse(titleModel.prompts[0]?.messages[0]?.text ?? '')).toEqual({
      question: 'q0',
      answer: 'It has 0 steps.',
    });
    expect(summaryModel.prompts).toEqual([]);
  });

  it('does not take the place of one that the reader chose', async () => {
    const { keep, title, conversations, conversationId } = await converse(1);
    await conversations.rename(conversationId, ann, 'Mine');
    expect(await keep()).toMatchObject({ titled: false });
    expect(await title()).toBe('Mine');
  });

  it('is not made of a turn in which a guardrail intervened', async () => {
    const { conversations, keep, titleModel } = await converse(1);
    const turn = turnOf({ intervention: { policies: ['topic'] } });
    await conversations.begin(turn, ann);
    expect(await keep({ conversationId: turn.conversationId, turnId: turn.turnId })).toMatchObject({
      outcome: 'done',
      usage: noUsage,
    });
    expect(titleModel.prompts).toEqual([]);
  });

  it('is not made again for later turns', async () => {
    const { keep, titleModel } = await converse(2);
    await keep();
    expect(titleModel.prompts).toEqual([]);
  });

  it.each([
    ['"Steps of the tower."', 'Steps of the tower'],
    ['# **Title: Steps**\n\nIt is about steps.', 'Steps'],
    ['塔的台阶。', '塔的台阶'],
    ['Ste\u200bps \u202eof', 'Steps of'],
    ['x'.repeat(100), `${'x'.repeat(79)}…`],
  ])('%j is cleaned', async (reply, cleaned) => {
    const { keep, title } = await converse(1, { title: [reply] });
    await keep();
    expect(await title()).toBe(cleaned);
  });

  it('stays the question when the model gives none', async () => {
    const { keep, title } = await converse(1, { title: [' "" '] });
    expect(await keep()).toMatchObject({ titled: false });
    expect(await title()).toBe('q0');
  });
});

describe('the summary', () => {
  it('is kept with the last turn that it holds, once the turns do not fit any more', async () => {
    const { keep, summaries, summaryModel } = await converse(6);
    const { summarizedTurns = 0 } = await keep();
    expect(summarizedTurns).toBeGreaterThan(0);
    const expected = Array.from({ length: 6 }, (_, index) =>
      index === summarizedTurns - 1 ? 'Ann asked about towers.' : undefined,
    );
    expect(summaries()).toEqual(expected);
    const [prompt] = summaryModel.prompts;
    expect(prompt).toMatchObject({ purpose: 'summarize', messages: [{ role: 'user' }] });
    const turns = Array.from({ length: summarizedTurns }, (_, index) => ({
      question: `q${index}`,
      answer: `It has ${index} steps.`,
    }));
    expect(JSON.parse(prompt?.messages[0]?.text ?? '')).toEqual({ turns });
  });

  it('is not made while all turns fit, nor twice for the same turns', async () => {
    const few = await converse(2);
    expect(await few.keep()).toEqual({ outcome: 'done', usage: noUsage });
    const many = await converse(6);
    await many.keep();
    await many.keep();
    expect(many.summaryModel.prompts).toHaveLength(1);
  });

  it('goes on from the one before', async () => {
    const { keep, conversations, turns, summaryModel } = await converse(8);
    await conversations.setSummary(turns[0]?.conversationId ?? '', turns[1]?.turnId ?? '', ann, 'So far.');
    await keep();
    const asked = JSON.parse(summaryModel.prompts[0]?.messages[0]?.text ?? '');
    expect(asked.summary).toBe('So far.');
    expect(asked.turns[0]).toMatchObject({ question: 'q2' });
  });

  it('that the model does not give fails, to be tried again', async () => {
    const { keep, summaries } = await converse(6, { summary: [] });
    await expect(keep()).rejects.toThrow('no summary');
    expect(summaries()).toEqual(Array(6).fill(undefined));
  });

  it('bounds what the model is given of a turn', async () => {
    const { conversations, conversationId, turns, keep, summaryModel } = await converse(1);
    const long = turnOf({ conversationId, answer: 'x'.repeat(50_000), parentTurnId: turns[0]?.turnId ?? '' });
    await conversations.append(long, ann);
    const last = turnOf({ conversationId, parentTurnId: long.turnId });
    await conversations.append(last, ann);
    await keep({ turnId: last.turnId });
    expect(summaryModel.prompts[0]?.messages[0]?.text.length).toBeLessThan(7_000);
  });
});

describe('upkeep', () => {
  it("of a conversation or turn that is gone, or of another's, does nothing", async () => {
    const { keep, titleModel, conversations, conversationId } = await converse(1);
    const gone = { outcome: 'gone', usage: noUsage };
    expect(await keep({ turnId: ulid() })).toEqual(gone);
    expect(await keep({ reader: { tenant: bob.tenant, userId: bob.userId } })).toEqual(gone);
    await conversations.remove(conversationId, ann);
    expect(await keep()).toEqual(gone);
    expect(titleModel.prompts).toEqual([]);
  });

  it('is counted for the reader and the key, also when it fails, and beyond their limits', async () => {
    const { keep, spent, ledger } = await converse(1, { title: ['Steps of ', new Error('broken')] });
    await expect(keep()).rejects.toThrow('broken');
    const { tokens } = await spent('user');
    expect(tokens).toBeGreaterThan(50);
    await expect(keep()).rejects.toThrow('broken');
    expect(await spent('user')).toMatchObject({ tokens: 2 * tokens });
    expect(await spent('key')).toMatchObject({ tokens: 2 * tokens });
    expect(await spent('tenant')).toMatchObject({ tokens: 0 });
    const [day] = await ledger.read(ann.tenant, '2020-01-01', '2999-12-31');
    const [use] = day?.models ?? [];
    expect(day).toMatchObject({ userId: ann.userId, answers: 0 });
    expect((use?.inputTokens ?? 0) + (use?.outputTokens ?? 0)).toBe(2 * tokens);
  });

  it('fails when a model does, and does the rest when it is repeated', async () => {
    const failing = await converse(1, { title: [new Error('throttled')] });
    await expect(failing.keep()).rejects.toThrow('throttled');
    expect(await failing.title()).toBe('q0');
  });
});
