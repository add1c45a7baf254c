import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { CommandError, EXIT } from './command-error.ts';
import { readEvents, type StreamedEvent } from './event-stream.ts';
import type { Target } from './target.ts';

const problemShape = z.object({ type: z.string(), detail: z.string().optional(), title: z.string().optional() });
const pageShape = z.looseObject({ cursor: z.string().optional() });
const ATTEMPTS = 6;
const LONGEST_WAIT_MS = 20_000;

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Without a leading slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
  readonly accept?: string;
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

/** A running Groundwork as any program uses it: by its REST API, with a key. */
export class Client {
  readonly #target: Target;
  readonly #signal: AbortSignal;

  constructor(target: Target, signal: AbortSignal) {
    this.#target = target;
    this.#signal = signal;
  }

  /** @throws ApiError; CommandError when nobody answers */
  async get<Shape extends z.ZodType>(shape: Shape, request: ApiRequest): Promise<z.infer<Shape>> {
    const response = await this.#send(request);
    return readReply(request.path, shape, await response.json());
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
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#fetch(request);
      if (response.ok) return response;
      if ((response.status !== 429 && response.status !== 503) || attempt === ATTEMPTS) throw await errorOf(response);
      const asked = Number(response.headers.get('retry-after')) * 1_000 || 250 * 2 ** attempt;
      if (asked > LONGEST_WAIT_MS) throw await errorOf(response); // a budget that is spent for today, say
      await response.body?.cancel();
      await delay(asked, undefined, { signal: this.#signal });
    }
  }

  async #fetch({ method = 'GET', path, query = {}, body, accept }: ApiRequest): Promise<Response> {
    const { restUrl, apiKey, foundBy } = this.#target;
    const url = new URL(path, restUrl);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const headers = {
      'x-api-key': apiKey,
      ...(accept && { accept }),
      ...(body && { 'content-type': 'application/json' }),
    };
    try {
      return await fetch(url, {
        ...{ method, headers, signal: this.#signal },
        ...(body && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw new CommandError(`${restUrl} (found by ${foundBy}) does not answer: ${reasonOf(error)}`);
    }
  }
}

/** @throws CommandError for what this command does not know */
function readReply<Shape extends z.ZodType>(path: string, shape: Shape, reply: unknown): z.infer<Shape> {
  const { data, error } = shape.safeParse(reply);
  if (!error) return data;
  const fields = error.issues.map(issue => issue.path.join('.')).join(', ');
  throw new CommandError(`The reply to /${path} is not understood (${fields}): is the deployed version another one?`);
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  const problem = z.preprocess(parseJson, problemShape).safeParse(text).data;
  const said = problem ? (problem.detail ?? problem.title ?? problem.type) : text.slice(0, 200);
  const fix = response.status === 401 || response.status === 403 ? ' Log in again with groundwork login.' : '';
  return new ApiError(`${said || `The API answered ${response.status}.`}${fix}`, response.status);
}

/** `fetch failed` says nothing; its cause does. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined; // then its text is shown
  }
}
