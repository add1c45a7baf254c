import { useEffect, useState } from 'react';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icons.tsx';
import { ErrorState, LoadingState } from '../components/states.tsx';
import { LoginExpired } from '../identity/session.ts';
import { conversationHref } from '../routes.tsx';
import { useStore } from '../store.ts';
import { useStrings } from '../strings/strings.tsx';
import { useChats } from './chat-context.tsx';
import { ConversationMenu } from './conversation-menu.tsx';

/** The reader's conversations, to go back to. Searching looks through all of them. */
export function ConversationList({ chosen }: { chosen: string | undefined }) {
  const { chat, common } = useStrings();
  const { conversations: store } = useChats();
  const { conversations, cursor, isLoading, error } = useStore(store);
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const found = conversations.filter(({ title }) => title.toLowerCase().includes(wanted));
  useEffect(() => {
    if (wanted === '') return;
    const controller = new AbortController();
    void store.loadAll(controller.signal);
    return () => controller.abort();
  }, [store, wanted]);

  return (
    <nav className="conversations" aria-label={chat.conversations}>
      {(conversations.length > 5 || search !== '') && (
        <label className="search">
          <Icon name="search" size={16} />
          <span className="visually-hidden">{chat.searchConversations}</span>
          <input
            type="search"
            placeholder={chat.searchConversations}
            value={search}
            onChange={event => setSearch(event.target.value)}
          />
        </label>
      )}
      <ul className="conversations__list">
        {found.map(conversation => (
          <li key={conversation.conversationId} className="conversations__item">
            <a
              href={conversationHref(conversation.conversationId)}
              aria-current={conversation.conversationId === chosen ? 'page' : undefined}
            >
              {conversation.title}
            </a>
            <ConversationMenu conversation={conversation} size="small" />
          </li>
        ))}
      </ul>
      {found.length === 0 && !isLoading && !error && (
        <p className="conversations__none">{wanted === '' ? chat.noConversations : chat.noneFound}</p>
      )}
      {isLoading && conversations.length === 0 && <LoadingState />}
      {Boolean(error) && !(error instanceof LoginExpired) && (
        <ErrorState error={error} onRetry={() => void store.load()} />
      )}
      {cursor && wanted === '' && (
        <Button size="small" look="quiet" isPending={isLoading} onPress={() => void store.loadMore()}>
          {common.loadMore}
        </Button>
      )}
    </nav>
  );
}
