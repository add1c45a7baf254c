import { expect, it, vi } from 'vitest';
import { bestEffortQueue } from '../../lambdas/adapters/best-effort-queue.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';

it('opens its queue with the first message, once', async () => {
  const queue = inMemoryWorkQueue<number>();
  const open = vi.fn(async () => queue);
  const bestEffort = bestEffortQueue(open, () => undefined);
  expect(open).not.toHaveBeenCalled();
  await bestEffort.send([1]);
  await bestEffort.send([2]);
  expect(queue.messages).toEqual([1, 2]);
  expect(open).toHaveBeenCalledOnce();
});

it('tells what could not be sent, and fails nobody', async () => {
  const failure = new Error('SQS is down');
  const told: unknown[] = [];
  const queue = { send: () => Promise.reject(failure) };
  await bestEffortQueue(
    async () => queue,
    error => told.push(error),
  ).send([1]);
  await bestEffortQueue(
    () => Promise.reject(failure),
    error => told.push(error),
  ).send([1]);
  expect(told).toEqual([failure, failure]);
});
