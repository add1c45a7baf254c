import { useSyncExternalStore } from 'react';

/** A value that views follow, kept outside of them so that it outlives them. */
export class Store<State> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** @returns how to stop listening */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): State => this.#state;

  protected change(change: Partial<State> | ((state: State) => State)): void {
    this.#state = typeof change === 'function' ? change(this.#state) : { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

export const useStore = <State>(store: Store<State>): State => useSyncExternalStore(store.subscribe, store.read);
