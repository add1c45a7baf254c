import { expect, it } from 'vitest';
import { bestEffortQueue } from '../../lambdas/adapters/best-effort-queue.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';

it('sends what can be sent', async () => {
  const queue = inMemoryWorkQueue<number>();
  const told: unknown[] = [];
  await bestEffortQueue(queue, error => told.push(error)).send([1, 2]);
  expect([queue.messages, told]).toEqual([[1, 2], []]);
});

it('tells what could not be sent, and fails nobody', async () => {
  const failure = new Error('SQS is down');
  const told: unknown[] = [];
  const queue = { send: () => Promise.reject(failure) };
  await bestEffortQueue(queue, error => told.push(error)).send([1]);
  expect(told).toEqual([failure]);
});
