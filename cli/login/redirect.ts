import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the browser is sent back to. */
export interface Redirect {
  /** As it is registered with the app client. */
  readonly uri: string;
  /** The address that the browser came back with; never, while it goes elsewhere. */
  readonly arrival: Promise<string>;
  close(): void;
}

const PATH = '/callback';
const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Groundwork</title>' +
  '<p>You can close this window, and go on in the terminal.</p>';

/**
 * Waits for the browser on the first of the ports that is free, on this machine alone.
 * @returns with none of them free, an arrival that never comes: the address can be pasted then
 */
export async function awaitRedirect(ports: readonly number[]): Promise<Redirect> {
  const server = createServer();
  const arrival = new Promise<string>(resolve => {
    server.on('request', (request, response) => {
      const { pathname, href } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname !== PATH) {
        response.writeHead(404).end();
        return;
      }
      const headers = { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer' };
      response.writeHead(200, { ...headers, connection: 'close' }).end(PAGE);
      resolve(href);
    });
  });
  const port = await listenOnFirst(server, ports);
  return {
    uri: `http://localhost:${port ?? ports[0]}${PATH}`,
    arrival,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function listenOnFirst(server: Server, ports: readonly number[]): Promise<number | undefined> {
  for (const port of ports) {
    const isListening = await new Promise<boolean>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
        else reject(error);
      };
      server.once('error', failed);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', failed);
        resolve(true);
      });
    });
    if (isListening) return (server.address() as AddressInfo).port; // a listening TCP server has one
  }
  return undefined;
}
