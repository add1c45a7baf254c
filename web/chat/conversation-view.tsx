import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Citation } from '../api/shapes.ts';
import { Button } from '../components/button.tsx';
import { useStore } from '../store.ts';
import { useStrings } from '../strings/strings.tsx';
import { Composer } from './composer.tsx';
import { ConversationMenu } from './conversation-menu.tsx';
import { keepUnanswered } from './drafts.ts';
import { FilterControl } from './filter-control.tsx';
import { PassagePanel } from './passage-panel.tsx';
import { useFollowedScroll, useGrowingWindow } from './scroll.ts';
import { Start } from './start.tsx';
import type { Thread } from './thread.ts';
import { branchesIn, endOfBranch, isRunning, shownPath, sourcesOf, type Turn } from './turn.ts';
import { type TurnDeeds, TurnView } from './turn-view.tsx';

interface OpenSource {
  readonly n: number;
  readonly citations: readonly [Citation, ...Citation[]];
  /** Gets the focus back. */
  readonly from: Element | null;
}

interface ConversationViewProps {
  readonly thread: Thread;
  readonly title: string | undefined;
}

export function ConversationView({ thread, title }: ConversationViewProps) {
  const { chat } = useStrings();
  const { conversationId, turns, tip, filter } = useStore(thread);
  const path = useMemo(() => shownPath(turns, tip), [turns, tip]);
  const branches = useMemo(() => branchesIn(turns), [turns]);
  const { scroller, content, isAtEnd, toEnd } = useFollowedScroll();
  const { shown, beginning, isWhole } = useGrowingWindow(path.length, scroller);
  const field = useRef<HTMLTextAreaElement>(null);
  const [source, setSource] = useState<OpenSource>();

  useEffect(() => {
    // Where a keyboard would slide in, the reader asks for it.
    if (matchMedia('(hover: hover)').matches) field.current?.focus({ preventScroll: true });
  }, []);
  const ask = useCallback(
    (question: string, inPlaceOf?: Turn) => {
      const { conversationId: draftsOf } = thread.state;
      void thread
        .ask(question, inPlaceOf && placeOf(inPlaceOf))
        .then(status => status && keepUnanswered(draftsOf, question, status.kind !== 'failed'));
      toEnd();
      field.current?.focus({ preventScroll: true });
    },
    [thread, toEnd],
  );
  const deeds = useMemo<TurnDeeds>(
    () => ({
      ask: (turn, question) => ask(question, turn),
      show: turn => thread.show(endOfBranch(thread.state.turns, turn).turnId),
      openSource: (turn, n) => {
        const found = sourcesOf(turn.citations).find(each => each.n === n);
        if (found) setSource({ ...found, from: document.activeElement });
      },
      giveFeedback: (turn, feedback) => thread.giveFeedback(turn, feedback),
    }),
    [ask, thread],
  );
  const closeSource = () => {
    setSource(undefined);
    if (source?.from instanceof HTMLElement) source.from.focus();
  };

  return (
    <div className={thread.isRunning ? 'chat chat--busy' : 'chat'}>
      <div className="chat__column">
        {path.length > 0 && (
          <header className="chat__head">
            <h1 className="chat__title">{title}</h1>
            {conversationId && <ConversationMenu conversation={{ conversationId, title: title ?? '' }} />}
          </header>
        )}
        <div className="chat__scroller" ref={scroller}>
          <div className="chat__turns" ref={content}>
            {path.length === 0 && <Start onAsk={ask} />}
            {!isWhole && <div ref={beginning} className="chat__beginning" />}
            {path.slice(-shown).map(turn => (
              <TurnView
                key={turn.key}
                turn={turn}
                {...neighboursOf(branches.get(turn.parentTurnId) ?? [], turn)}
                deeds={deeds}
              />
            ))}
          </div>
        </div>
        <div className="chat__foot">
          {!isAtEnd && (
            <div className="chat__jump">
              <Button size="small" icon="arrowDown" onPress={toEnd}>
                {chat.toEnd}
              </Button>
            </div>
          )}
          <Composer
            conversationId={conversationId}
            isRunning={thread.isRunning}
            field={field}
            onAsk={ask}
            onStop={() => thread.stop()}
          >
            <FilterControl filter={filter} onChange={next => thread.narrow(next)} />
          </Composer>
          <p className="chat__note">{chat.note}</p>
        </div>
        <Announcement turn={path.at(-1)} />
      </div>
      {source && <PassagePanel n={source.n} citations={source.citations} onClose={closeSource} />}
    </div>
  );
}

/** Asked anew where it stood; what was not answered gives way to it. */
const placeOf = (turn: Turn) => ({
  parentTurnId: turn.parentTurnId ?? null,
  ...(turn.status.kind !== 'done' && { inPlaceOf: turn }),
});

function neighboursOf(branches: readonly Turn[], turn: Turn) {
  const index = branches.indexOf(turn);
  const position = branches.length > 1 ? `${index + 1}/${branches.length}` : '';
  return { before: branches[index - 1], after: branches[index + 1], position };
}

/** Says to those who do not see it that an answer begins and that it is there; not each word of it. */
function Announcement({ turn }: { turn: Turn | undefined }) {
  const { chat } = useStrings();
  const wasRunning = useRef(false);
  const [text, setText] = useState('');
  const isNow = turn !== undefined && isRunning(turn);
  useEffect(() => {
    if (isNow) setText(chat.announceStart);
    else if (wasRunning.current && turn?.status.kind === 'done') {
      setText(turn.refused ? chat.announceRefused : chat.announceEnd(sourcesOf(turn.citations).length));
    } else if (wasRunning.current) setText(chat.announceNone);
    wasRunning.current = isNow;
  }, [isNow, turn, chat]);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
