import { useEffect } from 'react';
import type { DocumentRow } from '../api/documents.ts';
import { Button } from '../components/button.tsx';
import { useErrorMessage } from '../components/error-message.ts';
import type { MenuEntry } from '../components/menu.tsx';
import { EmptyState, ErrorState, LoadingState } from '../components/states.tsx';
import { useDocumentStrings } from '../strings/documents.ts';
import { useFormats, useStrings } from '../strings/strings.tsx';
import { matching } from './document-list.ts';
import { DocumentTable } from './document-table.tsx';
import type { Chosen } from './filters.tsx';
import type { DocumentList } from './use-document-list.ts';

interface DocumentViewProps {
  readonly list: DocumentList;
  readonly chosen: Chosen;
  readonly entriesOf: (row: DocumentRow) => readonly MenuEntry[];
  /** Absent for those who may not. */
  readonly onAdd?: () => void;
}

/** A search looks this far by itself: the API has no search by name, so that pages are looked through here. */
const SEARCHED = 1_000;
const ENOUGH = 20;

/** The table, or what stands in its place. */
export function DocumentView({ list, chosen: { search, filter }, entriesOf, onAdd }: DocumentViewProps) {
  const { common } = useStrings();
  const strings = useDocumentStrings();
  const { number } = useFormats();
  const { rows, error, hasMore, isLoadingMore, loadMore } = list;
  const trouble = useErrorMessage(error);
  const shown = matching(rows ?? [], search);
  const isSearching = search.trim() !== '';
  const goesOn =
    isSearching && hasMore && shown.length < ENOUGH && (rows?.length ?? 0) < SEARCHED && error === undefined;
  useEffect(() => {
    if (goesOn && !isLoadingMore) void loadMore();
  }, [goesOn, isLoadingMore, loadMore]);

  if (!rows) return <LoadingState />;
  // Pages after the first: those before stay.
  if (error !== undefined && shown.length === 0) return <ErrorState error={error} onRetry={() => void loadMore()} />;
  const more = hasMore && !goesOn && (
    <Button isPending={isLoadingMore} onPress={() => void loadMore()}>
      {isSearching ? strings.list.searchOn : common.loadMore}
    </Button>
  );
  if (shown.length > 0) {
    return (
      <>
        <DocumentTable rows={shown} entriesOf={entriesOf} />
        {error !== undefined && (
          <p className="trouble" role="alert">
            {trouble}
          </p>
        )}
        <footer className="page__foot">
          <p className="hint" role="status">
            {isSearching ? strings.list.searched(number(rows.length)) : strings.list.count(number(shown.length))}
          </p>
          {more}
        </footer>
      </>
    );
  }
  if (goesOn) return <LoadingState />;
  const isNarrowed = isSearching || Object.values(filter).some(value => value !== undefined) || hasMore;
  if (isNarrowed) {
    return (
      <EmptyState icon="search" title={strings.list.noMatch} actions={more}>
        {isSearching && strings.list.searched(number(rows.length))}
      </EmptyState>
    );
  }
  if (!onAdd) {
    return (
      <EmptyState icon="document" title={strings.list.empty}>
        {strings.list.emptyReader}
      </EmptyState>
    );
  }
  const add = (
    <Button look="primary" icon="upload" onPress={onAdd}>
      {strings.upload.action}
    </Button>
  );
  return (
    <EmptyState icon="document" title={strings.list.empty} actions={add}>
      {strings.list.emptyLead}
    </EmptyState>
  );
}
