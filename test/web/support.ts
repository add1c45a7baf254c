import { vi } from 'vitest';
import { ApiClient } from '../../web/api/client.ts';
import type { SiteConfig } from '../../web/config.ts';
import { Session } from '../../web/identity/session.ts';

export const config: SiteConfig = {
  restUrl: 'https://api.example/v1/',
  issuer: 'https://issuer.example/pool',
  authUrl: 'https://login.example',
  clientId: 'web-client',
  region: 'us-east-1',
  stage: 'dev',
};

/** What a tab's or a browser's storage does, in memory. */
export function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: index => [...items.keys()][index] ?? null,
    getItem: key => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: key => void items.delete(key),
    clear: () => items.clear(),
  };
}

export interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}

/** Answers every `fetch` until the test ends. @returns what was asked, in order */
export function answerFetch(answer: (asked: Asked) => Response | Promise<Response>): Asked[] {
  const all: Asked[] = [];
  vi.stubGlobal('fetch', async (url: string | URL, init: RequestInit = {}) => {
    init.signal?.throwIfAborted();
    const asked = {
      url: new URL(url),
      method: init.method ?? 'GET',
      headers: new Headers(init.headers),
      body: init.body === undefined || init.body === null ? '' : String(init.body),
      signal: init.signal ?? undefined,
    };
    all.push(asked);
    return answer(asked);
  });
  return all;
}

export const HOUR_MS = 3_600_000;

/** A client of somebody who has just logged in. */
export function loggedIn(storage = memoryStorage()): { api: ApiClient; session: Session } {
  const session = new Session(config, storage);
  session.open({ accessToken: 'first', refreshToken: 'refresh-1', expiresAt: Date.now() + HOUR_MS });
  return { api: new ApiClient(config.restUrl, session), session };
}

export const problem = (status: number, kind: string, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ type: `/problems/${kind}`, title: kind, status, detail: `It is ${kind}.` }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
