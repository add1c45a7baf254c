import type { DocumentRow } from '../api/documents.ts';
import { Badge } from '../components/badge.tsx';
import { IconButton } from '../components/button.tsx';
import { Menu, type MenuEntry } from '../components/menu.tsx';
import { Cell, Column, Row, Table, TableBody, TableHeader } from '../components/table.tsx';
import { documentHref, navigate } from '../routes.tsx';
import { useDocumentStrings } from '../strings/documents.ts';
import { useFormats } from '../strings/strings.tsx';
import { shownKey } from './document-list.ts';
import { StatusBadge } from './status-badge.tsx';

interface DocumentTableProps {
  readonly rows: readonly DocumentRow[];
  /** What can be done with one. */
  readonly entriesOf: (row: DocumentRow) => readonly MenuEntry[];
}

/** What cannot be told in a narrow window is told where the document is shown. */
export function DocumentTable({ rows, entriesOf }: DocumentTableProps) {
  const { list } = useDocumentStrings();
  const { number, bytes, ago, dateTime } = useFormats();
  return (
    <Table aria-label={list.label}>
      <TableHeader>
        <Column isRowHeader>{list.name}</Column>
        <Column>{list.status}</Column>
        <Column align="end">
          <span className="wide-only">{list.chunks}</span>
        </Column>
        <Column align="end">
          <span className="wide-only">{list.size}</span>
        </Column>
        <Column>
          <span className="wide-only">{list.updated}</span>
        </Column>
        <Column>
          <span className="visually-hidden">{list.actions}</span>
        </Column>
      </TableHeader>
      <TableBody items={rows}>
        {row => (
          <Row id={row.documentId} textValue={row.title} onAction={() => navigate(documentHref(row.documentId))}>
            <Cell>
              <a className="document-name" href={documentHref(row.documentId)}>
                {row.title}
              </a>
              <span className="document-key">{shownKey(row.key)}</span>
              {row.error && <span className="document-error">{row.error.message}</span>}
            </Cell>
            <Cell>
              <span className="document-state">
                <StatusBadge status={row.status} />
                {row.allowedGroups && <Badge>{list.restricted}</Badge>}
              </span>
            </Cell>
            <Cell align="end">
              <span className="wide-only">{number(row.chunkCount)}</span>
            </Cell>
            <Cell align="end">
              <span className="wide-only nowrap">{bytes(row.size)}</span>
            </Cell>
            <Cell>
              <time className="wide-only nowrap" dateTime={row.updatedAt} title={dateTime(row.updatedAt)}>
                {ago(row.updatedAt)}
              </time>
            </Cell>
            <Cell>
              <Menu
                label={list.actionsOf(row.title)}
                trigger={<IconButton size="small" icon="more" label={list.actionsOf(row.title)} />}
                entries={entriesOf(row)}
              />
            </Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}
