import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange, readBody } from './exchange.ts';
import { type AwsCredentials, encodeQuery, signHeaders } from './signature.ts';

export interface AwsClientOptions {
  /** Instead of the service's own address, e.g. `http://127.0.0.1:4566`. @default AWS_ENDPOINT_URL, if set */
  readonly endpoint?: string | undefined;
  /** @default AWS_REGION */
  readonly region?: string;
  /** @default what Lambda gives a function's process */
  readonly credentials?: AwsCredentials;
  /** Of one call, the first among them. @default 3 */
  readonly maxAttempts?: number;
  /** Milliseconds before the attempt after `attempt`, from 1. @default exponential from 100 ms, with full jitter */
  readonly waitMs?: (attempt: number) => number;
}

export interface AwsService {
  /** The first part of its host name. */
  readonly host: string;
  /** In the credential scope. */
  readonly signingName: string;
}

export interface AwsRequest {
  readonly method?: 'GET' | 'POST';
  /** Percent-encoded. @default '/' */
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a service refused, or could not do: named as its error is, like an error of the AWS SDK. */
class AwsError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
  readonly $response: { readonly headers: IncomingMessage['headers'] };

  constructor(name: string, message: string, { statusCode = 0, headers }: IncomingMessage) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: statusCode };
    this.$response = { headers };
  }
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 20_000;
const jittered = (attempt: number): number =>
  Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));

/** Other errors of status 400 that pass by themselves. */
const PASSING =
  /^(?:.*Throttl.*|ProvisionedThroughputExceeded.*|RequestLimitExceeded|TooManyRequests.*|SlowDown|RequestTimeout.*|TransactionInProgressException|BandwidthLimitExceeded|PriorRequestNotComplete)$/;
const CONNECTION_LOST = /^(?:ECONN|EPIPE$|ETIMEDOUT$|ENOTFOUND$|EAI_AGAIN$|EHOSTUNREACH$|ENETUNREACH$)/;

/**
 * Calls one AWS service: signs, sends, and repeats what was throttled, failed on the server or never got an answer. Beside
 * the SDK's clients it leaves out what no function here needs: other sources of credentials than the environment, and
 * protocols other than those of a few operations. See docs/decisions/0020-own-clients-in-functions.md.
 */
export class AwsClient {
  readonly endpoint: URL;
  readonly region: string;
  readonly #signingName: string;
  readonly #options: AwsClientOptions;

  constructor({ host, signingName }: AwsService, options: AwsClientOptions = {}) {
    this.#options = options;
    this.#signingName = signingName;
    this.region = options.region ?? fromEnvironment('AWS_REGION');
    this.endpoint = new URL(
      options.endpoint ?? process.env.AWS_ENDPOINT_URL ?? `https://${host}.${this.region}.${suffixOf(this.region)}`,
    );
  }

  get credentials(): AwsCredentials {
    return this.#options.credentials ?? lambdaCredentials();
  }

  /**
   * @param read what to make of a reply with a status below 300; when its body breaks off meanwhile, the call is repeated
   * @throws AwsError when the last attempt was refused; an Error with Node's `code` when it got no answer; the signal's reason
   */
  async send<Result>(
    request: AwsRequest,
    read: (response: IncomingMessage) => Result | Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const { maxAttempts = 3, waitMs = jittered } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await read(await this.#attempt(request, signal));
      } catch (error) {
        signal?.throwIfAborted();
        if (attempt >= maxAttempts || !passes(error)) throw error;
        await sleep(Math.max(waitMs(attempt), askedWaitMs(error)), undefined, { signal });
      }
    }
  }

  async #attempt({ method = 'POST', path = '/', query, headers, body = '' }: AwsRequest, signal?: AbortSignal) {
    const { host } = this.endpoint;
    const bytes = Buffer.from(body); // once, for the signature, the length and the wire
    const sent = { ...headers, host, ...traceHeader() };
    const scope = { service: this.#signingName, region: this.region, credentials: this.credentials };
    const signable = { method, path, ...(query && { query }), headers: sent, body: bytes };
    const url = new URL(`${path}${query ? `?${encodeQuery(query)}` : ''}`, this.endpoint);
    const signed = signHeaders(signable, scope, new Date());
    const response = await exchange({ url, method, headers: signed, body: bytes }, signal);
    if ((response.statusCode ?? 500) < 300) return response;
    throw errorOf(response, (await readBody(response)).toString());
  }
}

/** Lets AWS notice functions that call each other in a circle, and joins calls to the trace. */
function traceHeader(): Record<string, string> {
  const trace = process.env._X_AMZN_TRACE_ID;
  return process.env.AWS_LAMBDA_FUNCTION_NAME && trace ? { 'x-amzn-trace-id': trace } : {};
}

function lambdaCredentials(): AwsCredentials {
  const sessionToken = process.env.AWS_SESSION_TOKEN;
  return {
    accessKeyId: fromEnvironment('AWS_ACCESS_KEY_ID'),
    secretAccessKey: fromEnvironment('AWS_SECRET_ACCESS_KEY'),
    ...(sessionToken && { sessionToken }),
  };
}

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: a function's process has it from Lambda.`);
  return value;
}

const suffixOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');

/** Services name their errors in a header, in the JSON (`__type`, `code`) or, S3, in XML; some with a namespace or an address. */
function errorOf(response: IncomingMessage, text: string): AwsError {
  const { __type, code, message, Message } = parseError(text);
  const header = response.headers['x-amzn-errortype'];
  const named = (typeof header === 'string' ? header : undefined) ?? __type ?? code;
  const name = named?.replace(/:.*$/, '').replace(/^.*#/, '') || `HTTP ${response.statusCode}`;
  return new AwsError(name, message ?? Message ?? name, response);
}

type ErrorBody = Partial<Record<'__type' | 'code' | 'message' | 'Message', string>>;

function parseError(text: string): ErrorBody {
  const xml = (element: string) => new RegExp(`<${element}>([^<]*)</${element}>`).exec(text)?.[1];
  if (text.startsWith('<')) return withoutUndefined({ code: xml('Code'), message: xml('Message') });
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(Object.entries(parsed).filter(([, value]) => typeof value === 'string'));
  } catch {
    return {}; // a proxy's page: the status says what there is to know
  }
}

const withoutUndefined = (fields: Record<string, string | undefined>): ErrorBody =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function passes(error: unknown): boolean {
  if (error instanceof AwsError) {
    const { httpStatusCode } = error.$metadata;
    return httpStatusCode === 429 || httpStatusCode >= 500 || PASSING.test(error.name);
  }
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && CONNECTION_LOST.test(code);
}

/** What the service asked for with `retry-after`, in milliseconds. */
function askedWaitMs(error: unknown): number {
  const seconds = error instanceof AwsError ? Number(error.$response.headers['retry-after']) : 0;
  return Number.isFinite(seconds) ? Math.min(LONGEST_WAIT_MS, seconds * 1_000) : 0;
}

/** A reply's JSON, for `send`. */
export async function readJson(response: IncomingMessage): Promise<unknown> {
  const body = await readBody(response);
  return body.length > 0 ? JSON.parse(body.toString()) : {};
}
