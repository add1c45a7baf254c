import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import type { DocumentFilter, DocumentPage, DocumentRow, DocumentsApi } from '../api/documents.ts';
import { isInProgress, merged } from './document-list.ts';

const PAGE = 100;
const REFRESH_MS = 2_000;
/** While nothing is in progress here: others put files in too. */
const IDLE_REFRESH_MS = 20_000;

export interface DocumentList {
  /** Undefined until the first page is here. */
  readonly rows: readonly DocumentRow[] | undefined;
  readonly error: unknown;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => Promise<void>;
  /** Asks anew from the start, after a failure. */
  readonly reload: () => void;
  /** Looks for changes now. */
  readonly refresh: () => Promise<void>;
  /** Takes a document that was deleted off the list before the bucket has told of it. */
  readonly forget: (document: Pick<DocumentRow, 'documentId' | 'version'>) => void;
}

interface State {
  readonly rows?: readonly DocumentRow[];
  readonly cursor?: string | undefined;
  readonly error?: unknown;
}

/**
 * The documents that the filter lets through, kept up to date while they are looked at.
 * @param uploads.isBusy files are on their way, so that the list will change soon
 * @param uploads.ended how many have come to their end; each is looked for at once
 */
export function useDocumentList(
  documents: DocumentsApi,
  filter: DocumentFilter,
  { isBusy, ended }: { readonly isBusy: boolean; readonly ended: number },
): DocumentList {
  const { status, prefix, format } = filter;
  const [state, setState] = useState<State>({});
  const [isLoadingMore, setLoadingMore] = useState(false);
  const removed = useRef(new Map<string, number>());
  const [, rerender] = useReducer(count => count + 1, 0);
  const [round, reload] = useReducer(count => count + 1, 0);

  const ask = useCallback(
    (cursor: string | undefined, signal?: AbortSignal) =>
      documents.list({ status, prefix, format, limit: PAGE, cursor }, signal),
    [documents, status, prefix, format],
  );

  /** What comes late for another filter is dropped. */
  const asked = useRef(ask);
  useEffect(() => {
    asked.current = ask;
  }, [ask]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks the same again
  useEffect(() => {
    const controller = new AbortController();
    setState({});
    ask(undefined, controller.signal).then(
      ({ documents: rows, cursor }) => setState({ rows, cursor }),
      error => controller.signal.aborted || setState({ error }),
    );
    return () => controller.abort();
  }, [ask, round]);

  const refresh = useCallback(async () => {
    const page = await ask(undefined);
    if (asked.current !== ask) return;
    setState(before => ({ cursor: page.cursor, ...before, ...refreshed(before, page, status), error: undefined }));
  }, [ask, status]);

  const loadMore = useCallback(async () => {
    setLoadingMore(true);
    try {
      const page = await ask(state.cursor);
      if (asked.current !== ask) return;
      setState(before => ({ rows: [...(before.rows ?? []), ...page.documents], cursor: page.cursor }));
    } catch (error) {
      setState(before => ({ ...before, error }));
    } finally {
      setLoadingMore(false);
    }
  }, [ask, state.cursor]);

  const isActive = isBusy || (state.rows?.some(isInProgress) ?? false);
  useRefresh(refresh, state.rows !== undefined, isActive ? REFRESH_MS : IDLE_REFRESH_MS);

  useEffect(() => {
    if (ended > 0) refresh().catch(() => undefined); // the next look may reach it
  }, [ended, refresh]);

  const forget = useCallback(({ documentId, version }: Pick<DocumentRow, 'documentId' | 'version'>) => {
    removed.current.set(documentId, version);
    rerender();
  }, []);

  return {
    rows: state.rows && merged(state.rows, [], removed.current),
    error: state.error,
    hasMore: state.cursor !== undefined,
    isLoadingMore,
    loadMore,
    reload,
    refresh,
    forget,
  };
}

/**
 * What the first page says now. It replaces as far as it goes, so that what is gone goes; rows that it does not reach stay,
 * and with a filter by state those that are in another state now go with the next look from the start.
 */
function refreshed(
  { rows = [] }: State,
  { documents: newest, cursor }: DocumentPage,
  status: string | undefined,
): State {
  const last = newest.at(-1);
  const older = cursor && last ? rows.filter(row => row.updatedAt <= last.updatedAt) : [];
  return { rows: merged(status === undefined ? older : older.filter(row => row.status === status), newest, new Map()) };
}

/** Looks again and again while the page is seen; a look that fails is followed by the next. */
function useRefresh(refresh: () => Promise<void>, isReady: boolean, everyMs: number): void {
  useEffect(() => {
    if (!isReady) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') refresh().catch(() => undefined); // the shell tells when nobody answers
    }, everyMs);
    return () => clearInterval(timer);
  }, [refresh, isReady, everyMs]);
}
