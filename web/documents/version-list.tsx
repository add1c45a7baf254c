import type { DocumentDetail } from '../api/documents.ts';
import { Badge } from '../components/badge.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { Cell, Column, Row, Table, TableBody, TableHeader } from '../components/table.tsx';
import { useDocumentStrings } from '../strings/documents.ts';
import { useFormats } from '../strings/strings.tsx';
import { StatusBadge } from './status-badge.tsx';

type Version = DocumentDetail['versions'][number];

/** Every upload, newest first. */
export function VersionList({ document: { versions, liveVersion } }: { document: DocumentDetail }) {
  const { detail, status } = useDocumentStrings();
  const { number, dateTime, seconds } = useFormats();
  const words = detail.versions;
  return (
    <Table aria-label={words.label}>
      <TableHeader>
        <Column isRowHeader>{words.version}</Column>
        <Column>{words.state}</Column>
        <Column align="end">{words.chunks}</Column>
        <Column>{words.put}</Column>
        <Column align="end">{words.took}</Column>
      </TableHeader>
      <TableBody items={versions}>
        {version => (
          <Row id={version.version} textValue={String(version.version)}>
            <Cell>
              <span className="document-state">
                {version.version}
                {version.version === liveVersion && <Badge tone="accent">{words.live}</Badge>}
              </span>
            </Cell>
            <Cell>
              <StatusBadge status={version.status} />
              {version.status === 'PROCESSING' && (
                <ProgressBar label={status.PROCESSING} isLabelHidden {...shareOf(version)} />
              )}
              {version.error && <span className="document-error">{version.error.message}</span>}
            </Cell>
            <Cell align="end">{version.chunkCount === undefined ? '–' : number(version.chunkCount)}</Cell>
            <Cell>{dateTime(version.createdAt)}</Cell>
            <Cell align="end">
              {version.completedAt && version.startedAt
                ? seconds(Date.parse(version.completedAt) - Date.parse(version.startedAt))
                : '–'}
            </Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

/** Unknown until the file was read. */
const shareOf = ({ chunkCount, chunksEmbedded }: Version): { share?: number } =>
  chunkCount ? { share: chunksEmbedded / chunkCount } : {};
