import type { Session } from '../identity/session.ts';
import { problemIn, Unreachable } from './problems.ts';

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Left out where undefined. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * The REST API as who is logged in. All of it throws `ApiProblem` for what the API refuses, `Unreachable` when nobody
 * answers, `LoginExpired` when the login is over, and an `AbortError` when `signal` says so.
 */
export class ApiClient {
  readonly #restUrl: string;
  readonly #session: Session;

  /** @param restUrl ends with a slash */
  constructor(restUrl: string, session: Session) {
    this.#restUrl = restUrl;
    this.#session = session;
  }

  /** @param path without a slash before it, e.g. `documents` */
  async json<Reply>(path: string, request: ApiRequest = {}): Promise<Reply> {
    const reply = await this.send(path, request);
    return this.#reach(() => reply.json()); // the API keeps to its OpenAPI document, from whose schemas the callers take their types
  }

  /** @returns a reply that is `ok` */
  async send(path: string, request: ApiRequest = {}): Promise<Response> {
    const token = await this.#reach(() => this.#session.accessToken());
    let reply = await this.#fetch(path, request, token);
    if (reply.status === 401) {
      const { accessToken } = await this.#reach(() => this.#session.renew(token));
      reply = await this.#fetch(path, request, accessToken);
    }
    if (!reply.ok) throw await problemIn(reply);
    return reply;
  }

  #fetch(path: string, { method = 'GET', query = {}, body, headers, signal }: ApiRequest, token: string) {
    const url = new URL(path, this.#restUrl);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const init: RequestInit = {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    return this.#reach(() => fetch(url, init));
  }

  /** `fetch` rejects with a bare TypeError when nobody answers. */
  async #reach<Result>(ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (error) {
      throw error instanceof TypeError ? new Unreachable(undefined, { cause: error }) : error;
    }
  }
}
