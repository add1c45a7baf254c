import { ApiProblem, Unreachable } from '../api/problems.ts';
import { LoginExpired } from '../identity/session.ts';
import type { Strings } from '../strings/en.ts';
import { useStrings } from '../strings/strings.tsx';

/** @returns a sentence for the reader; what the API says of a request's faults is shown as it is */
export function errorMessage(error: unknown, { errors, login }: Strings): string {
  if (error instanceof Unreachable) return errors.unreachable;
  if (error instanceof LoginExpired) return login.expired;
  if (!(error instanceof ApiProblem)) return errors.unexpected;
  if (error.kind === 'budget-spent' || error.kind === 'service-unavailable' || error.kind === 'not-allowed') {
    return errors[error.kind];
  }
  if (error.status === 429) return errors.throttled;
  if (error.status === 404) return errors.notFound;
  return error.status >= 500 ? errors.internal : error.message;
}

export const useErrorMessage = (error: unknown): string => errorMessage(error, useStrings());
