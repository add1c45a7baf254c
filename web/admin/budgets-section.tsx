import { useCallback } from 'react';
import type { BudgetReport, PeriodUsage } from '../api/administration.ts';
import { useQuery } from '../api/use-query.ts';
import { ErrorState, LoadingState } from '../components/states.tsx';
import { Cell, Column, Row, Table, TableBody, TableHeader } from '../components/table.tsx';
import { type AdministrationStrings, useAdministrationStrings } from '../strings/administration.ts';
import type { Formats } from '../strings/formats.ts';
import { useFormats } from '../strings/strings.tsx';
import type { SectionProps } from './index.tsx';
import { Meter } from './meter.tsx';

const UNITS = ['usd', 'tokens'] as const;
const PERIODS = ['day', 'month'] as const;
type Words = AdministrationStrings['budgets'];

/** What may be spent, what is spent and what is left. */
export function BudgetsSection({ administration }: SectionProps) {
  const { budgets } = useAdministrationStrings();
  const ask = useCallback((signal: AbortSignal) => administration.budgets(signal), [administration]);
  const { data, error, reload } = useQuery(ask);
  return (
    <section className="section">
      <p className="hint">{budgets.lead}</p>
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {error === undefined && !data && <LoadingState />}
      {data && <Report report={data} />}
    </section>
  );
}

function Report({ report }: { report: BudgetReport }) {
  const { budgets } = useAdministrationStrings();
  const { limits, tenant, users } = report;
  return (
    <>
      {Object.keys(limits).length === 0 && <p>{budgets.none}</p>}
      <h2>{budgets.tenant}</h2>
      <div className="cards">
        {PERIODS.map(period => (
          <PeriodCard key={period} period={period} usage={tenant[period]} />
        ))}
      </div>
      <h2>{budgets.users}</h2>
      <ScopeLimits report={report} />
      {users.length === 0 ? <p className="hint">{budgets.nobody}</p> : <SpenderTable report={report} />}
    </>
  );
}

function PeriodCard({ period, usage }: { period: (typeof PERIODS)[number]; usage: PeriodUsage }) {
  const { budgets } = useAdministrationStrings();
  const formats = useFormats();
  const { limit, reserved } = usage;
  const hasLimit = UNITS.some(unit => limit[unit] !== undefined);
  return (
    <div className="box">
      <h3>{period === 'day' ? budgets.today : budgets.thisMonth}</h3>
      {UNITS.map(unit => {
        const show = (amount: number) => amountText(amount, unit, formats, budgets);
        const most = limit[unit];
        if (most === undefined) {
          return <p key={unit}>{`${budgets.spent(show(usage[unit]))} · ${budgets.noLimit}`}</p>;
        }
        const held = usage[unit] + reserved[unit];
        return (
          <Meter
            key={unit}
            label={budgets.of(show(usage[unit]), show(most))}
            value={held}
            limit={most}
            hint={[
              budgets.left(show(Math.max(0, most - held))),
              ...(reserved[unit] > 0 ? [budgets.reserved(show(reserved[unit]))] : []),
            ].join(' · ')}
          />
        );
      })}
      {hasLimit && <p className="hint">{budgets.wholeAgain(formats.ago(usage.resetsAt))}</p>}
    </div>
  );
}

/** The limits that each user and each key has. */
function ScopeLimits({ report: { limits } }: { report: BudgetReport }) {
  const { budgets } = useAdministrationStrings();
  const formats = useFormats();
  const scopes = (['user', 'key'] as const).flatMap(scope => {
    const limit = limits[scope];
    const parts = PERIODS.flatMap(period =>
      UNITS.flatMap(unit => {
        const most = limit?.[period]?.[unit];
        if (most === undefined) return [];
        const amount = amountText(most, unit, formats, budgets);
        return [period === 'day' ? budgets.perDay(amount) : budgets.perMonth(amount)];
      }),
    );
    return parts.length > 0 ? [{ scope, parts }] : [];
  });
  if (scopes.length === 0) return null;
  return (
    <ul className="plain-list">
      {scopes.map(({ scope, parts }) => (
        <li key={scope}>{`${budgets[scope]}: ${parts.join(', ')}`}</li>
      ))}
    </ul>
  );
}

function SpenderTable({ report: { users, limits } }: { report: BudgetReport }) {
  const { budgets } = useAdministrationStrings();
  const formats = useFormats();
  const cell = (spend: BudgetReport['users'][number]['day'], period: (typeof PERIODS)[number]) => (
    <>
      <span className="nowrap">{formats.dollars(spend.usd)}</span>
      <span className="document-key nowrap">{budgets.tokens(formats.number(spend.tokens))}</span>
      {UNITS.map(unit => {
        const most = limits.user?.[period]?.[unit];
        if (most === undefined) return null;
        const label = budgets.of(
          amountText(spend[unit], unit, formats, budgets),
          amountText(most, unit, formats, budgets),
        );
        return <Meter key={unit} label={label} isLabelHidden value={spend[unit]} limit={most} />;
      })}
    </>
  );
  return (
    <Table aria-label={budgets.users}>
      <TableHeader>
        <Column isRowHeader>{budgets.userColumn}</Column>
        <Column align="end">{budgets.today}</Column>
        <Column align="end">{budgets.thisMonth}</Column>
      </TableHeader>
      <TableBody items={users}>
        {user => (
          <Row id={user.userId} textValue={user.name ?? user.userId}>
            <Cell>
              <span className="strong breakable">{user.name ?? user.userId}</span>
            </Cell>
            <Cell align="end">{cell(user.day, 'day')}</Cell>
            <Cell align="end">{cell(user.month, 'month')}</Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

const amountText = (
  amount: number,
  unit: (typeof UNITS)[number],
  { dollars, number }: Formats,
  words: Words,
): string => (unit === 'usd' ? dollars(amount) : words.tokens(number(amount)));
