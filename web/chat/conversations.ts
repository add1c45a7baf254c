import type { ApiClient } from '../api/client.ts';
import type { Conversation, ConversationList } from '../api/shapes.ts';
import { Store } from '../store.ts';

export interface ConversationsState {
  /** Last updated first. */
  readonly conversations: readonly Conversation[];
  /** There are more. */
  readonly cursor: string | undefined;
  readonly isLoading: boolean;
  readonly error: unknown;
}

const PAGE = 50;
/** A conversation gets its short title some seconds after its first answer. */
const TITLE_MS = 6_000;

/** The reader's conversations, as far as they were looked through. All methods but `load…` throw what the API client does. */
export class Conversations extends Store<ConversationsState> {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    super({ conversations: [], cursor: undefined, isLoading: true, error: undefined });
    this.#api = api;
  }

  /** The first page anew; what else is known stays. */
  async load(): Promise<void> {
    await this.#read(undefined);
  }

  async loadMore(): Promise<void> {
    const { cursor, isLoading } = this.state;
    if (cursor && !isLoading) await this.#read(cursor);
  }

  /** All that there are, for a search by title. */
  async loadAll(signal: AbortSignal): Promise<void> {
    while (this.state.cursor && !this.state.error && !signal.aborted) await this.#read(this.state.cursor);
  }

  /** A conversation was begun: it is the first, and will get a short title. */
  async loadTitled(): Promise<void> {
    await this.load();
    setTimeout(() => void this.load(), TITLE_MS);
  }

  async rename(conversationId: string, title: string): Promise<void> {
    const path = `conversations/${conversationId}`;
    const renamed: Conversation = await this.#api.json(path, { method: 'PATCH', body: { title } });
    this.change(state => ({
      ...state,
      conversations: state.conversations.map(each => (each.conversationId === conversationId ? renamed : each)),
    }));
  }

  async remove(conversationId: string): Promise<void> {
    await this.#api.send(`conversations/${conversationId}`, { method: 'DELETE' });
    this.change(state => ({
      ...state,
      conversations: state.conversations.filter(each => each.conversationId !== conversationId),
    }));
  }

  async #read(cursor: string | undefined): Promise<void> {
    this.change({ isLoading: true, error: undefined });
    try {
      const page: ConversationList = await this.#api.json('conversations', { query: { limit: PAGE, cursor } });
      this.change(before => merged(before, page, cursor === undefined));
    } catch (error) {
      this.change({ error, isLoading: false });
    }
  }
}

function merged(before: ConversationsState, page: ConversationList, isFirst: boolean): ConversationsState {
  const fresh = new Set(page.conversations.map(({ conversationId }) => conversationId));
  const others = before.conversations.filter(({ conversationId }) => !fresh.has(conversationId));
  const looked = isFirst && others.length > 0; // whoever has looked further than the first page stays there
  return {
    conversations: isFirst ? [...page.conversations, ...others] : [...others, ...page.conversations],
    cursor: looked ? before.cursor : page.cursor,
    isLoading: false,
    error: undefined,
  };
}
