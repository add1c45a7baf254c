import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useLayoutEffect, useState } from 'react';
import { IconButton } from '../components/button.tsx';
import { useStrings } from '../strings/strings.tsx';
import { draftOf, keepDraft } from './drafts.ts';

/** What a question may have, as the API says. */
const MOST_CHARACTERS = 4_000;

interface ComposerProps {
  /** Whose draft it is. */
  readonly conversationId: string | undefined;
  readonly isRunning: boolean;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly onAsk: (question: string) => void;
  readonly onStop: () => void;
  /** Beside the buttons. */
  readonly children?: ReactNode;
}

/** Where questions are written: Enter sends, Shift+Enter breaks the line, Escape stops the answer. */
export function Composer({ conversationId, isRunning, field, onAsk, onStop, children }: ComposerProps) {
  const { chat } = useStrings();
  const [text, setText] = useState(() => draftOf(conversationId));
  useEffect(() => keepDraft(conversationId, text), [conversationId, text]);
  useGrowth(field, text);
  const isTooLong = text.trim().length > MOST_CHARACTERS;
  const canAsk = text.trim() !== '' && !isTooLong && !isRunning;

  const ask = () => {
    if (!canAsk) return;
    onAsk(text.trim());
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && isRunning) onStop();
    // While an input method composes a word, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    ask();
  };
  return (
    <form
      className="composer"
      onSubmit={event => {
        event.preventDefault();
        ask();
      }}
    >
      <label className="visually-hidden" htmlFor="question">
        {chat.question}
      </label>
      <textarea
        id="question"
        ref={field}
        className="composer__text"
        rows={1}
        value={text}
        placeholder={chat.placeholder}
        aria-describedby="question-hint"
        aria-invalid={isTooLong}
        onChange={event => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="composer__tools">
        {children}
        <span className="composer__room" id="question-hint">
          {isTooLong ? chat.tooLong(text.trim().length, MOST_CHARACTERS) : <span className="hint">{chat.keys}</span>}
        </span>
        {isRunning ? (
          <IconButton look="primary" icon="stop" label={chat.stop} onPress={onStop} />
        ) : (
          <IconButton look="primary" icon="send" label={chat.send} isDisabled={!canAsk} onPress={ask} />
        )}
      </div>
    </form>
  );
}

/** The field is as high as its text, up to what its style allows; `field-sizing` does not exist everywhere yet. */
function useGrowth(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text has another height
  useLayoutEffect(() => {
    const element = field.current;
    if (!element || CSS.supports('field-sizing', 'content')) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [field, text]);
}
