import { expect, it, vi } from 'vitest';
import { cachedStatistics } from '../../lambdas/lexical/cached-statistics.ts';
import type { StatisticsMessage } from '../../lambdas/lexical/messages.ts';
import { refreshStatistics } from '../../lambdas/lexical/refresh-statistics.ts';
import { TermCounter, type TermStatistics } from '../../lambdas/lexical/term-statistics.ts';
import { indexOfTerm } from '../../lambdas/lexical/terms.ts';
import type { TermStatisticsStore } from '../../lambdas/ports.ts';
import { makeLibrary } from '../chat/library.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';

function inMemoryStatistics(): TermStatisticsStore {
  const stored = new Map<string, TermStatistics>();
  return {
    read: async tenant => stored.get(tenant),
    write: async (tenant, statistics) => void stored.set(tenant, statistics),
  };
}

function setUp() {
  const library = makeLibrary();
  const queue = inMemoryWorkQueue<StatisticsMessage>();
  const ports = { documents: library.documents, chunks: library.chunks, statistics: inMemoryStatistics(), queue };
  let time = 1_000_000;
  return {
    ...library,
    queue,
    statistics: ports.statistics,
    pass: (ms: number) => {
      time += ms;
    },
    refresh: (message: Partial<StatisticsMessage> = {}) =>
      refreshStatistics(ports, { tenant: 'default', changedAt: time, ...message }, () => time),
  };
}

it('counts the live chunks of the tenant, each version once', async () => {
  const { put, refresh, statistics } = setUp();
  await put('documents/a.md', ['old words']);
  await put('documents/a.md', ['new tower', 'new orchid']);
  await put('documents/b.md', ['pending'], { live: false });
  await put('tenants/acme/documents/c.md', ['foreign'], { tenant: 'acme' });
  expect(await refresh()).toBe('counted');
  const counted = await statistics.read('default');
  expect(counted?.chunkCount).toBe(2);
  const unheard = counted?.rarityOf(indexOfTerm('unheard'));
  for (const word of ['old', 'pendin', 'foreig']) expect(counted?.rarityOf(indexOfTerm(word))).toBe(unheard);
  expect(counted?.rarityOf(indexOfTerm('tower'))).toBeLessThan(unheard ?? 0);
  expect(await statistics.read('acme')).toBeUndefined();
});

it('drops a change that is counted already', async () => {
  const { refresh } = setUp();
  await refresh();
  expect(await refresh({ changedAt: 999_999 })).toBe('fresh');
});

it('puts off a change that comes too soon, and counts it then', async () => {
  const { put, refresh, queue, statistics, pass } = setUp();
  await refresh();
  await put('documents/a.md', ['tower']);
  pass(10);
  expect(await refresh()).toBe('later');
  expect(queue.messages).toEqual([{ tenant: 'default', changedAt: 1_000_010 }]);
  pass(10_000);
  expect(await refresh(queue.messages[0])).toBe('counted');
  expect((await statistics.read('default'))?.chunkCount).toBe(1);
});

it('serves what was read while newer statistics are read, and when they cannot be', async () => {
  const of = (texts: number) => {
    const counter = new TermCounter(0);
    for (let i = 0; i < texts; i += 1) counter.add('x');
    return counter.finish(0, 10);
  };
  let time = 0;
  const read = vi.fn(async (): Promise<TermStatistics | undefined> => of(1));
  const onFailure = vi.fn();
  const cached = cachedStatistics({ read }, onFailure, () => time);
  const counted = async () => (await cached.read('default'))?.chunkCount;
  expect([await counted(), await counted()]).toEqual([1, 1]);
  expect(read).toHaveBeenCalledTimes(1);

  time = 61_000;
  read.mockResolvedValueOnce(of(2));
  expect(await counted()).toBe(1);
  await vi.waitFor(async () => expect(await counted()).toBe(2));

  time = 200_000;
  read.mockRejectedValueOnce(new Error('no S3'));
  expect(await counted()).toBe(2);
  await vi.waitFor(() => expect(onFailure).toHaveBeenCalledOnce());
  expect(await counted()).toBe(2);
});

it('asks without statistics rather than not at all', async () => {
  const onFailure = vi.fn();
  const cached = cachedStatistics({ read: () => Promise.reject(new Error('no S3')) }, onFailure);
  expect(await cached.read('default')).toBeUndefined();
  expect(onFailure).toHaveBeenCalledOnce();
});
