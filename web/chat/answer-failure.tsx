import { useEffect, useState } from 'react';
import { ApiProblem, Unreachable } from '../api/problems.ts';
import { Button } from '../components/button.tsx';
import { useErrorMessage } from '../components/error-message.ts';
import { Icon } from '../components/icons.tsx';
import { LoginExpired } from '../identity/session.ts';
import { useFormats, useStrings } from '../strings/strings.tsx';

interface AnswerFailureProps {
  readonly error: unknown;
  /** Milliseconds since 1970; before, trying is of no use. */
  readonly retryAt?: number;
  readonly hasText: boolean;
  readonly onRetry: () => void;
}

/** Beyond this, a countdown is no help, and the time is told instead. */
const LONGEST_COUNTDOWN_MS = 120_000;

/** Why there is no answer, and the way to one. */
export function AnswerFailure({ error, retryAt, hasText, onRetry }: AnswerFailureProps) {
  const { chat, common, errors } = useStrings();
  const { dateTime } = useFormats();
  const message = useErrorMessage(error);
  const waits = useSecondsUntil(retryAt);
  const isLong = retryAt !== undefined && waits * 1000 > LONGEST_COUNTDOWN_MS;
  const text = error instanceof Unreachable && hasText ? chat.interrupted : message;
  return (
    <div className="failure" role="alert">
      <Icon name="warning" />
      <div className="failure__words">
        <p>{text}</p>
        {isLong && <p className="failure__more">{chat.wholeAgain(dateTime(new Date(retryAt).toISOString()))}</p>}
        {error instanceof ApiProblem && error.status === 500 && error.instance && (
          <p className="failure__more">{errors.reference(error.instance)}</p>
        )}
      </div>
      {!(error instanceof LoginExpired) && !isLong && (
        <Button size="small" icon="retry" isDisabled={waits > 0} onPress={onRetry}>
          {waits > 0 ? common.retryIn(waits) : common.retry}
        </Button>
      )}
    </div>
  );
}

/** Counts down to 0. */
function useSecondsUntil(time: number | undefined): number {
  const left = () => Math.max(0, Math.ceil(((time ?? 0) - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `left` is of `time`
  useEffect(() => {
    setSeconds(left());
    const timer = setInterval(() => setSeconds(left()), 1_000);
    return () => clearInterval(timer);
  }, [time]);
  return seconds;
}
