import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { conversationHref, navigate, parseRoute } from '../routes.tsx';
import { useApi } from '../services.tsx';
import { Conversations } from './conversations.ts';
import { Threads } from './threads.ts';

interface Chats {
  readonly conversations: Conversations;
  readonly threads: Threads;
}
const ChatsContext = createContext<Chats | undefined>(undefined);

/** The reader's conversations, which the sidebar and the chat share. */
export function ChatsProvider({ children }: { children: ReactNode }) {
  const api = useApi();
  const chats = useMemo(() => {
    const conversations = new Conversations(api);
    const threads = new Threads(api, ({ state: { conversationId } }, wasFresh) => {
      void (wasFresh ? conversations.loadTitled() : conversations.load());
      const route = parseRoute(location.hash);
      const isShown = wasFresh && route.name === 'chat' && route.conversationId === undefined;
      if (isShown && conversationId) navigate(conversationHref(conversationId), 'replace');
    });
    return { conversations, threads };
  }, [api]);
  useEffect(() => void chats.conversations.load(), [chats]);
  return <ChatsContext value={chats}>{children}</ChatsContext>;
}

export function useChats(): Chats {
  const chats = useContext(ChatsContext);
  if (!chats) throw new Error('ChatsProvider is missing');
  return chats;
}
