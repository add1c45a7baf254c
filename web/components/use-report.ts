import { useStrings } from '../strings/strings.tsx';
import { errorMessage } from './error-message.ts';
import { notify } from './toast.tsx';

/** Tells of what failed where no view shows it. */
export function useReport(): (error: unknown) => void {
  const strings = useStrings();
  return error => notify(errorMessage(error, strings), 'bad');
}
