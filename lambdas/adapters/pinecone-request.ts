import { setTimeout as sleep } from 'node:timers/promises';
import { exchange, readBody } from './aws/exchange.ts';
import { encodeQuery } from './aws/signature.ts';
import { waitBefore } from './retrying-fetch.ts';

/** The version of Pinecone's API whose wire format is spoken here. */
const API_VERSION = '2026-07';
const ATTEMPT_TIMEOUT_MS = 10_000;

export interface PineconeRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Those that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

export interface PineconeTarget {
  /** The index's own; without a scheme it is reached by https. */
  readonly host: string;
  readonly apiKey: string;
  /** Milliseconds that all attempts and the waits between them may take together. */
  readonly retryForMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What Pinecone refused. */
export class PineconeError extends Error {
  override readonly name = 'PineconeError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A request was given up for want of time: it stayed throttled, failing or without an answer. */
export class PineconeUnavailable extends Error {
  override readonly name = 'PineconeUnavailable';
  /** What Pinecone asked for last; 0 when it named no time. */
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number, cause: Error) {
    super(cause.message, { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

interface Failure {
  readonly error: Error;
  readonly retryAfterSeconds: number;
}

/**
 * Sends one request of the data plane, and repeats it while it is throttled (429), fails on the server (5xx) or gets no
 * answer, with exponential backoff and full jitter, or when Pinecone says `retry-after`.
 * @returns the reply's JSON
 * @throws PineconeUnavailable; PineconeError for what stays wrong; the signal's reason
 */
export async function requestPinecone(target: PineconeTarget, request: PineconeRequest): Promise<unknown> {
  const deadline = performance.now() + target.retryForMs;
  for (let attempt = 0; ; attempt += 1) {
    const reply = await tryOnce(target, request, deadline);
    if ('json' in reply) return reply.json;
    const waitMs = waitBefore(attempt + 1, reply.retryAfterSeconds);
    if (performance.now() + waitMs >= deadline) throw new PineconeUnavailable(reply.retryAfterSeconds, reply.error);
    await sleep(waitMs, undefined, { signal: target.signal });
  }
}

/** @throws what no repetition helps against */
async function tryOnce(
  { host, apiKey, signal }: PineconeTarget,
  { method, path, query, body }: PineconeRequest,
  deadline: number,
): Promise<{ readonly json: unknown } | Failure> {
  const url = new URL(`${host.includes('://') ? host : `https://${host}`}${path}${queryOf(query)}`);
  const headers = { 'api-key': apiKey, 'x-pinecone-api-version': API_VERSION, 'content-type': 'application/json' };
  const remainingMs = Math.max(1, deadline - performance.now());
  const timeout = AbortSignal.timeout(Math.ceil(Math.min(ATTEMPT_TIMEOUT_MS, remainingMs)));
  const ended = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const sent = { url, method, headers, body: Buffer.from(body === undefined ? '' : JSON.stringify(body)) };
    const response = await exchange(sent, ended);
    const text = (await readBody(response)).toString();
    const { statusCode = 0 } = response;
    if (statusCode < 300) return { json: JSON.parse(text || '{}') };
    const error = new PineconeError(statusCode, `Pinecone answered ${statusCode}: ${text.slice(0, 500)}`);
    if (statusCode !== 429 && statusCode < 500) throw error;
    const asked = Number(response.headers['retry-after']);
    return { error, retryAfterSeconds: Number.isFinite(asked) && asked > 0 ? asked : 0 };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof PineconeError || !(error instanceof Error)) throw error;
    return { error, retryAfterSeconds: 0 };
  }
}

function queryOf(query: PineconeRequest['query'] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length > 0 ? `?${encodeQuery(Object.fromEntries(given))}` : '';
}
