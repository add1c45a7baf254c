import type { ReactNode } from 'react';
import { ApiProblem } from '../api/problems.ts';
import { useStrings } from '../strings/strings.tsx';
import { Button } from './button.tsx';
import { useErrorMessage } from './error-message.ts';
import { Icon, type IconName } from './icons.tsx';

interface EmptyStateProps {
  readonly icon?: IconName;
  readonly title: string;
  /** It is all that the page shows. */
  readonly isPage?: boolean;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** What stands where nothing is yet. */
export const EmptyState = ({ icon = 'info', title, isPage, children, actions }: EmptyStateProps) => (
  <div className="state">
    <span className="state__icon">
      <Icon name={icon} size={28} />
    </span>
    {isPage ? <h1 className="state__title">{title}</h1> : <p className="state__title">{title}</p>}
    {children && <div className="state__text">{children}</div>}
    {actions && <div className="state__actions">{actions}</div>}
  </div>
);

interface ErrorStateProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** What went wrong, in a sentence, and how to go on. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const { common, errors } = useStrings();
  const message = useErrorMessage(error);
  return (
    <div className="state state--error" role="alert">
      <span className="state__icon">
        <Icon name="warning" size={28} />
      </span>
      <p className="state__title">{message}</p>
      {error instanceof ApiProblem && error.status >= 500 && error.instance && (
        <p className="state__text">{errors.reference(error.instance)}</p>
      )}
      {onRetry && (
        <div className="state__actions">
          <Button icon="retry" onPress={onRetry}>
            {common.retry}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Shown while a part of the page is loaded. */
export function LoadingState() {
  const { common } = useStrings();
  return (
    <div className="state state--loading" role="status">
      <span className="spinner" aria-hidden="true" />
      <span className="visually-hidden">{common.loading}</span>
    </div>
  );
}
