import { useCallback, useMemo, useState } from 'react';
import { documentsApi } from '../api/documents.ts';
import { useQuery } from '../api/use-query.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { EmptyState, ErrorState, LoadingState } from '../components/states.tsx';
import { notify } from '../components/toast.tsx';
import { useReport } from '../components/use-report.ts';
import { shownKey } from '../documents/document-list.ts';
import { documentHref, navigate } from '../routes.tsx';
import { useApi } from '../services.tsx';
import { useAdministrationStrings } from '../strings/administration.ts';
import { useFormats } from '../strings/strings.tsx';
import { type FailureGroup, groupsOf, readAll } from './failure-groups.ts';
import type { SectionProps } from './index.tsx';

const MOST = 500;
const NAMED = 5;

/** Failed documents by reason, and what was given up. */
export function FailuresSection({ administration }: SectionProps) {
  const { failures } = useAdministrationStrings();
  const { number } = useFormats();
  const api = useApi();
  const report = useReport();
  const documents = useMemo(() => documentsApi(api), [api]);
  const [busy, setBusy] = useState<string>();
  const ask = useCallback(
    (signal: AbortSignal) => readAll(cursor => documents.list({ status: 'FAILED', limit: 100, cursor }, signal), MOST),
    [documents],
  );
  const { data, error, reload } = useQuery(ask);
  const run = async (name: string, action: () => Promise<string>) => {
    setBusy(name);
    try {
      notify(await action());
      navigate('#/admin/jobs');
    } catch (failure) {
      report(failure);
    } finally {
      setBusy(undefined);
    }
  };
  const retry = (name: string, code?: string) =>
    void run(name, async () => {
      await administration.retryFailed(code);
      return failures.retried;
    });
  const redrive = () =>
    void run('redrive', async () => {
      const { queues } = await administration.redrive();
      const messages = queues.reduce((sum, queue) => sum + queue.messages, 0);
      return messages > 0 ? failures.redriven(number(messages)) : failures.redrivenNone;
    });
  const groups = groupsOf(data?.documents ?? []);
  return (
    <section className="section">
      <p className="hint">{failures.lead}</p>
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {error === undefined && !data && <LoadingState />}
      {data && groups.length === 0 && (
        <EmptyState icon="check" title={failures.none}>
          {failures.noneLead}
        </EmptyState>
      )}
      {groups.map(group => (
        <GroupPanel
          key={group.code}
          group={group}
          isPending={busy === group.code}
          {...(group.code !== 'unknown' && { onRetry: () => retry(group.code, group.code) })}
        />
      ))}
      {data?.hasMore && <p className="hint">{failures.atLeast(number(data.documents.length))}</p>}
      {groups.length > 1 && (
        <div>
          <Button icon="retry" isPending={busy === 'all'} onPress={() => retry('all')}>
            {failures.retryAll}
          </Button>
        </div>
      )}
      <div className="box">
        <h2>{failures.givenUp}</h2>
        <p className="hint">{failures.givenUpLead}</p>
        <div>
          <Button icon="retry" isPending={busy === 'redrive'} onPress={redrive}>
            {failures.redrive}
          </Button>
        </div>
      </div>
    </section>
  );
}

interface GroupPanelProps {
  readonly group: FailureGroup;
  readonly isPending: boolean;
  readonly onRetry?: () => void;
}

function GroupPanel({ group: { code, message, documents }, isPending, onRetry }: GroupPanelProps) {
  const { failures } = useAdministrationStrings();
  const { number } = useFormats();
  const count = documents.length;
  return (
    <div className="box">
      <div className="box__head">
        <h2>
          <code>{code}</code> <Badge tone="bad">{count === 1 ? failures.one : failures.count(number(count))}</Badge>
        </h2>
        {onRetry && (
          <Button size="small" icon="retry" isPending={isPending} onPress={onRetry}>
            {failures.retry}
          </Button>
        )}
      </div>
      <p>{message}</p>
      <ul className="plain-list">
        {documents.slice(0, NAMED).map(({ documentId, key }) => (
          <li key={documentId}>
            <a href={documentHref(documentId)}>{shownKey(key)}</a>
          </li>
        ))}
        {count > NAMED && <li className="hint">{failures.more(number(count - NAMED))}</li>}
      </ul>
    </div>
  );
}
