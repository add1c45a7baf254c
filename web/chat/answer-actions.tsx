import { useState } from 'react';
import type { GiveFeedback } from '../api/shapes.ts';
import { errorMessage } from '../components/error-message.ts';
import { QuickButton } from '../components/quick-button.tsx';
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
  return (
    <>
      <div className="actions">
        <CopyButton text={withoutMarks(turn.answer)} label={chat.copyAnswer} />
        {turn.citations.length > 0 && (
          <QuickButton icon="quote" label={chat.copyWithSources} onClick={() => void copyWithSources()} />
        )}
        <QuickButton icon="retry" label={chat.again} className="when-idle" onClick={onAgain} />
        {isStored && (
          <>
            <RateButton icon="up" label={chat.good} isPressed={rating === 'up'} onClick={() => void rate('up')} />
            <RateButton icon="down" label={chat.bad} isPressed={rating === 'down'} onClick={() => void rate('down')} />
            <QuickButton icon="info" label={chat.details} onClick={() => setDetailed(true)} />
          </>
        )}
      </div>
      {isRating && turn.feedback && (
        <FeedbackForm key={turn.feedback.rating} given={turn.feedback} onSend={send} onClose={() => setRating(false)} />
      )}
      {isDetailed && <TurnDetails turn={turn} onClose={() => setDetailed(false)} />}
    </>
  );
}

interface RateButtonProps {
  readonly icon: 'up' | 'down';
  readonly label: string;
  readonly isPressed: boolean;
  readonly onClick: () => void;
}

const RateButton = ({ isPressed, ...props }: RateButtonProps) => <QuickButton aria-pressed={isPressed} {...props} />;
