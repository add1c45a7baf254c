import type { ApiClient } from '../api/client.ts';
import { Store } from '../store.ts';
import { Thread } from './thread.ts';

/** The conversations that were open in this tab, so that an answer goes on while the reader looks at something else. */
export class Threads extends Store<{ readonly fresh: Thread }> {
  readonly #api: ApiClient;
  readonly #known = new Map<string, Thread>();
  readonly #onStored: (thread: Thread, wasFresh: boolean) => void;

  /** @param onStored told whenever an answer was completed; `wasFresh`: it is the one that `#/` shows */
  constructor(api: ApiClient, onStored: (thread: Thread, wasFresh: boolean) => void) {
    const stored = (thread: Thread) => this.#stored(thread);
    super({ fresh: new Thread(api, undefined, stored) });
    this.#api = api;
    this.#onStored = onStored;
  }

  /** @param conversationId left out: the one that is about to begin */
  of(conversationId: string | undefined): Thread {
    if (conversationId === undefined) return this.state.fresh;
    const known = this.#known.get(conversationId);
    if (known) return known;
    const thread = this.#make(conversationId);
    this.#known.set(conversationId, thread);
    void thread.load();
    return thread;
  }

  /** What has begun goes on beside it. */
  begin(): void {
    if (this.state.fresh.state.turns.length > 0) this.change({ fresh: this.#make(undefined) });
  }

  forget(conversationId: string): void {
    this.#known.get(conversationId)?.stop();
    this.#known.delete(conversationId);
  }

  #make(conversationId: string | undefined): Thread {
    return new Thread(this.#api, conversationId, thread => this.#stored(thread));
  }

  #stored(thread: Thread): void {
    const { conversationId } = thread.state;
    const wasFresh = this.state.fresh === thread;
    if (conversationId) this.#known.set(conversationId, thread);
    this.#onStored(thread, wasFresh);
    if (wasFresh) this.change({ fresh: this.#make(undefined) });
  }
}
