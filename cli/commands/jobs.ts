import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../client.ts';
import { type Call, defineCommand } from '../command.ts';
import { EXIT } from '../command-error.ts';
import { table } from '../output.ts';
import { parseCount, UsageError } from '../parse-arguments.ts';
import { keyPrefixOf } from '../places.ts';
import { type Job, jobShape } from '../shapes.ts';

const POLL_MS = 1_000;
const options = {
  wait: { type: 'boolean' },
  prefix: { type: 'string' },
  models: { type: 'string' },
  'quiet-minutes': { type: 'string' },
} as const;
type JobsCall = Call<typeof options>;

export const jobs = defineCommand({
  summary: 'work on many documents: list, show, start, cancel',
  help: `Usage: groundwork jobs [list]
       groundwork jobs show <job> [--wait]
       groundwork jobs start <BATCH|INCREMENTAL|REINDEX> [options]
       groundwork jobs cancel <job>

Lists jobs, last started first; shows, starts or cancels one. BATCH processes everything under a prefix again,
INCREMENTAL compares bucket, documents, chunks and vectors and mends them, REINDEX processes again what answers draw on.

  --prefix PREFIX     BATCH: what the keys start with
  --models others     REINDEX: only what another embedding model embedded
  --quiet-minutes N   INCREMENTAL: leave alone what changed within these minutes (default 60)
  --wait              wait for its end; then fail if it did, or a document of it
`,
  options,
  async run(call) {
    const [action = 'list', name, ...rest] = call.positionals;
    if (rest.length > 0) throw new UsageError(`Unexpected argument '${rest[0]}'.`);
    if (action === 'list') return list(call);
    if (name === undefined) throw new UsageError(`Say which: groundwork jobs ${action} <…>.`);
    const client = await call.client();
    const path = `jobs/${encodeURIComponent(name)}`;
    if (action === 'show') return conclude(call, client, await client.get(jobShape, { path }));
    if (action === 'cancel') {
      const job = await client.get(jobShape, { method: 'POST', path: `${path}/cancel` });
      call.output.result(job, `Job ${job.jobId} goes no further.`);
      return 0;
    }
    if (action !== 'start') throw new UsageError(`There is no action "${action}".`);
    const body = bodyOf(name.toUpperCase(), call.values);
    return conclude(call, client, await client.get(jobShape, { method: 'POST', path: 'jobs', body }));
  },
});

function bodyOf(kind: string, values: JobsCall['values']): object {
  const { prefix, models, 'quiet-minutes': quiet } = values;
  if (kind === 'BATCH') {
    if (prefix === undefined) throw new UsageError('BATCH needs --prefix, e.g. --prefix documents/.');
    return { kind, prefix: keyPrefixOf(prefix) };
  }
  if (kind === 'REINDEX') return { kind, ...(models !== undefined && { models }) };
  if (kind !== 'INCREMENTAL') throw new UsageError(`There is no kind "${kind}": BATCH, INCREMENTAL or REINDEX.`);
  return { kind, ...(quiet !== undefined && { quietMinutes: parseCount('--quiet-minutes', quiet, 0, 10_080) }) };
}

async function list({ client, output }: JobsCall): Promise<number> {
  const found = await Array.fromAsync((await client()).list('jobs', jobShape, { path: 'jobs' }));
  for (const job of found) output.result(job);
  const rows = found.map(job => [job.status, job.kind, progressOf(job), job.startedAt, job.jobId]);
  for (const line of table(rows)) output.line(line);
  if (found.length === 0) output.line('No jobs.');
  return 0;
}

/** Shows the job, at its end if that is waited for. */
async function conclude({ values, output, progress, signal }: JobsCall, client: Client, begun: Job): Promise<number> {
  let job = begun;
  if (values.wait) {
    progress.step(`Waiting for job ${job.jobId}`);
    while (job.status === 'RUNNING') {
      progress.update(progressOf(job));
      await delay(POLL_MS, undefined, { signal });
      job = await client.get(jobShape, { path: `jobs/${encodeURIComponent(job.jobId)}` });
    }
    progress.done(job.status);
  }
  output.result(job, `Job ${job.jobId}, ${job.kind}: ${job.status}, ${progressOf(job)}`);
  if (job.error) output.line(job.error);
  return values.wait && (job.status !== 'COMPLETED' || job.failed > 0) ? EXIT.failed : 0;
}

function progressOf({ listed, total, processed, failed, secondsLeft }: Job): string {
  const failures = failed > 0 ? `, ${failed} FAILED` : '';
  const left = secondsLeft === undefined ? '' : `, ${secondsLeft} s left`;
  return `${processed} of ${total}${listed ? '' : ' or more'}${failures}${left}`;
}
