import type { DocumentPage, DocumentRow } from '../api/documents.ts';

/** Documents that failed for one reason. */
export interface FailureGroup {
  readonly code: string;
  /** What one of them is told. */
  readonly message: string;
  readonly documents: readonly DocumentRow[];
}

/** By code, those with most documents first. */
export function groupsOf(documents: readonly DocumentRow[]): FailureGroup[] {
  const groups = Map.groupBy(documents, ({ error }) => error?.code ?? 'unknown');
  return [...groups]
    .map(([code, failed]) => ({ code, message: failed[0]?.error?.message ?? '', documents: failed }))
    .sort((a, b) => b.documents.length - a.documents.length || (a.code < b.code ? -1 : 1));
}

/** At most about `most` documents, page by page. */
export async function readAll(
  list: (cursor: string | undefined) => Promise<DocumentPage>,
  most: number,
): Promise<{ documents: DocumentRow[]; hasMore: boolean }> {
  const documents: DocumentRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(cursor);
    documents.push(...page.documents);
    cursor = page.cursor;
  } while (cursor !== undefined && documents.length < most);
  return { documents, hasMore: cursor !== undefined };
}
