import type { AnswerStore, CachedReply } from '../../lambdas/ports.ts';

/** Replies in memory. */
export function inMemoryAnswerStore(keepMinutes = 60, clock: () => Date = () => new Date()): AnswerStore {
  const kept: { readonly key: string; readonly until: number; readonly reply: CachedReply }[] = [];
  return {
    find: async key =>
      kept
        .filter(one => one.key === key && one.until > clock().getTime())
        .map(({ reply }) => structuredClone(reply))
        .sort((a, b) => (a.replyId < b.replyId ? 1 : -1)),
    async put(key, reply) {
      kept.push({ key, until: clock().getTime() + keepMinutes * 60_000, reply: structuredClone(reply) });
    },
  };
}
