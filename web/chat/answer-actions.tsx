import { useState } from 'react';
import type { GiveFeedback } from '../api/shapes.ts';
import { IconButton } from '../components/button.tsx';
import { errorMessage } from '../components/error-message.ts';
import { Menu } from '../components/menu.tsx';
import { notify } from '../components/toast.tsx';
import { useStrings } from '../strings/strings.tsx';
import { answerWithSources } from './answer-text.ts';
import { CopyButton, copyText } from './copy-button.tsx';
import { FeedbackForm } from './feedback-form.tsx';
import { withoutMarks } from './marks.ts';
import type { Turn } from './turn.ts';
import { TurnDetails } from './turn-details.tsx';

interface AnswerActionsProps {
  readonly turn: Turn;
  readonly onAgain: () => void;
  readonly onFeedback: (turn: Turn, feedback: GiveFeedback | undefined) => Promise<void>;
}

/** Below an answer: copy, ask again, say what one thinks of it, and what it took. */
export function AnswerActions({ turn, onAgain, onFeedback }: AnswerActionsProps) {
  const strings = useStrings();
  const { chat, common } = strings;
  const [isRating, setRating] = useState(false);
  const [isDetailed, setDetailed] = useState(false);
  const isStored = turn.status.kind === 'done';
  const rating = turn.feedback?.rating;

  const send = async (feedback: GiveFeedback | undefined) => {
    try {
      await onFeedback(turn, feedback);
      return true;
    } catch (error) {
      notify(errorMessage(error, strings), 'bad');
      return false;
    }
  };
  /** The rating counts at once; the reasons are extra. Pressed again, it is taken back. */
  const rate = async (pressed: 'up' | 'down') => {
    setRating(rating !== pressed);
    if (!(await send(rating === pressed ? undefined : { rating: pressed }))) setRating(false);
  };
  const copyWithSources = async () => {
    const isCopied = await copyText(answerWithSources(turn, chat));
    notify(isCopied ? common.copied : chat.copyFailed, isCopied ? 'good' : 'bad');
  };
  const entries = [
    { id: 'copy', label: chat.copyWithSources, icon: 'copy' as const, onAction: () => void copyWithSources() },
    ...(isStored
      ? [{ id: 'details', label: chat.details, icon: 'info' as const, onAction: () => setDetailed(true) }]
      : []),
  ];
  return (
    <>
      <div className="actions">
        <CopyButton text={withoutMarks(turn.answer)} label={chat.copyAnswer} />
        <IconButton size="small" icon="retry" label={chat.again} className="when-idle" onPress={onAgain} />
        {isStored && (
          <>
            <RateButton icon="up" label={chat.good} isPressed={rating === 'up'} onPress={() => void rate('up')} />
            <RateButton icon="down" label={chat.bad} isPressed={rating === 'down'} onPress={() => void rate('down')} />
          </>
        )}
        <Menu
          label={common.more}
          trigger={<IconButton size="small" icon="more" label={common.more} />}
          entries={entries}
        />
      </div>
      {isRating && turn.feedback && (
        <FeedbackForm key={turn.feedback.rating} given={turn.feedback} onSend={send} onClose={() => setRating(false)} />
      )}
      <TurnDetails turn={turn} isOpen={isDetailed} onClose={() => setDetailed(false)} />
    </>
  );
}

interface RateButtonProps {
  readonly icon: 'up' | 'down';
  readonly label: string;
  readonly isPressed: boolean;
  readonly onPress: () => void;
}

const RateButton = ({ isPressed, ...props }: RateButtonProps) => (
  <IconButton size="small" aria-pressed={isPressed} {...props} />
);
