import { useCallback, useEffect, useState } from 'react';
import type { DocumentDetail, DocumentRow, DocumentsApi } from '../api/documents.ts';
import { ApiProblem } from '../api/problems.ts';
import { useQuery } from '../api/use-query.ts';
import { useOpenDocument } from '../chat/open-document.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { EmptyState, ErrorState, LoadingState } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { useMay } from '../services.tsx';
import { useDocumentStrings } from '../strings/documents.ts';
import { AccessEditor } from './access-editor.tsx';
import { ChunkList } from './chunk-list.tsx';
import { DocumentFacts } from './document-facts.tsx';
import { isInProgress, shownKey } from './document-list.ts';
import { StatusBadge } from './status-badge.tsx';
import { VersionList } from './version-list.tsx';

interface DocumentSheetProps {
  /** Nothing is shown without one. */
  readonly documentId?: string;
  readonly documents: DocumentsApi;
  readonly onClose: () => void;
  readonly onRetry: (row: DocumentRow) => Promise<void>;
  readonly onRemove: (row: DocumentRow) => void;
}

const REFRESH_MS = 2_000;

/** One document: its state, its passages, its versions, and who may read it. */
export function DocumentSheet({ documentId, documents, onClose, ...tools }: DocumentSheetProps) {
  const { detail: strings } = useDocumentStrings();
  const ask = useCallback((signal: AbortSignal) => documents.get(documentId ?? '', signal), [documents, documentId]);
  const { data, error, reload } = useQuery(documentId ? ask : undefined);
  const isGone = error instanceof ApiProblem && error.status === 404;
  const shown = data?.documentId === documentId ? data : undefined;
  /** Until when the document was changed when its sidecar was saved: it follows by the sidecar's event. */
  const [followed, setFollowed] = useState<string>();
  const isBusy = shown !== undefined && (isInProgress(shown) || shown.updatedAt === followed);
  useEffect(() => {
    if (!isBusy) return;
    const timer = setInterval(reload, REFRESH_MS);
    return () => clearInterval(timer);
  }, [isBusy, reload]);
  return (
    <Dialog form="sheet" isOpen={documentId !== undefined} onClose={onClose} title={shown?.title ?? strings.label}>
      {isGone && <EmptyState icon="document" title={strings.gone} />}
      {!isGone && error !== undefined && !shown && <ErrorState error={error} onRetry={reload} />}
      {!isGone && error === undefined && !shown && <LoadingState />}
      {!isGone && shown && (
        <Shown
          document={shown}
          documents={documents}
          reload={reload}
          onSaved={() => setFollowed(shown.updatedAt)}
          {...tools}
        />
      )}
    </Dialog>
  );
}

interface ShownProps extends Pick<DocumentSheetProps, 'documents' | 'onRetry' | 'onRemove'> {
  readonly document: DocumentDetail;
  readonly reload: () => void;
  readonly onSaved: () => void;
}

function Shown({ document, documents, reload, onRetry, onRemove, onSaved }: ShownProps) {
  const { detail, actions, list } = useDocumentStrings();
  const mayChange = useMay('contributor');
  const open = useOpenDocument();
  const [tab, setTab] = useState('chunks');
  const { documentId, status, error, liveVersion, version } = document;
  const tabs = [
    {
      id: 'chunks',
      label: detail.tabs.chunks,
      content: <ChunkList key={liveVersion} documentId={documentId} documents={documents} />,
    },
    { id: 'versions', label: detail.tabs.versions, content: <VersionList document={document} /> },
    ...(mayChange
      ? [
          {
            id: 'access',
            label: detail.tabs.access,
            content: <AccessEditor documentId={documentId} documents={documents} onSaved={onSaved} />,
          },
        ]
      : []),
  ];
  return (
    <>
      <p className="document-key">{shownKey(document.key)}</p>
      <div className="document-state">
        <StatusBadge status={status} />
        {liveVersion !== undefined && liveVersion < version && <span className="hint">{list.older}</span>}
      </div>
      {error && (
        <div className="trouble" role="alert">
          <p>{error.message}</p>
          <p className="trouble__code">{detail.errorCode(error.code)}</p>
        </div>
      )}
      <div className="sheet-actions">
        <Button size="small" icon="external" onPress={() => void open({ ...document, place: {} })}>
          {actions.open}
        </Button>
        {mayChange && status === 'FAILED' && (
          <Button size="small" icon="retry" onPress={() => void onRetry(document).then(reload)}>
            {actions.retry}
          </Button>
        )}
        {mayChange && (
          <Button size="small" look="quiet" icon="trash" onPress={() => onRemove(document)}>
            {actions.delete}
          </Button>
        )}
      </div>
      <DocumentFacts document={document} />
      <Tabs label={detail.label} tabs={tabs} chosen={tab} onChoose={setTab} />
    </>
  );
}
