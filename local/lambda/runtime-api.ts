import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const HOST = '127.0.0.1';

/** What a function's process reports of an error. */
export interface FunctionError {
  readonly type: string;
  readonly message: string;
}
/** The other side of one process of a function. */
export interface RuntimeSession {
  /** The process is free; `response` is to be answered with its next invocation. */
  next(response: ServerResponse): void;
  /** A reply begins; it is to be read to its end before `response` is answered. */
  reply(requestId: string, request: IncomingMessage, response: ServerResponse): void;
  failed(requestId: string, error: FunctionError): void;
  initFailed(error: FunctionError): void;
}

const errorBody = z.object({ errorType: z.string().default('Error'), errorMessage: z.string().default('') });

/**
 * The Lambda Runtime API for all processes, on a port of its own. Each process has a secret path of its own, so that
 * none can speak for another.
 */
export class RuntimeApi {
  readonly #server: Server;
  readonly #sessions = new Map<string, RuntimeSession>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error: Error) => refuse(response, 500, error.message));
    });
  }

  static async start(): Promise<RuntimeApi> {
    // No time limits: an idle process waits for its next invocation as long as it takes.
    const server = createServer({ headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, HOST, resolve));
    return new RuntimeApi(server);
  }

  /** @returns the process's AWS_LAMBDA_RUNTIME_API */
  register(session: RuntimeSession): string {
    const token = randomBytes(16).toString('hex');
    this.#sessions.set(token, session);
    const { port } = this.#server.address() as AddressInfo; // a listening TCP server has one
    return `${HOST}:${port}/${token}`;
  }

  unregister(address: string): void {
    this.#sessions.delete(address.slice(address.indexOf('/') + 1));
  }

  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, token = '', version, path] = /^\/(\w+)\/([\d-]+)\/runtime\/(.+)$/.exec(request.url ?? '') ?? [];
    const session = this.#sessions.get(token);
    if (!session || version !== '2018-06-01' || !path) return refuse(response, 404, 'Not a path of the Runtime API.');

    const [, requestId, step] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (request.method === 'GET' && path === 'invocation/next') return session.next(response);
    if (request.method !== 'POST') return refuse(response, 405, 'This path takes POST.');
    if (requestId && step === 'response') return session.reply(requestId, request, response);
    if (requestId && step === 'error') session.failed(requestId, await readError(request));
    else if (path === 'init/error') session.initFailed(await readError(request));
    else return refuse(response, 404, 'Not a path of the Runtime API.');
    accept(response);
  }
}

export function accept(response: ServerResponse): void {
  response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
}

/**
 * How a streamed reply ended.
 * @returns undefined when it is whole
 */
export function trailingError({ trailers }: IncomingMessage): FunctionError | undefined {
  const type = trailers['lambda-runtime-function-error-type'];
  const body = trailers['lambda-runtime-function-error-body'];
  if (type === undefined) return undefined;
  const parsed = errorBody.safeParse(parseJson(Buffer.from(String(body), 'base64').toString()));
  return { type: String(type), message: parsed.data?.errorMessage ?? '' };
}

async function readError(request: IncomingMessage): Promise<FunctionError> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const body = errorBody.safeParse(parseJson(Buffer.concat(pieces).toString())).data;
  const type = request.headers['lambda-runtime-function-error-type'] ?? body?.errorType ?? 'Error';
  return { type: String(type), message: body?.errorMessage ?? '' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an error without a readable body is still an error, known by its header
  }
}

function refuse(response: ServerResponse, status: number, errorMessage: string): void {
  if (response.headersSent) return void response.destroy();
  const body = JSON.stringify({ errorMessage, errorType: 'InvalidRequest' });
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}
