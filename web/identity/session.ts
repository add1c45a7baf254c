import type { SiteConfig } from '../config.ts';
import { LoginFailed, refresh, revoke, type Tokens } from './login.ts';

/** The reader's login is over; what they were writing stays, and they may log in again. */
export class LoginExpired extends Error {
  override readonly name = 'LoginExpired';
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
const SESSION = 'groundwork.session';
/** A token that ends this soon is renewed first, so that it does not end on the way. */
const MARGIN_MS = 60_000;

/** The tokens of this tab: in memory, and in the tab's storage so that a reload keeps them. */
export class Session {
  #tokens: Tokens | undefined;
  #renewing: Promise<Tokens> | undefined;
  #listeners = new Set<() => void>();
  readonly #config: SiteConfig;
  readonly #store: Store;

  constructor(config: SiteConfig, store: Store) {
    this.#config = config;
    this.#store = store;
    const kept = store.getItem(SESSION);
    this.#tokens = kept ? JSON.parse(kept) : undefined; // written below
  }

  get isOpen(): boolean {
    return this.#tokens !== undefined;
  }

  open(tokens: Tokens): void {
    this.#keep(tokens);
  }

  /**
   * @returns a token that the API takes
   * @throws LoginExpired when there is none to be had any more
   */
  async accessToken(): Promise<string> {
    const tokens = this.#tokens;
    if (!tokens) throw new LoginExpired();
    if (tokens.expiresAt - MARGIN_MS > Date.now()) return tokens.accessToken;
    return (await this.renew(tokens.accessToken)).accessToken;
  }

  /**
   * Gets new tokens; those who ask at the same time get the same, because a refresh token is good for one use.
   * @param refused the access token that does not do any more
   * @throws LoginExpired
   */
  async renew(refused?: string): Promise<Tokens> {
    const tokens = this.#tokens;
    if (tokens && refused !== undefined && tokens.accessToken !== refused) return tokens; // done meanwhile
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Forgets the tokens here and, as far as it can be reached, at the user pool. */
  async close(): Promise<void> {
    const refreshToken = this.#tokens?.refreshToken;
    this.#keep(undefined);
    if (refreshToken) await revoke(this.#config, refreshToken);
  }

  /** @returns how to stop listening */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async #renew(): Promise<Tokens> {
    const refreshToken = this.#tokens?.refreshToken;
    try {
      if (!refreshToken) throw new LoginFailed('no refresh token');
      const tokens = await refresh(this.#config, refreshToken);
      this.#keep(tokens);
      return tokens;
    } catch (error) {
      if (!(error instanceof LoginFailed)) throw error; // not reached: the login may still be good
      this.#keep(undefined);
      throw new LoginExpired(undefined, { cause: error });
    }
  }

  #keep(tokens: Tokens | undefined): void {
    this.#tokens = tokens;
    if (tokens) this.#store.setItem(SESSION, JSON.stringify(tokens));
    else this.#store.removeItem(SESSION);
    for (const listener of this.#listeners) listener();
  }
}
