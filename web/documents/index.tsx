import { useMemo, useState } from 'react';
import { type DocumentRow, documentsApi } from '../api/documents.ts';
import { useOpenDocument } from '../chat/open-document.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/dialog.tsx';
import { useErrorMessage } from '../components/error-message.ts';
import type { MenuEntry } from '../components/menu.tsx';
import { ErrorState } from '../components/states.tsx';
import { notify } from '../components/toast.tsx';
import { useReport } from '../components/use-report.ts';
import { documentHref, navigate } from '../routes.tsx';
import { useApi, useMay } from '../services.tsx';
import { useDocumentStrings } from '../strings/documents.ts';
import { foldersOf, formatOf, isInProgress, shownKey } from './document-list.ts';
import { DocumentSheet } from './document-sheet.tsx';
import { DocumentView } from './document-view.tsx';
import { DropArea } from './drop-area.tsx';
import { type Chosen, Filters } from './filters.tsx';
import { droppedFiles } from './folder-files.ts';
import { UploadDialog } from './upload-dialog.tsx';
import { UploadList } from './upload-list.tsx';
import { useUploads } from './uploads.ts';
import { useDocumentList } from './use-document-list.ts';

/** What the answers are drawn from: a list for everyone, with tools for those who look after it. */
export default function DocumentsPage({ documentId }: { documentId?: string }) {
  const strings = useDocumentStrings();
  const mayChange = useMay('contributor');
  const api = useApi();
  const documents = useMemo(() => documentsApi(api), [api]);
  const { queue, entries } = useUploads();
  const [chosen, setChosen] = useState<Chosen>({ search: '', filter: {} });
  const [isAdding, setAdding] = useState(false);
  const [toRemove, setToRemove] = useState<DocumentRow>();
  const isSending = entries.some(({ phase }) => !['COMPLETED', 'FAILED', 'refused', 'interrupted'].includes(phase));
  const ended = entries.filter(({ phase }) => phase === 'COMPLETED' || phase === 'FAILED').length;
  const list = useDocumentList(documents, chosen.filter, { isBusy: isSending, ended });
  const rows = list.rows ?? [];
  const folders = useMemo(() => foldersOf(rows), [rows]);
  const formats = useMemo(() => [...new Set(rows.map(({ key }) => formatOf(key)))].filter(Boolean).sort(), [rows]);
  const folder = chosen.filter.prefix ? shownKey(chosen.filter.prefix) : '';

  const open = useOpenDocument();
  const run = useReported(list.refresh);
  const retry = (row: Pick<DocumentRow, 'documentId' | 'title'>) =>
    run(async () => {
      await documents.retry(row.documentId);
      queue.watchAgain(row.documentId);
    }, strings.actions.retried(row.title));
  const addDropped = async (data: DataTransfer) => {
    try {
      const found = await Array.fromAsync(droppedFiles(data));
      if (found.length === 0) notify(strings.upload.nothing, 'bad');
      else queue.add(found, { folder });
    } catch {
      notify(strings.upload.unreadable, 'bad'); // a file or folder that the system does not let the browser read
    }
  };
  const entriesOf = (row: DocumentRow): MenuEntry[] => [
    {
      id: 'show',
      label: strings.actions.show,
      icon: 'info',
      onAction: () => navigate(documentHref(row.documentId)),
    },
    {
      id: 'open',
      label: strings.actions.open,
      icon: 'external',
      onAction: () => void open({ ...row, place: {} }),
    },
    ...(mayChange && (row.status === 'FAILED' || isInProgress(row))
      ? [{ id: 'retry', label: strings.actions.retry, icon: 'retry', onAction: () => retry(row) } as const]
      : []),
    ...(mayChange
      ? [
          {
            ...({ id: 'delete', label: strings.actions.delete, icon: 'trash', isDangerous: true } as const),
            onAction: () => setToRemove(row),
          },
        ]
      : []),
  ];

  return (
    <DropArea isDisabled={!mayChange} onDrop={data => void addDropped(data)}>
      <div className="page">
        <header className="page__head">
          <div>
            <h1>{strings.title}</h1>
            <p className="hint">{strings.lead}</p>
          </div>
          {mayChange && (
            <Button look="primary" icon="upload" onPress={() => setAdding(true)}>
              {strings.upload.action}
            </Button>
          )}
        </header>
        {mayChange && (
          <UploadList
            queue={queue}
            entries={entries}
            onRetryDocument={id =>
              void retry({ documentId: id, title: entries.find(entry => entry.documentId === id)?.name ?? id })
            }
          />
        )}
        <Filters chosen={chosen} onChoose={setChosen} folders={folders} formats={formats} />
        {list.error !== undefined && list.rows === undefined ? (
          <ErrorState error={list.error} onRetry={list.reload} />
        ) : (
          <DocumentView
            list={list}
            chosen={chosen}
            entriesOf={entriesOf}
            {...(mayChange && { onAdd: () => setAdding(true) })}
          />
        )}
      </div>
      <UploadDialog
        isOpen={isAdding}
        onClose={() => setAdding(false)}
        folder={folder}
        onFiles={(files, options) => queue.add(files, options)}
      />
      <RemoveDialog
        row={toRemove}
        onClose={() => setToRemove(undefined)}
        onRemove={async row => {
          await documents.remove(row.documentId);
          list.forget(row);
          notify(strings.actions.deleted(row.title));
          if (documentId === row.documentId) navigate('#/documents');
        }}
      />
      <DocumentSheet
        {...(documentId && { documentId })}
        documents={documents}
        onClose={() => navigate('#/documents')}
        onRetry={retry}
        onRemove={setToRemove}
      />
    </DropArea>
  );
}

interface RemoveDialogProps {
  readonly row: DocumentRow | undefined;
  readonly onClose: () => void;
  readonly onRemove: (row: DocumentRow) => Promise<void>;
}

function RemoveDialog({ row, onClose, onRemove }: RemoveDialogProps) {
  const { remove } = useDocumentStrings();
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const message = useErrorMessage(error);
  const close = () => {
    setError(undefined);
    onClose();
  };
  const confirm = async () => {
    if (!row) return;
    setPending(true);
    try {
      await onRemove(row);
      close();
    } catch (failure) {
      setError(failure);
    } finally {
      setPending(false);
    }
  };
  return (
    <ConfirmDialog
      isOpen={row !== undefined}
      onClose={close}
      title={remove.title}
      action={remove.action}
      isDangerous
      isPending={isPending}
      onConfirm={() => void confirm()}
    >
      <p>{row && remove.text(row.title)}</p>
      {error !== undefined && (
        <p className="trouble" role="alert">
          {message}
        </p>
      )}
    </ConfirmDialog>
  );
}

/** Does something, says so or what went wrong, and looks for what it changed. */
function useReported(refresh: () => Promise<void>) {
  const report = useReport();
  return async (action: () => Promise<unknown>, done?: string): Promise<void> => {
    try {
      await action();
      if (done === undefined) return;
      notify(done);
      await refresh();
    } catch (error) {
      report(error);
    }
  };
}
