/** Pinecone's REST API of 2026-07: the control plane, and the data plane of each index below a path of its own. */
import type { ServerResponse } from 'node:http';
import type { DatabaseSync } from 'node:sqlite';
import { BodyTooLarge } from '../bodies.ts';
import type { Exchange, Handler } from '../contracts.ts';
import { type Answer, existing, serveControlPlane } from './control-plane.ts';
import { serveDataPlane } from './data-plane.ts';
import { badRequest, controlPlaneError, dataPlaneError, decodeSegment, PineconeError } from './errors.ts';
import { IndexStore } from './index-store.ts';

export interface PineconeOptions {
  readonly database: DatabaseSync;
  /** Address of the gateway, without a slash at its end. */
  readonly url: () => string;
  /** The only key that is accepted; any key is when there is none. */
  readonly apiKey?: () => string | undefined;
  /** How long writes stay out of sight, as in a real index, which is eventually consistent. @default 0 */
  readonly visibilityDelayMs?: number;
}

const PREFIX = '/_pinecone';
const DATA_PLANE = /^\/i\/([^/]+)(\/.*)$/;
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Clients find it at `<url>/_pinecone`, and an index at the host that describes it: `<url>/_pinecone/i/<name>`. */
export function createPinecone(options: PineconeOptions): { handler: Handler } {
  const { database, url, apiKey = () => undefined, visibilityDelayMs = 0 } = options;
  const store = new IndexStore({ database, visibilityDelayMs, now: () => performance.now() });
  const hostOf = (name: string) => `${url()}${PREFIX}/i/${name}`;

  async function answer(exchange: Exchange, path: string): Promise<Answer> {
    const { method, query } = exchange;
    const body = await readBody(exchange);
    const [, name, rest = ''] = DATA_PLANE.exec(path) ?? [];
    if (name === undefined) return serveControlPlane(store, hostOf, { method, path, body });
    const spec = existing(store, decodeSegment(name));
    const reply = serveDataPlane({ spec, vectors: store.vectorsOf(spec) }, { method, path: rest, query, body });
    return { status: 200, body: reply };
  }

  return {
    async handler(exchange) {
      const path = exchange.path.startsWith(PREFIX) ? exchange.path.slice(PREFIX.length) : exchange.path;
      if (!keyAccepted(exchange, apiKey())) {
        writeReply(exchange.response, 401, 'text/plain', 'Unauthorized');
        return;
      }
      try {
        const { status, body } = await answer(exchange, path);
        writeReply(exchange.response, status, 'application/json', body === undefined ? '' : JSON.stringify(body));
      } catch (error) {
        if (!(error instanceof PineconeError)) throw error;
        const body = DATA_PLANE.test(path) ? dataPlaneError(error) : controlPlaneError(error);
        writeReply(exchange.response, error.status, 'application/json', JSON.stringify(body));
      }
    },
  };
}

function keyAccepted({ headers }: Exchange, expected: string | undefined): boolean {
  const key = headers['api-key'];
  return typeof key === 'string' && key !== '' && (expected === undefined || key === expected);
}

async function readBody(exchange: Exchange): Promise<unknown> {
  const bytes = await readBytes(exchange);
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw badRequest('The request body is not valid JSON.');
  }
}

async function readBytes(exchange: Exchange): Promise<Buffer> {
  try {
    return await exchange.body(MAX_BODY_BYTES);
  } catch (cause) {
    if (!(cause instanceof BodyTooLarge)) throw cause;
    throw badRequest(`Error, message length too large: the limit is: ${MAX_BODY_BYTES} bytes`);
  }
}

function writeReply(response: ServerResponse, status: number, type: string, body: string): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length });
  response.end(bytes);
}
