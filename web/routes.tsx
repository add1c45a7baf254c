import { type ComponentType, lazy, useSyncExternalStore } from 'react';

/** Where the reader is; the part of the address after `#`, so that the page can be served under any path. */
export type Route =
  | { readonly name: 'chat'; readonly conversationId?: string }
  | { readonly name: 'documents'; readonly documentId?: string }
  | { readonly name: 'admin'; readonly section?: string }
  | { readonly name: 'unknown' };

/** @param hash e.g. `#/c/01J…` */
export function parseRoute(hash: string): Route {
  const [area, id, ...rest] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decodeURIComponent);
  if (rest.length > 0) return { name: 'unknown' };
  if (area === '' && id === undefined) return { name: 'chat' };
  if (area === 'c' && id) return { name: 'chat', conversationId: id };
  if (area === 'documents') return { name: 'documents', ...(id && { documentId: id }) };
  if (area === 'admin') return { name: 'admin', ...(id && { section: id }) };
  return { name: 'unknown' };
}

export const conversationHref = (conversationId: string): string => `#/c/${conversationId}`;
export const documentHref = (documentId: string): string => `#/documents/${documentId}`;

export function navigate(href: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') {
    location.hash = href;
    return;
  }
  history.replaceState(history.state, '', href);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

const subscribe = (listener: () => void) => {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
};

/** The hash, whose changes render anew; `parseRoute` reads it. */
export const useHash = (): string => useSyncExternalStore(subscribe, () => location.hash);

/** Loaded when they are first shown. Each is the default export of its folder's index.tsx. */
export const DocumentsPage: ComponentType<{ documentId?: string }> = lazy(() => import('./documents/index.tsx'));
export const AdminPage: ComponentType<{ section?: string }> = lazy(() => import('./admin/index.tsx'));
