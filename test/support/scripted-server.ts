import { once } from 'node:events';
import { createServer as createHttp1, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** `hang-up`: the connection is cut without an answer. `silence`: no answer ever comes. */
export type ScriptedReply =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | 'hang-up'
  | 'silence';

interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface ScriptedServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: ReceivedRequest[];
  close(): Promise<void>;
}

type Script = (request: ReceivedRequest, count: number) => ScriptedReply;

/** Serves what `script` says to the nth request (from 1), over HTTP/1.1 or, without TLS, HTTP/2. */
export async function startScriptedServer(
  script: Script,
  protocol: 'http1' | 'http2' = 'http1',
): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const sessions = new Set<ServerHttp2Session>();

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { method = '', url = '', headers } = request;
    const received = { method, path: url, headers, body: Buffer.concat(pieces).toString() };
    requests.push(received);
    const reply = script(received, requests.length);
    if (reply === 'silence') return;
    if (reply === 'hang-up') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(JSON.stringify(reply.body ?? {}));
  };
  // HTTP/2's compatibility classes have the methods that are used here, but no common type with HTTP/1.1's.
  const listener = (request: unknown, response: unknown) =>
    void serve(request as IncomingMessage, response as ServerResponse);

  const server: Server | Http2Server = protocol === 'http1' ? createHttp1(listener) : createHttp2(listener);
  server.on('session', (session: ServerHttp2Session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a listening TCP server has one

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      for (const session of sessions) session.destroy();
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
