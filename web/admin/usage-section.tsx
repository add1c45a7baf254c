import { useCallback, useState } from 'react';
import type { UsageReport } from '../api/administration.ts';
import { useQuery } from '../api/use-query.ts';
import { Select } from '../components/select.tsx';
import { EmptyState, ErrorState, LoadingState } from '../components/states.tsx';
import { useAdministrationStrings } from '../strings/administration.ts';
import { useFormats } from '../strings/strings.tsx';
import { BarChart } from './bar-chart.tsx';
import type { SectionProps } from './index.tsx';
import { amountOf, METRICS, type Metric, periodOf } from './usage.ts';
import { DayTable, ModelTable, UserTable } from './usage-tables.tsx';

const PERIODS = ['7', '30', '90'];

/** What was used, by day, user and model. */
export function UsageSection({ administration }: SectionProps) {
  const { usage } = useAdministrationStrings();
  const [days, setDays] = useState('30');
  const [metric, setMetric] = useState<Metric>('usd');
  const ask = useCallback(
    (signal: AbortSignal) => administration.usage(periodOf(Number(days), new Date()), signal),
    [administration, days],
  );
  const { data, error, reload } = useQuery(ask);
  return (
    <section className="section">
      <p className="hint">{usage.lead}</p>
      <div className="section__tools">
        <Select
          label={usage.days}
          value={days}
          options={PERIODS.map(id => ({ id, label: usage.lastDays(id) }))}
          onChange={setDays}
        />
        <Select
          label={usage.metric}
          value={metric}
          options={METRICS.map(id => ({ id, label: usage.metrics[id] }))}
          onChange={id => setMetric(METRICS.find(known => known === id) ?? metric)}
        />
      </div>
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {error === undefined && !data && <LoadingState />}
      {data && data.models.length === 0 && (
        <EmptyState icon="chart" title={usage.none}>
          {usage.noneLead}
        </EmptyState>
      )}
      {data && data.models.length > 0 && <Report report={data} metric={metric} />}
    </section>
  );
}

function Report({ report, metric }: { report: UsageReport; metric: Metric }) {
  const { usage } = useAdministrationStrings();
  const { number, dollars, day } = useFormats();
  const { total } = report;
  const format = metric === 'usd' ? dollars : number;
  const bars = report.days.map(one => ({ label: day(one.day), value: amountOf(one, metric) }));
  const highest = bars.reduce((best, bar) => (bar.value > best.value ? bar : best), bars[0] ?? { label: '', value: 0 });
  const name = usage.metrics[metric];
  const summary =
    highest.value > 0
      ? usage.chart(name, format(amountOf(total, metric)), format(highest.value), highest.label)
      : usage.chartEmpty(name);
  const totals = [
    [usage.cost, dollars(total.usd)],
    [usage.answers, number(total.answers)],
    [usage.inputTokens, number(total.inputTokens)],
    [usage.outputTokens, number(total.outputTokens)],
  ] as const;
  return (
    <>
      <dl className="totals">
        {totals.map(([label, amount]) => (
          <div key={label} className="totals__one">
            <dt>{label}</dt>
            <dd>{amount}</dd>
          </div>
        ))}
      </dl>
      <div className="box">
        <h2>{`${usage.byDay} · ${name}`}</h2>
        <BarChart summary={summary} bars={bars} format={format} />
        <details className="details">
          <summary>{usage.asTable}</summary>
          <DayTable report={report} />
        </details>
      </div>
      <h2>{usage.byUser}</h2>
      <UserTable report={report} />
      <h2>{usage.byModel}</h2>
      <ModelTable report={report} />
    </>
  );
}
