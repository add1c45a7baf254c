import { useEffect } from 'react';
import { ErrorState, LoadingState } from '../components/states.tsx';
import { useStore } from '../store.ts';
import { useStrings } from '../strings/strings.tsx';
import { useChats } from './chat-context.tsx';
import { ConversationView } from './conversation-view.tsx';

/** A stored conversation, or the one that is about to begin. */
export function ChatPage({ conversationId }: { conversationId?: string }) {
  const { conversations, threads } = useChats();
  useStore(threads); // a new one may be begun while the address stays
  const thread = threads.of(conversationId);
  const { isLoading, error, turns, title: firstTitle } = useStore(thread);
  const listed = useStore(conversations).conversations.find(each => each.conversationId === conversationId);
  const title = listed?.title ?? firstTitle; // it may have got one, or been renamed, since it was read
  const { brand } = useStrings();
  useEffect(() => {
    document.title = title ? `${title} · ${brand}` : brand;
  }, [title, brand]);
  if (error && turns.length === 0) return <ErrorState error={error} onRetry={() => void thread.load()} />;
  if (isLoading) return <LoadingState />;
  return <ConversationView key={thread.key} thread={thread} title={title} />;
}
