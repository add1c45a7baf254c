import { useState } from 'react';
import { FEEDBACK_REASONS } from '../../lambdas/conversation.ts';
import type { Feedback, GiveFeedback } from '../api/shapes.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/text-field.tsx';
import { notify } from '../components/toast.tsx';
import { useStrings } from '../strings/strings.tsx';

interface FeedbackFormProps {
  readonly given: Feedback;
  /** @returns whether it arrived */
  readonly onSend: (feedback: GiveFeedback) => Promise<boolean>;
  readonly onClose: () => void;
}

/** Why an answer is good or bad. */
export function FeedbackForm({ given, onSend, onClose }: FeedbackFormProps) {
  const { chat, common } = useStrings();
  const [reasons, setReasons] = useState<readonly string[]>(given.reasons);
  const [comment, setComment] = useState(given.comment ?? '');
  const [isPending, setPending] = useState(false);
  const toggle = (reason: string) =>
    setReasons(before => (before.includes(reason) ? before.filter(each => each !== reason) : [...before, reason]));

  const send = async () => {
    setPending(true);
    const said = comment.trim();
    const feedback = { rating: given.rating, reasons, ...(said && { comment: said }) } as GiveFeedback; // reasons of this rating
    const isSent = await onSend(feedback);
    setPending(false);
    if (!isSent) return;
    notify(chat.thanks);
    onClose();
  };
  return (
    <form
      className="feedback"
      aria-label={chat.feedback}
      onSubmit={event => {
        event.preventDefault();
        void send();
      }}
    >
      <fieldset className="feedback__reasons">
        <legend>{given.rating === 'up' ? chat.whyGood : chat.whyBad}</legend>
        {FEEDBACK_REASONS[given.rating].map(reason => (
          <label key={reason} className="chip">
            <input type="checkbox" checked={reasons.includes(reason)} onChange={() => toggle(reason)} />
            {chat.reasons[reason]}
          </label>
        ))}
      </fieldset>
      <TextField label={chat.comment} rows={2} maxLength={2_000} value={comment} onChange={setComment} />
      <div className="feedback__tools">
        <Button size="small" look="quiet" onPress={onClose}>
          {common.close}
        </Button>
        <Button size="small" look="primary" type="submit" isPending={isPending}>
          {chat.sendFeedback}
        </Button>
      </div>
    </form>
  );
}
