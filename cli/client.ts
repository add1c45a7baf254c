import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { CommandError, EXIT } from './command-error.ts';
import { readEvents, type StreamedEvent } from './event-stream.ts';
import { jsonOf } from './json-of.ts';
import type { Target } from './target.ts';

const problemShape = z.object({ type: z.string(), detail: z.string().optional(), title: z.string().optional() });
const pageShape = z.looseObject({ cursor: z.string().optional() });
/** The API may ask for more than people wait. */
const LONGEST_WAIT_MS = 20_000;
const LONGEST_OWN_WAIT_MS = 8_000;

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Without a leading slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
  readonly accept?: string;
  /** Ends this request alone. */
  readonly signal?: AbortSignal;
}

export interface ClientOptions {
  /** How often a throttled request is tried. @default 6 */
  readonly attempts?: number;
  /** Told of each request that goes out, with its path from the root of the API, as in its access log. */
  readonly onRequest?: (method: string, path: string) => void;
}

/** The API answered with a problem. */
class ApiError extends CommandError {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message, exitCodeOf(status));
    this.status = status;
  }
}

function exitCodeOf(status: number): number {
  if (status === 404) return EXIT.notFound;
  return status === 401 || status === 403 ? EXIT.refused : EXIT.failed;
}

/** A running Groundwork as any program uses it: by its REST API, with an identity of its own. */
export class Client {
  readonly target: Target;
  readonly #signal: AbortSignal;
  readonly #options: ClientOptions;

  constructor(target: Target, signal: AbortSignal, options: ClientOptions = {}) {
    this.target = target;
    this.#signal = signal;
    this.#options = options;
  }

  /** @throws ApiError; CommandError when nobody answers */
  async get<Shape extends z.ZodType>(shape: Shape, request: ApiRequest): Promise<z.infer<Shape>> {
    const response = await this.#send(request);
    return readReply(request.path, shape, await response.json());
  }

  /** For replies that are no JSON. */
  async text(request: ApiRequest): Promise<string> {
    return (await this.#send(request)).text();
  }

  /** For operations whose reply has no body. */
  async call(request: ApiRequest): Promise<void> {
    await (await this.#send(request)).text();
  }

  /** The items of all pages, asked for as they are read. */
  async *list<Item extends z.ZodType>(field: string, item: Item, request: ApiRequest): AsyncGenerator<z.infer<Item>> {
    let cursor: string | undefined;
    do {
      const query = { limit: '100', ...request.query, cursor };
      const page = await this.get(pageShape, { ...request, query });
      yield* readReply(request.path, z.array(item), page[field]);
      cursor = page.cursor;
    } while (cursor);
  }

  async *stream(request: ApiRequest): AsyncGenerator<StreamedEvent> {
    const response = await this.#send({ ...request, accept: 'text/event-stream' });
    if (response.body) yield* readEvents(response.body);
  }

  /** Waits where the API asks to: a throttled request has changed nothing. */
  async #send(request: ApiRequest): Promise<Response> {
    const { attempts = 6 } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#fetch(request);
      if (response.ok) return response;
      if ((response.status !== 429 && response.status !== 503) || attempt === attempts) throw await errorOf(response);
      const asked = Number(response.headers.get('retry-after')) * 1_000 || ownWaitMs(attempt);
      if (asked > LONGEST_WAIT_MS) throw await errorOf(response); // a budget that is spent for today, say
      await response.body?.cancel();
      await delay(asked, undefined, { signal: this.#signal });
    }
  }

  async #fetch({ method = 'GET', path, query = {}, body, accept, signal }: ApiRequest): Promise<Response> {
    const { restUrl, identity, foundBy } = this.target;
    const url = new URL(path, restUrl);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const headers = { ...(accept && { accept }), ...(body && { 'content-type': 'application/json' }) };
    const signed = await identity.sign({ method, url, headers, body: body && JSON.stringify(body) });
    this.#options.onRequest?.(method, `/${path}`);
    try {
      return await fetch(signed.url, {
        ...{ method, headers: signed.headers },
        signal: signal ? AbortSignal.any([this.#signal, signal]) : this.#signal,
        ...(signed.body !== undefined && { body: signed.body }),
      });
    } catch (error) {
      this.#signal.throwIfAborted();
      signal?.throwIfAborted();
      throw new CommandError(`${restUrl} (found by ${foundBy}) does not answer: ${reasonOf(error)}`);
    }
  }
}

/** Longer each time, and not for all who were throttled together at the same moment. */
const ownWaitMs = (attempt: number): number =>
  Math.min(LONGEST_OWN_WAIT_MS, 250 * 2 ** attempt) * (0.5 + Math.random() / 2);

/** @throws CommandError for what this command does not know */
function readReply<Shape extends z.ZodType>(path: string, shape: Shape, reply: unknown): z.infer<Shape> {
  const { data, error } = shape.safeParse(reply);
  if (!error) return data;
  const fields = error.issues.map(issue => issue.path.join('.')).join(', ');
  throw new CommandError(`The reply to /${path} is not understood (${fields}): is the deployed version another one?`);
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  const problem = jsonOf(problemShape).safeParse(text).data;
  const said = problem ? (problem.detail ?? problem.title ?? problem.type) : text.slice(0, 200);
  const fix = response.status === 401 ? ' Log in again with groundwork login.' : '';
  return new ApiError(`${said || `The API answered ${response.status}.`}${fix}`, response.status);
}

/** `fetch failed` says nothing; its cause does. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}
