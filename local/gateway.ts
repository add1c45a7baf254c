/** The one port of the local cloud: HTTP/1.1 and HTTP/2 without TLS, told apart by their first bytes. */
import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { BodyTooLarge, bodyReader } from './bodies.ts';
import { AccessDenied, type Exchange, type Faults, type Handler, type Log } from './contracts.ts';
import { meetFault } from './faults/call-faults.ts';
import { noFaults } from './faults/faults.ts';
import { type Identify, type Identity, IdentityRefused } from './identity.ts';
import { isSentHere } from './loopback.ts';
import { type ErrorTarget, plainError, refusalError, replyServiceError } from './service-errors.ts';
import { stsHandler } from './sts.ts';
import { jsonError, jsonReply, REST_JSON } from './wire.ts';

const HOST = '127.0.0.1';
/** What every HTTP/2 connection starts with, as far as it tells it from an HTTP/1.1 method. */
const HTTP2_PREFACE = Buffer.from('PRI ');
/** Longer than clients keep idle connections, so that none is closed under a request on its way. */
const KEEP_ALIVE_MS = 120_000;

/**
 * Handlers by SigV4 service name (`s3`, `sqs`, `dynamodb`, `secretsmanager`, `bedrock`, `lambda` …), and by the first
 * path segment for what is not signed: `_api`, `_cognito`, `_site`, `_pinecone`, `_cloudformation`, `_local`. Handlers see
 * the path as it was sent, this first segment included.
 */
export type Routes = Readonly<Record<string, Handler>>;

export interface GatewayOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly routes: Routes;
  readonly identify: Identify;
  readonly log: Log;
  /** @default nothing goes wrong on purpose */
  readonly faults?: Faults;
}
export interface Gateway {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends open connections at once. */
  close(): Promise<void>;
}

/** @throws Error with the code EADDRINUSE when the port is taken */
export async function startGateway({
  port,
  routes,
  identify,
  log,
  faults = noFaults,
}: GatewayOptions): Promise<Gateway> {
  const withSts: Routes = { sts: stsHandler, ...routes };
  let isClosing = false;
  // What breaks while connections are cut off is no news.
  const line = (text: string) => isClosing || log.line('gateway', text);
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    void serve({ request, response, routes: withSts, identify, faults, log: line });
  };
  const http1 = createHttp1({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, onRequest);
  const http2 = createHttp2();
  // The compatibility API has the methods of HTTP/1.1's classes, but no common type with them.
  http2.on('request', (request, response) => onRequest(request as unknown as IncomingMessage, response as never));
  http2.on('sessionError', error => line(`an HTTP/2 connection failed: ${error.message}`));

  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that goes away is no failure of ours, but unheard it would end the process.
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    detectProtocol(socket, protocol => (protocol === 'h2' ? http2 : http1).emit('connection', socket));
  });
  const boundPort = await listen(server, port);

  return {
    port: boundPort,
    url: `http://${HOST}:${boundPort}`,
    async close() {
      isClosing = true;
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      // A listening TCP server has an address of this shape.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/**
 * Reads just enough to know the protocol, and puts it back. By `readable`, not `data`: the servers take the socket over
 * only in one piece when it has never flowed.
 */
function detectProtocol(socket: Socket, connect: (protocol: 'h1' | 'h2') => void): void {
  let start = Buffer.alloc(0);
  const onReadable = () => {
    const data: Buffer | null = socket.read();
    if (data === null) return;
    start = Buffer.concat([start, data]);
    const compared = Math.min(start.length, HTTP2_PREFACE.length);
    const mayBeHttp2 = start.subarray(0, compared).equals(HTTP2_PREFACE.subarray(0, compared));
    if (mayBeHttp2 && start.length < HTTP2_PREFACE.length) return;
    socket.off('readable', onReadable);
    socket.unshift(start);
    connect(mayBeHttp2 ? 'h2' : 'h1');
  };
  socket.on('readable', onReadable);
}

interface Served {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly routes: Routes;
  readonly identify: Identify;
  readonly faults: Faults;
  readonly log: (line: string) => void;
}

/** Answers one request; never rejects. */
async function serve({ request, response, routes, identify, faults, log }: Served): Promise<void> {
  // HTTP/2 errors of a stream that was reset arrive here and are no failure of the handler.
  response.on('error', () => request.destroy());
  if (!isSentHere(request.headers)) {
    return jsonError(response, 403, 'Forbidden', 'Ask 127.0.0.1.', { contentType: REST_JSON });
  }
  const [path = '/', rawQuery = ''] = splitTarget(request.url ?? '/');
  const draft = {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(rawQuery),
    headers: request.headers,
    request,
    response,
    body: bodyReader(request),
  };
  let service: string | undefined;
  try {
    const unsigned = unsignedRoute(draft.path, draft.headers);
    const identity: Identity = unsigned
      ? { service: undefined, caller: { kind: 'anonymous' } }
      : await identify({ ...draft, rawQuery });
    service = identity.service;
    const exchange = { ...draft, caller: identity.caller };
    if (await meetFault(faults, exchange, unsigned ?? service)) return;
    await route(exchange, unsigned ?? service, routes);
  } catch (error) {
    const target = { service: error instanceof IdentityRefused ? error.service : service, headers: draft.headers };
    replyFailure(error, target, draft, log);
  }
}

/** An absolute-form target (`GET http://127.0.0.1:4566/a`), as proxies send it, names the same path. */
function splitTarget(target: string): readonly [string, string] {
  const relative = target.replace(/^https?:\/\/[^/?]*/i, '') || '/';
  const start = relative.indexOf('?');
  return start < 0 ? [relative, ''] : [relative.slice(0, start), relative.slice(start + 1)];
}

/** Requests whose `Authorization` header, if any, is not the local cloud's to judge. */
function unsignedRoute(path: string, headers: IncomingMessage['headers']): string | undefined {
  const prefix = /^\/(_api|_cognito|_site|_pinecone|_cloudformation|_local)(?:\/|$)/.exec(path)?.[1];
  if (prefix) return prefix;
  return headers['api-key'] === undefined ? undefined : '_pinecone';
}

async function route(exchange: Exchange, name: string | undefined, routes: Routes): Promise<void> {
  const { method, path, headers, response } = exchange;
  if (name === undefined) {
    if (headers['x-amz-target'] !== undefined) {
      const message = 'The request is not signed. Any access key and secret will do.';
      const target = { service: undefined, headers };
      return replyServiceError(response, target, plainError(target, 'not-signed', message));
    }
    if (method === 'GET' && path === '/') return replyStatus(response, routes);
  }
  // What nobody signed is for S3: POST forms, CORS preflight, anonymous reads.
  const handler = Object.hasOwn(routes, name ?? 's3') ? routes[name ?? 's3'] : undefined;
  if (handler) return handler(exchange);

  const target = { service: name, headers };
  const message = `The local cloud has no ${name ?? 's3'}. It has: ${services(routes).join(', ')}.`;
  replyServiceError(response, target, plainError(target, 'not-here', message));
}

const services = (routes: Routes) => Object.keys(routes).filter(name => !name.startsWith('_'));

function replyStatus(response: ServerResponse, routes: Routes): void {
  jsonReply(response, { status: 'running', services: services(routes) }, REST_JSON);
}

type Draft = Pick<Exchange, 'method' | 'path' | 'request' | 'response'>;

/** What reading and writing throw when the client has gone. */
const BROKEN_OFF = new Set(['ECONNRESET', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);

function replyFailure(
  error: unknown,
  target: ErrorTarget,
  { method, path, request, response }: Draft,
  log: Served['log'],
): void {
  const isGone = request.socket?.destroyed || response.destroyed;
  if (isGone && error instanceof Error && 'code' in error && BROKEN_OFF.has(String(error.code))) return;
  const known = serviceError(error, target);
  if (!known) log(`${method} ${path} failed: ${error instanceof Error ? error.stack : String(error)}`);
  if (isGone) return;
  if (response.headersSent) {
    // A reply that broke off must not look complete.
    response.destroy();
    return;
  }
  replyServiceError(
    response,
    target,
    known ?? plainError(target, 'broken', 'The local cloud failed; its log says why.'),
  );
}

function serviceError(error: unknown, target: ErrorTarget) {
  if (error instanceof IdentityRefused) return refusalError(target, error.code, error.message);
  if (error instanceof AccessDenied) return plainError(target, 'not-allowed', error.message);
  if (error instanceof BodyTooLarge) return plainError(target, 'too-large', error.message);
  return undefined;
}
