import { once } from 'node:events';
import { createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

export interface StubCall {
  readonly path: string;
  /** The parsed body of the request. */
  readonly body: Record<string, unknown>;
  readonly response: Http2ServerResponse;
}
export type StubReply = (call: StubCall) => void | Promise<void>;

/** One message of an event stream, as Bedrock writes it. */
function sendEvent(response: Http2ServerResponse, type: string, body: unknown): void {
  response.write(encode({ ':message-type': 'event', ':event-type': type }, body));
}

export function sendException(response: Http2ServerResponse, type: string, message: string): void {
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
export function refuse(response: Http2ServerResponse, status: number, type: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type });
  response.end(JSON.stringify({ message: `${type} from the stub` }));
}

export function startStream(response: Http2ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
  sendEvent(response, 'messageStart', { role: 'assistant' });
}

export const sendText = (response: Http2ServerResponse, text: string): void =>
  sendEvent(response, 'contentBlockDelta', { contentBlockIndex: 0, delta: { text } });

/** @param trace of a guardrail */
export function endStream(
  response: Http2ServerResponse,
  stopReason = 'end_turn',
  cached: object = {},
  trace?: object,
): void {
  sendEvent(response, 'contentBlockStop', { contentBlockIndex: 0 });
  sendEvent(response, 'messageStop', { stopReason });
  const usage = { inputTokens: 40, outputTokens: 7, totalTokens: 47, ...cached };
  sendEvent(response, 'metadata', { usage, metrics: { latencyMs: 12 }, ...(trace && { trace: { guardrail: trace } }) });
  response.end();
}

const wholeReply: StubReply = ({ response }) => {
  startStream(response);
  sendText(response, 'It has ');
  sendText(response, '212 steps [1].');
  endStream(response);
};

/** A server that speaks Bedrock's wire over HTTP/2 and replies by script: the n-th call by the n-th reply, then by the last. */
export async function startBedrockStub(replies: readonly StubReply[] = [wholeReply], maxAttempts = 3) {
  const calls: StubCall[] = [];
  const failures: unknown[] = [];
  const serve = async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(Buffer.from(piece));
    const call = { path: request.url, body: JSON.parse(Buffer.concat(pieces).toString()), response };
    calls.push(call);
    await (replies[calls.length - 1] ?? replies.at(-1) ?? wholeReply)(call);
  };
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', session => sessions.add(session));
  server.on('request', (request, response) => {
    serve(request, response).catch((error: unknown) => failures.push(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  const client = new BedrockRuntimeClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
  });
  return {
    client,
    calls,
    failures,
    async close() {
      client.destroy();
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
export type BedrockStub = Awaited<ReturnType<typeof startBedrockStub>>;
