import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { ApiClient } from './api/client.ts';
import type { Me } from './api/me.ts';
import { useQuery } from './api/use-query.ts';
import { ChatsProvider } from './chat/chat-context.tsx';
import type { SiteConfig } from './config.ts';
import type { Session } from './identity/session.ts';
import { ServicesProvider } from './services.tsx';
import { Shell } from './shell.tsx';

interface AppProps {
  readonly config: SiteConfig;
  readonly session: Session;
}

/** The page of who is logged in, or was until a moment ago. */
export function App({ config, session }: AppProps) {
  const api = useMemo(() => new ApiClient(config.restUrl, session), [config, session]);
  const isOpen = useSyncExternalStore(session.subscribe, () => session.isOpen);
  const { data: me } = useQuery(useCallback((signal: AbortSignal) => api.json<Me>('me', { signal }), [api]));
  const services = useMemo(() => ({ config, session, api, me }), [config, session, api, me]);
  return (
    <ServicesProvider services={services}>
      <ChatsProvider>
        <Shell isLoginExpired={!isOpen} />
      </ChatsProvider>
    </ServicesProvider>
  );
}
