import type { UsageReport } from '../api/administration.ts';
import { Cell, Column, Row, Table, TableBody, TableHeader } from '../components/table.tsx';
import { useAdministrationStrings } from '../strings/administration.ts';
import { useFormats } from '../strings/strings.tsx';
import { ShareBar } from './bar-chart.tsx';

interface TableProps {
  readonly report: UsageReport;
}

export function DayTable({ report: { days } }: TableProps) {
  const { usage } = useAdministrationStrings();
  const { number, dollars, day } = useFormats();
  return (
    <Table aria-label={usage.byDay}>
      <TableHeader>
        <Column isRowHeader>{usage.day}</Column>
        <Column align="end">{usage.answers}</Column>
        <Column align="end">{usage.tokens}</Column>
        <Column align="end">{usage.cost}</Column>
      </TableHeader>
      <TableBody items={days.toReversed()}>
        {one => (
          <Row id={one.day} textValue={one.day}>
            <Cell>{day(one.day)}</Cell>
            <Cell align="end">{number(one.answers)}</Cell>
            <Cell align="end">{number(one.inputTokens + one.outputTokens)}</Cell>
            <Cell align="end">{dollars(one.usd)}</Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

export function UserTable({ report: { users, otherUsers, total } }: TableProps) {
  const { usage } = useAdministrationStrings();
  const { number, dollars } = useFormats();
  return (
    <>
      <Table aria-label={usage.byUser}>
        <TableHeader>
          <Column isRowHeader>{usage.user}</Column>
          <Column align="end">{usage.answers}</Column>
          <Column align="end">{usage.tokens}</Column>
          <Column align="end">{usage.cost}</Column>
          <Column>
            <span className="wide-only">{usage.share}</span>
          </Column>
        </TableHeader>
        <TableBody items={users}>
          {user => (
            <Row id={user.userId} textValue={user.name ?? user.userId}>
              <Cell>
                <span className="strong">{user.name ?? user.userId}</span>
                {user.name !== undefined && <span className="document-key wide-only">{user.userId}</span>}
              </Cell>
              <Cell align="end">{number(user.answers)}</Cell>
              <Cell align="end">{number(user.inputTokens + user.outputTokens)}</Cell>
              <Cell align="end">{dollars(user.usd)}</Cell>
              <Cell>
                <ShareCell part={user.usd} whole={total.usd} />
              </Cell>
            </Row>
          )}
        </TableBody>
      </Table>
      {otherUsers > 0 && <p className="hint">{usage.others(number(otherUsers))}</p>}
    </>
  );
}

export function ModelTable({ report: { models, total } }: TableProps) {
  const { usage } = useAdministrationStrings();
  const { number, dollars } = useFormats();
  return (
    <Table aria-label={usage.byModel}>
      <TableHeader>
        <Column isRowHeader>{usage.model}</Column>
        <Column align="end">
          <span className="wide-only">{usage.inputTokens}</span>
        </Column>
        <Column align="end">
          <span className="wide-only">{usage.outputTokens}</span>
        </Column>
        <Column align="end">{usage.cost}</Column>
        <Column>
          <span className="wide-only">{usage.share}</span>
        </Column>
      </TableHeader>
      <TableBody items={models.map(model => ({ id: model.model, ...model }))}>
        {model => (
          <Row textValue={model.model}>
            <Cell>
              <span className="strong breakable">{model.model}</span>
            </Cell>
            <Cell align="end">
              <span className="wide-only">{number(model.inputTokens)}</span>
            </Cell>
            <Cell align="end">
              <span className="wide-only">{number(model.outputTokens)}</span>
            </Cell>
            <Cell align="end">{dollars(model.usd)}</Cell>
            <Cell>
              <ShareCell part={model.usd} whole={total.usd} />
            </Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

function ShareCell({ part, whole }: { part: number; whole: number }) {
  const { percent } = useFormats();
  const share = whole > 0 ? part / whole : 0;
  return (
    <span className="wide-only share-cell">
      <ShareBar share={share} />
      <span>{percent(share)}</span>
    </span>
  );
}
