import { useCallback, useEffect, useState } from 'react';

export interface Query<Result> {
  readonly data: Result | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Asks again; what there is stays until the answer is here. */
  readonly reload: () => void;
}

/**
 * Asks when the view is shown and whenever `ask` changes; an answer that comes too late is dropped.
 * @param ask kept by `useCallback`; undefined: nothing is asked
 */
export function useQuery<Result>(ask: ((signal: AbortSignal) => Promise<Result>) | undefined): Query<Result> {
  const [state, setState] = useState<{ data?: Result; error?: unknown; isLoading: boolean }>({ isLoading: true });
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks the same again
  useEffect(() => {
    if (!ask) return setState({ isLoading: false });
    const controller = new AbortController();
    setState(({ data }) => ({ ...(data !== undefined && { data }), isLoading: true }));
    ask(controller.signal).then(
      data => controller.signal.aborted || setState({ data, isLoading: false }),
      error => controller.signal.aborted || setState({ error, isLoading: false }),
    );
    return () => controller.abort();
  }, [ask, round]);
  const reload = useCallback(() => setRound(before => before + 1), []);
  return { data: state.data, error: state.error, isLoading: state.isLoading, reload };
}
