import { useCallback, useEffect, useState } from 'react';
import type { AdministrationApi, Job } from '../api/administration.ts';
import { useQuery } from '../api/use-query.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/dialog.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { EmptyState, ErrorState, LoadingState } from '../components/states.tsx';
import { Cell, Column, Row, Table, TableBody, TableHeader } from '../components/table.tsx';
import { notify } from '../components/toast.tsx';
import { useReport } from '../components/use-report.ts';
import { useServices } from '../services.tsx';
import { useAdministrationStrings } from '../strings/administration.ts';
import { useFormats } from '../strings/strings.tsx';
import type { SectionProps } from './index.tsx';
import { JobDialog } from './job-dialog.tsx';

const SHOWN = 50;
const REFRESH_MS = 2_000;
const TONES = { RUNNING: 'busy', COMPLETED: 'good', FAILED: 'bad', CANCELLED: 'neutral' } as const;

/** Those that run are asked for by themselves: only then their documents are counted. */
async function readJobs(administration: AdministrationApi, signal: AbortSignal): Promise<Job[]> {
  const { jobs } = await administration.jobs({ limit: SHOWN }, signal);
  return Promise.all(jobs.map(job => (job.status === 'RUNNING' ? administration.job(job.jobId, signal) : job)));
}

/** Work on many documents: started, followed and cancelled here. */
export function JobsSection({ administration }: SectionProps) {
  const { jobs } = useAdministrationStrings();
  const report = useReport();
  const [isStarting, setStarting] = useState(false);
  const [toCancel, setToCancel] = useState<Job>();
  const ask = useCallback((signal: AbortSignal) => readJobs(administration, signal), [administration]);
  const { data, error, reload } = useQuery(ask);
  const isRunning = data?.some(({ status }) => status === 'RUNNING') ?? false;
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(reload, REFRESH_MS);
    return () => clearInterval(timer);
  }, [isRunning, reload]);
  const cancel = async ({ jobId }: Job) => {
    setToCancel(undefined);
    try {
      await administration.cancelJob(jobId);
      notify(jobs.cancelled);
    } catch (failure) {
      report(failure);
    }
    reload();
  };
  return (
    <section className="section">
      <div className="section__head">
        <p className="hint">{jobs.lead}</p>
        <Button look="primary" icon="plus" onPress={() => setStarting(true)}>
          {jobs.start}
        </Button>
      </div>
      {error !== undefined && !data && <ErrorState error={error} onRetry={reload} />}
      {error === undefined && !data && <LoadingState />}
      {data && data.length === 0 && <EmptyState icon="clock" title={jobs.none} />}
      {data && data.length > 0 && <JobTable jobs={data} onCancel={setToCancel} />}
      <JobDialog
        isOpen={isStarting}
        onClose={() => setStarting(false)}
        onStart={async job => {
          await administration.startJob(job);
          notify(jobs.started);
          reload();
        }}
      />
      <ConfirmDialog
        isOpen={toCancel !== undefined}
        onClose={() => setToCancel(undefined)}
        title={jobs.cancelTitle}
        action={jobs.cancel}
        isDangerous
        onConfirm={() => toCancel && void cancel(toCancel)}
      >
        <p>{jobs.cancelText}</p>
      </ConfirmDialog>
    </section>
  );
}

function JobTable({ jobs, onCancel }: { jobs: readonly Job[]; onCancel: (job: Job) => void }) {
  const { jobs: words } = useAdministrationStrings();
  const { dateTime } = useFormats();
  const { me } = useServices();
  const starters = new Map([['schedule', words.schedule], ...(me ? [[me.userId, words.you] as const] : [])]);
  return (
    <Table aria-label={words.list}>
      <TableHeader>
        <Column isRowHeader>{words.job}</Column>
        <Column>{words.state}</Column>
        <Column>{words.progress}</Column>
        <Column>
          <span className="wide-only">{words.startedAt}</span>
        </Column>
      </TableHeader>
      <TableBody items={jobs.map(job => ({ id: job.jobId, ...job }))}>
        {job => (
          <Row textValue={words.kinds[job.kind]}>
            <Cell>
              <span className="strong">{words.kinds[job.kind]}</span>
              <span className="document-key">{job.prefix ?? job.codes?.join(', ')}</span>
            </Cell>
            <Cell>
              <Badge tone={TONES[job.status]}>{words.status[job.status]}</Badge>
            </Cell>
            <Cell>
              <JobProgress job={job} />
              {job.status === 'RUNNING' && (
                <Button size="small" look="quiet" icon="close" onPress={() => onCancel(job)}>
                  {words.cancel}
                </Button>
              )}
            </Cell>
            <Cell>
              <span className="wide-only">
                <span className="nowrap">{dateTime(job.startedAt)}</span>
                <span className="document-key breakable">{words.by(starters.get(job.startedBy) ?? job.startedBy)}</span>
              </span>
            </Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

function JobProgress({ job }: { job: Job }) {
  const { jobs } = useAdministrationStrings();
  const { number, seconds } = useFormats();
  const { status, total, processed, failed, examined, listed, mended = {}, secondsLeft, error } = job;
  const mends = Object.values(mended).reduce<number>((sum, count) => sum + Number(count), 0);
  const done = processed + failed;
  const facts = [
    total > 0 ? jobs.processed(number(done), number(total)) : jobs.examined(number(examined)),
    ...(failed > 0 ? [jobs.failed(number(failed))] : []),
    ...(mends > 0 ? [jobs.mended(number(mends))] : []),
    ...(secondsLeft !== undefined ? [jobs.left(seconds(secondsLeft * 1_000))] : []),
  ].join(' · ');
  if (status !== 'RUNNING') {
    return (
      <>
        <span className="hint">{facts}</span>
        {error && <span className="document-error">{error}</span>}
      </>
    );
  }
  return (
    <>
      <ProgressBar label={jobs.progress} isLabelHidden {...(listed && total > 0 && { share: done / total })} />
      <span className="hint">{facts}</span>
    </>
  );
}
