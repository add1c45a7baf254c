import http, { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array;
}

/** Connections at a time to one host. */
const MAX_SOCKETS = 100;
const agents = {
  'http:': new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
  'https:': new https.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
};

/**
 * Sends one request over a connection that is kept for the next.
 * @returns the reply with its head read; its body is read from it
 * @throws the signal's reason when it aborts; otherwise an Error with Node's `code` when there was no reply
 */
export function exchange({ url, method, headers, body }: HttpRequest, signal?: AbortSignal): Promise<IncomingMessage> {
  signal?.throwIfAborted();
  const isSecure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request: ClientRequest = (isSecure ? https : http).request(url, {
      method,
      headers: { ...headers, 'content-length': body.length },
      agent: agents[isSecure ? 'https:' : 'http:'],
    });
    const abort = () => {
      request.destroy();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const settle = () => signal?.removeEventListener('abort', abort);
    request.on('close', settle).on('error', reject).on('response', resolve).end(body);
  });
}

/** All of a reply's body. @throws Error with Node's `code` when it breaks off */
export async function readBody(response: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}
