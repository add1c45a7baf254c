import { beforeEach, expect, it } from 'vitest';
import { type Job, newJob } from '../../lambdas/job.ts';
import type { JobStore } from '../../lambdas/ports.ts';

/** A job that was started this many minutes after noon. */
const jobAt = (minute: number, change: Partial<Job> = {}): Job => ({
  ...newJob({
    jobId: `JOB${minute}`,
    kind: 'BATCH',
    tenant: 'acme',
    scope: { prefix: 'documents/' },
    startedBy: 'ann',
    startedAt: `2026-01-01T12:${String(minute).padStart(2, '0')}:00.000Z`,
  }),
  ...change,
});
const ids = (jobs: readonly Job[]) => jobs.map(({ jobId }) => jobId);

/** What every store of jobs must do. `makeStore` gives an empty one whose times come from the clock. */
export function jobStoreContract(makeStore: (clock: () => Date) => Promise<JobStore>) {
  let store: JobStore;
  beforeEach(async () => {
    store = await makeStore(() => new Date('2026-01-01T13:00:00Z'));
  });

  it('keeps a job as it was created, and creates it once', async () => {
    expect(await store.create(jobAt(1))).toBe(true);
    expect(await store.create(jobAt(1, { kind: 'REINDEX' }))).toBe(false);
    expect(await store.get('JOB1')).toEqual(jobAt(1));
    expect(await store.get('JOB2')).toBeUndefined();
  });

  it('goes on from the step that was read, and from no other', async () => {
    await store.create(jobAt(1));
    const mend = { kind: 'deleted', tenant: 'acme', documentId: 'd', key: 'documents/a.md' } as const;
    const step = { ...jobAt(1), cursor: 'here', examined: 10, total: 3, examples: [mend] };
    expect(await store.advance(step)).toMatchObject({
      revision: 2,
      cursor: 'here',
      updatedAt: '2026-01-01T13:00:00.000Z',
    });
    expect(await store.advance(step)).toBeUndefined();
    expect(await store.advance({ ...step, revision: 2, cursor: undefined })).toMatchObject({ revision: 3, total: 3 });
    const job = await store.get('JOB1');
    expect(job?.cursor).toBeUndefined();
    expect(job?.examples).toEqual([mend]);
  });

  it('lets one of several go on', async () => {
    await store.create(jobAt(1));
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => store.advance(jobAt(1))));
    expect(outcomes.filter(job => job !== undefined)).toHaveLength(1);
  });

  it('ends a job once, and does not go on with it', async () => {
    await store.create(jobAt(1));
    expect(await store.end('JOB1', 'FAILED', 'It broke.')).toMatchObject({ status: 'FAILED', error: 'It broke.' });
    expect(await store.end('JOB1', 'COMPLETED')).toBeUndefined();
    expect(await store.advance(jobAt(1))).toBeUndefined();
    expect(await store.get('JOB1')).toMatchObject({ status: 'FAILED', endedAt: '2026-01-01T13:00:00.000Z' });
    expect(await store.end('JOB2', 'CANCELLED')).toBeUndefined();
  });

  it("lists a tenant's jobs, last started first, in pages; those over all tenants are the default tenant's", async () => {
    for (const minute of [3, 1, 2, 4]) await store.create(jobAt(minute, { tenant: 'default' }));
    await store.create(jobAt(5, { tenant: 'globex' }));
    await store.create(jobAt(6, { tenant: undefined }));
    await store.end('JOB2', 'COMPLETED');
    await store.end('JOB4', 'CANCELLED');
    const first = await store.list('default', { limit: 2 });
    const second = await store.list('default', { limit: 2, cursor: first.cursor });
    const third = await store.list('default', { limit: 2, cursor: second.cursor });
    expect([first, second, third].map(({ jobs }) => ids(jobs))).toEqual([['JOB6', 'JOB4'], ['JOB3', 'JOB2'], ['JOB1']]);
    expect(third.cursor).toBeUndefined();
    const running = await store.list('default', { status: 'RUNNING', limit: 5 });
    expect(ids(running.jobs)).toEqual(['JOB6', 'JOB3', 'JOB1']);
    expect(ids((await store.list('globex', { limit: 5 })).jobs)).toEqual(['JOB5']);
  });

  it('tells which jobs of all tenants run, though nothing has happened to them for long', async () => {
    await store.create(jobAt(1));
    await store.create(jobAt(2, { tenant: 'globex' }));
    await store.create(jobAt(3, { tenant: undefined }));
    await store.create(jobAt(4));
    await store.advance(jobAt(4)); // at 13:00
    await store.create(jobAt(0));
    await store.end('JOB0', 'CANCELLED');
    expect(ids(await store.listStopped('2026-01-01T12:02:00.000Z')).sort()).toEqual(['JOB1', 'JOB2']);
    expect(ids(await store.listStopped('2026-01-01T12:59:00.000Z')).sort()).toEqual(['JOB1', 'JOB2', 'JOB3']);
  });

  it('gives each once of those that were started at the same moment', async () => {
    const { startedAt } = jobAt(1);
    for (const minute of [1, 2, 3]) await store.create(jobAt(minute, { startedAt }));
    const first = await store.list('acme', { limit: 2 });
    const second = await store.list('acme', { limit: 2, cursor: first.cursor });
    expect(ids([...first.jobs, ...second.jobs])).toEqual(['JOB3', 'JOB2', 'JOB1']);
  });

  it('refuses a cursor that it did not give out', async () => {
    const invalid = { error: { kind: 'invalid-request' } };
    await expect(store.list('acme', { limit: 1, cursor: 'bogus' })).rejects.toMatchObject(invalid);
  });
}
