import { lazy, Suspense, useCallback, useRef } from 'react';
import { Icon } from '../components/icons.tsx';
import { documentHref } from '../routes.tsx';
import { useFormats, useStrings } from '../strings/strings.tsx';
import { AnswerFailure } from './answer-failure.tsx';
import { Sources } from './sources.tsx';
import type { Turn } from './turn.ts';

/** Not needed before the first answer; its words show as they are until it is there. */
const Markdown = lazy(() => import('./markdown.tsx'));

interface AnswerProps {
  readonly turn: Turn;
  readonly onOpenSource: (turn: Turn, n: number) => void;
  /** Asks the same again. */
  readonly onRetry: () => void;
}

/** The answer of a turn in any of its states, with its sources and what is to be known of them. */
export function Answer({ turn, onOpenSource, onRetry }: AnswerProps) {
  const { answer, citations, status } = turn;
  const latest = useRef(turn);
  latest.current = turn;
  // The same from word to word, so that marks which are there already are not rendered for each.
  const open = useCallback((n: number) => onOpenSource(latest.current, n), [onOpenSource]);
  return (
    <div className="answer">
      {status.kind === 'asking' && <Waiting sources={status.sources} />}
      {answer !== '' && (
        <Suspense fallback={<p className="answer__plain">{answer}</p>}>
          <Markdown text={answer} citations={citations} onOpenSource={open} />
        </Suspense>
      )}
      {status.kind === 'failed' && <AnswerFailure {...status} hasText={answer !== ''} onRetry={onRetry} />}
      {status.kind === 'stopped' && <Stopped />}
      {status.kind === 'done' && <Verdict turn={turn} />}
      {citations.length > 0 && status.kind !== 'asking' && <Sources citations={citations} onOpen={open} />}
    </div>
  );
}

function Waiting({ sources }: { sources: number | undefined }) {
  const { chat } = useStrings();
  return (
    <p className="answer__waiting">
      <span className="pulse" aria-hidden="true" />
      {sources === undefined ? chat.searching : chat.reading(sources)}
    </p>
  );
}

function Stopped() {
  const { chat } = useStrings();
  return (
    <p className="remark">
      <Icon name="info" size={18} />
      {chat.stopped}
    </p>
  );
}

/** What the reader should know before relying on the answer; nothing of an answer that its sources bear out. */
function Verdict({ turn }: { turn: Turn }) {
  const { chat } = useStrings();
  const { percent } = useFormats();
  const { refused, grounded, groundedness, intervention, nearest = [], stopReason } = turn;
  if (intervention) return <Remark text={chat.intervened} />;
  if (refused) {
    return nearest.length === 0 ? null : (
      <div className="nearest">
        <h3 className="nearest__title">{chat.nearest}</h3>
        <ul className="nearest__list">
          {nearest.map(({ documentId, title }) => (
            <li key={documentId}>
              <a href={documentHref(documentId)}>
                <Icon name="document" size={16} /> {title}
              </a>
            </li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <>
      {stopReason === 'max_tokens' && <Remark text={chat.cut} />}
      {!grounded && <Remark text={chat.ungrounded} isWarning />}
      {grounded && groundedness !== undefined && groundedness < 1 && (
        <Remark text={chat.grounded(percent(groundedness))} />
      )}
    </>
  );
}

const Remark = ({ text, isWarning = false }: { text: string; isWarning?: boolean }) => (
  <p className={isWarning ? 'remark remark--warning' : 'remark'}>
    <Icon name={isWarning ? 'warning' : 'info'} size={18} />
    {text}
  </p>
);
