import { expect, it } from 'vitest';
import { type JobMessage, jobIdOf, newJobId, scheduledEvent } from '../../lambdas/jobs/messages.ts';
import { startScheduled } from '../../lambdas/jobs/start-job.ts';
import { inMemoryJobStore } from '../fakes/job-store.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';

const event = scheduledEvent.parse({
  ...{ version: '0', id: '0f0a', 'detail-type': 'Scheduled Event', source: 'aws.events', time: '2026-01-01T02:00:00Z' },
});

it('begins one job when EventBridge sends its event twice', async () => {
  const [jobs, jobQueue] = [inMemoryJobStore(), inMemoryWorkQueue<JobMessage>()];
  const jobId = await startScheduled({ jobs, jobQueue }, event);
  expect(await startScheduled({ jobs, jobQueue }, event)).toBe(jobId);
  expect((await jobs.list('default', { limit: 5 })).jobs).toMatchObject([
    { jobId, kind: 'INCREMENTAL', startedBy: 'schedule', status: 'RUNNING' },
  ]);
  expect(new Set(jobQueue.messages.map(message => message.jobId))).toEqual(new Set([jobId]));
});

it('gives ids that sort by time, those of events too', () => {
  expect(jobIdOf(event)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(jobIdOf(event) < newJobId()).toBe(true);
  expect(jobIdOf({ ...event, id: 'another' })).not.toBe(jobIdOf(event));
});
