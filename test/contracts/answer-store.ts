import { beforeEach, expect, it } from 'vitest';
import type { AnswerStore, CachedReply } from '../../lambdas/ports.ts';

const reply = (replyId: string): CachedReply => ({
  replyId,
  question: 'How many steps does the tower have?',
  embedding: [0.5, -0.25, 0.125],
  passages: ['b', 'a'],
  text: 'It has 212 steps [1].',
  inputTokens: 100,
  outputTokens: 10,
});

/** What every store of replies must do. `makeStore` gives an empty one that keeps replies for an hour of the clock. */
export function answerStoreContract(makeStore: (clock: () => Date) => Promise<AnswerStore>) {
  let now: Date;
  let store: AnswerStore;
  beforeEach(async () => {
    now = new Date('2026-11-21T12:00:00Z');
    store = await makeStore(() => now);
  });

  it('gives replies as they were put, newest first, and none of another key', async () => {
    for (const replyId of ['01', '03', '02']) await store.put('key', reply(replyId));
    await store.put('other', reply('04'));
    expect(await store.find('key')).toEqual([reply('03'), reply('02'), reply('01')]);
    expect(await store.find('none')).toEqual([]);
  });

  it('forgets replies when their time is over', async () => {
    await store.put('key', reply('01'));
    now = new Date('2026-11-21T12:59:00Z');
    expect(await store.find('key')).toHaveLength(1);
    now = new Date('2026-11-21T13:00:00Z');
    expect(await store.find('key')).toEqual([]);
  });
}
