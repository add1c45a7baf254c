import { type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { ChatPage } from './chat/index.tsx';
import { Button, IconButton } from './components/button.tsx';
import { Dialog } from './components/dialog.tsx';
import { Icon } from './components/icons.tsx';
import { ErrorState, LoadingState } from './components/states.tsx';
import { ToastRegion } from './components/toast.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { leaveForLogin } from './identity/sign-in-page.tsx';
import { NotFound } from './not-found.tsx';
import { AdminPage, DocumentsPage, parseRoute, type Route, useHash } from './routes.tsx';
import { useServices } from './services.tsx';
import { Sidebar } from './sidebar.tsx';
import { useStrings } from './strings/strings.tsx';
import { useOnline } from './use-online.ts';

/** Sidebar, messages that concern the whole page, and the view of the route. */
export function Shell({ isLoginExpired }: { isLoginExpired: boolean }) {
  const { brand, shell } = useStrings();
  const hash = useHash();
  const route = parseRoute(hash);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another route closes the menu
  useEffect(() => setMenuOpen(false), [hash]);
  useFocusOnChange(main, route.name);
  return (
    <div className="shell">
      <nav className="skip" aria-label={shell.skip}>
        <a href={hash || '#/'} onClick={() => main.current?.focus()}>
          {shell.skip}
        </a>
      </nav>
      <header className="shell__side">
        <Sidebar route={route} />
      </header>
      <header className="shell__bar">
        <IconButton icon="menu" label={shell.menu} onPress={() => setMenuOpen(true)} />
        <span className="shell__brand">{brand}</span>
      </header>
      <Dialog form="drawer" title={brand} isOpen={isMenuOpen} onClose={() => setMenuOpen(false)}>
        <Sidebar route={route} isInDrawer />
      </Dialog>
      <main className="shell__main" ref={main} tabIndex={-1}>
        <Notices isLoginExpired={isLoginExpired} />
        <ErrorBoundary key={route.name} fallback={error => <ErrorState error={error} onRetry={reload} />}>
          <Suspense fallback={<LoadingState />}>{viewOf(route)}</Suspense>
        </ErrorBoundary>
      </main>
      <ToastRegion />
    </div>
  );
}

/** After a deployment, the parts that a page loads later are gone: the page itself has to be loaded anew. */
const reload = () => location.reload();

function viewOf(route: Route): ReactNode {
  switch (route.name) {
    case 'chat':
      return <ChatPage {...(route.conversationId && { conversationId: route.conversationId })} />;
    case 'documents':
      return <DocumentsPage {...(route.documentId && { documentId: route.documentId })} />;
    case 'admin':
      return <AdminPage {...(route.section && { section: route.section })} />;
    case 'unknown':
      return <NotFound />;
  }
}

/** A new section is read out from its beginning; the chat puts the focus into its field itself. */
function useFocusOnChange(main: { readonly current: HTMLElement | null }, name: Route['name']): void {
  const before = useRef(name);
  useEffect(() => {
    if (before.current !== name && name !== 'chat') main.current?.focus();
    before.current = name;
  }, [main, name]);
}

function Notices({ isLoginExpired }: { isLoginExpired: boolean }) {
  const { login, shell } = useStrings();
  const { config } = useServices();
  const isOnline = useOnline();
  if (isLoginExpired) {
    return (
      <div className="notice notice--warning" role="alert">
        <Icon name="key" />
        <p>{login.expired}</p>
        <Button size="small" look="primary" onPress={() => leaveForLogin(config)}>
          {login.again}
        </Button>
      </div>
    );
  }
  if (isOnline) return null;
  return (
    <div className="notice" role="status">
      <Icon name="warning" />
      <p>{shell.offline}</p>
    </div>
  );
}
