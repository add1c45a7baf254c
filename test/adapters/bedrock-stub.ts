import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import { bedrockClient } from '../../lambdas/adapters/aws/services.ts';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

export interface StubCall {
  readonly path: string;
  /** The parsed body of the request. */
  readonly body: Record<string, unknown>;
  readonly response: ServerResponse;
}
export type StubReply = (call: StubCall) => void | Promise<void>;

/** One message of an event stream, as Bedrock writes it. */
function sendEvent(response: ServerResponse, type: string, body: unknown): void {
  response.write(encode({ ':message-type': 'event', ':event-type': type }, body));
}

export function sendException(response: ServerResponse, type: string, message: string): void {
  response.write(encode({ ':message-type': 'exception', ':exception-type': type }, { message }));
}

function encode(headers: Readonly<Record<string, string>>, body: unknown): Uint8Array {
  const described = { ...headers, ':content-type': 'application/json' };
  return codec.encode({
    headers: Object.fromEntries(
      Object.entries(described).map(([name, value]) => [name, { type: 'string' as const, value }]),
    ),
    body: fromUtf8(JSON.stringify(body)),
  });
}

/** An error before the stream has begun. */
export function refuse(response: ServerResponse, status: number, type: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type });
  response.end(JSON.stringify({ message: `${type} from the stub` }));
}

export function startStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
  sendEvent(response, 'messageStart', { role: 'assistant' });
}

export const sendText = (response: ServerResponse, text: string): void =>
  sendEvent(response, 'contentBlockDelta', { contentBlockIndex: 0, delta: { text } });

/** @param trace of a guardrail @param open whether the reply is left without its end */
export function endStream(
  response: ServerResponse,
  stopReason = 'end_turn',
  cached: object = {},
  trace?: object,
  { open = false } = {},
): void {
  sendEvent(response, 'contentBlockStop', { contentBlockIndex: 0 });
  sendEvent(response, 'messageStop', { stopReason });
  const usage = { inputTokens: 40, outputTokens: 7, totalTokens: 47, ...cached };
  sendEvent(response, 'metadata', { usage, metrics: { latencyMs: 12 }, ...(trace && { trace: { guardrail: trace } }) });
  if (!open) response.end();
}

const wholeReply: StubReply = ({ response }) => {
  startStream(response);
  sendText(response, 'It has ');
  sendText(response, '212 steps [1].');
  endStream(response);
};

/** A server that speaks Bedrock's wire and replies by script: the n-th call by the n-th reply, then by the last. */
export async function startBedrockStub(replies: readonly StubReply[] = [wholeReply], maxAttempts = 3) {
  const calls: StubCall[] = [];
  const failures: unknown[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(Buffer.from(piece));
    const call = { path: request.url ?? '', body: JSON.parse(Buffer.concat(pieces).toString()), response };
    calls.push(call);
    await (replies[calls.length - 1] ?? replies.at(-1) ?? wholeReply)(call);
  };
  const server = createServer();
  server.on('request', (request, response) => {
    serve(request, response).catch((error: unknown) => failures.push(error));
  });
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  const client = bedrockClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
  });
  return {
    client,
    calls,
    failures,
    /** Made so far. */
    connections: () => connections,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
export type BedrockStub = Awaited<ReturnType<typeof startBedrockStub>>;
