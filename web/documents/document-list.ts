import type { DocumentRow } from '../api/documents.ts';

/** Documents as they are shown: last changed first. */
export type Rows = readonly DocumentRow[];

/** Whether something is going to happen to it by itself. */
export const isInProgress = ({ status }: Pick<DocumentRow, 'status'>): boolean =>
  status === 'PENDING' || status === 'PROCESSING';

/**
 * The rows with newer ones in their places.
 * @param removed which version of a document was deleted here: the list still shows it until the bucket has told of it
 */
export function merged(rows: Rows, newer: Rows, removed: ReadonlyMap<string, number>): DocumentRow[] {
  const all = new Map([...rows, ...newer].map(row => [row.documentId, row]));
  return [...all.values()]
    .filter(({ documentId, version }) => (removed.get(documentId) ?? 0) < version)
    .sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
}

/** All words of the search, wherever they stand in title or key. */
export function matching(rows: Rows, search: string): DocumentRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ title, key }) => {
    const text = `${title} ${key}`.toLowerCase();
    return words.every(word => text.includes(word));
  });
}

/** The folders that the rows lie in, with those above them. */
export function foldersOf(rows: Rows): string[] {
  const folders = new Set<string>();
  for (const { key } of rows) {
    const parts = key.split('/').slice(0, -1);
    for (let depth = rootDepth(key) + 1; depth <= parts.length; depth += 1)
      folders.add(`${parts.slice(0, depth).join('/')}/`);
  }
  return [...folders].sort();
}

/** The key as people know it: without the tenant's folder. */
export const shownKey = (key: string): string => key.split('/').slice(rootDepth(key)).join('/');

/** `documents/…` is below one folder, `tenants/acme/documents/…` below three. */
const rootDepth = (key: string): number => (key.startsWith('tenants/') ? 3 : 1);

export const formatOf = (key: string): string => {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
};
