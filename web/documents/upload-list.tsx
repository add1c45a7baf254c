import { Button, IconButton } from '../components/button.tsx';
import { useErrorMessage } from '../components/error-message.ts';
import { Icon } from '../components/icons.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { documentHref } from '../routes.tsx';
import { useDocumentStrings } from '../strings/documents.ts';
import { useFormats } from '../strings/strings.tsx';
import { UploadRefused } from './send-file.ts';
import type { UploadEntry, UploadQueue } from './upload-queue.ts';

interface UploadListProps {
  readonly queue: UploadQueue;
  readonly entries: readonly UploadEntry[];
  readonly onRetryDocument: (documentId: string) => void;
}

/** As many as can be looked over; the others come up as these are done with. */
const SHOWN = 50;
const DONE: readonly UploadEntry['phase'][] = ['COMPLETED', 'FAILED', 'refused', 'interrupted'];

/** What is sent and what becomes of it. */
export function UploadList({ queue, entries, onRetryDocument }: UploadListProps) {
  const { upload } = useDocumentStrings();
  const { number } = useFormats();
  if (entries.length === 0) return null;
  const done = entries.filter(({ phase }) => DONE.includes(phase)).length;
  return (
    <section className="uploads" aria-label={upload.list}>
      <header className="uploads__head">
        <h2>{upload.list}</h2>
        <p role="status">{upload.progress(number(done), number(entries.length))}</p>
        {done > 0 && (
          <Button size="small" look="quiet" onPress={() => queue.dismissDone()}>
            {upload.clear}
          </Button>
        )}
      </header>
      <ul className="uploads__list">
        {entries.slice(0, SHOWN).map(entry => (
          <UploadRow key={entry.id} entry={entry} queue={queue} onRetryDocument={onRetryDocument} />
        ))}
      </ul>
    </section>
  );
}

interface UploadRowProps {
  readonly entry: UploadEntry;
  readonly queue: UploadQueue;
  readonly onRetryDocument: (documentId: string) => void;
}

function UploadRow({ entry, queue, onRetryDocument }: UploadRowProps) {
  const { upload, actions } = useDocumentStrings();
  const { bytes } = useFormats();
  const { id, name, folder, size, phase, share, documentId } = entry;
  const isUnsent = phase === 'waiting' || phase === 'sending';
  const isRunning = isUnsent || phase === 'sent' || phase === 'PROCESSING';
  return (
    <li className="uploads__row">
      <Icon name={phase === 'COMPLETED' ? 'check' : DONE.includes(phase) ? 'warning' : 'upload'} size={18} />
      <div className="uploads__what">
        <p className="uploads__name">
          {documentId && phase === 'COMPLETED' ? <a href={documentHref(documentId)}>{name}</a> : name}{' '}
          <span className="uploads__size">
            {folder && `${folder} · `}
            {bytes(size)}
          </span>
        </p>
        {isRunning ? (
          <ProgressBar label={upload.phase[phase]} {...(phase === 'sending' && { share })} />
        ) : (
          <p className={phase === 'COMPLETED' ? 'hint' : 'uploads__trouble'}>
            <Outcome entry={entry} />
          </p>
        )}
      </div>
      {phase === 'refused' && (
        <Button size="small" icon="retry" onPress={() => queue.retry(id)}>
          {actions.retry}
        </Button>
      )}
      {phase === 'FAILED' && documentId && (
        <Button size="small" icon="retry" onPress={() => onRetryDocument(documentId)}>
          {actions.retry}
        </Button>
      )}
      <IconButton
        size="small"
        icon="close"
        label={isUnsent ? upload.cancel(name) : upload.dismiss(name)}
        onPress={() => queue.dismiss(id)}
      />
    </li>
  );
}

/** How it ended, in a sentence. */
function Outcome({ entry: { phase, reason, error } }: { entry: UploadEntry }) {
  const { upload } = useDocumentStrings();
  const message = useErrorMessage(error);
  if (phase === 'FAILED' && reason) return `${reason.message} (${reason.code})`;
  if (phase !== 'refused') return upload.phase[phase];
  if (!(error instanceof UploadRefused)) return error === undefined ? upload.phase.refused : message;
  return error.status === 400 ? upload.tooLarge : upload.failed(error.status);
}
