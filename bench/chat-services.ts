import { once } from 'node:events';
import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import { TermCounter } from '../lambdas/lexical/term-statistics.ts';
import { ANSWER_PIECES, chunks, documents, embedding, history, matches } from './chat-records.ts';
import { benchDocument } from './documents.ts';

/** Milliseconds that each service takes. */
export interface Latencies {
  readonly recordsMs: number;
  readonly embedMs: number;
  readonly queryMs: number;
  readonly firstTokenMs: number;
  readonly tokenMs: number;
}

export interface ChatServices {
  /** `http://127.0.0.1:<port>`, for every service. */
  readonly url: string;
  latencies: Latencies;
  close(): void;
}

const codec = new EventStreamCodec(toUtf8, fromUtf8);
const statistics = new TermCounter(0);
for (let number = 0; number < 500; number += 1) statistics.add(benchDocument(number, 4_000));
const statisticsBytes = statistics.finish(1_000, 50_000).encode();
const embeddingReply = JSON.stringify({ embedding, inputTextTokenCount: 20 });
const queryReply = JSON.stringify({ matches, namespace: 'default', usage: { readUnits: 1 } });
const batchReply = JSON.stringify({ Responses: { documents, chunks }, UnprocessedKeys: {} });
const queryHistoryReply = JSON.stringify({ Items: history, Count: history.length, ScannedCount: history.length });
const secretReply = JSON.stringify({ ARN: 'arn', Name: 'key', SecretString: 'bench-key', VersionId: 'v' });

function frame(type: string, body: unknown): Uint8Array {
  const headers = { ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' };
  return codec.encode({
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]),
    ),
    body: fromUtf8(JSON.stringify(body)),
  });
}
const start = frame('messageStart', { role: 'assistant' });
const pieces = ANSWER_PIECES.map(text => frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } }));
const end = Buffer.concat([
  frame('contentBlockStop', { contentBlockIndex: 0 }),
  frame('messageStop', { stopReason: 'end_turn' }),
  frame('metadata', { usage: { inputTokens: 8_000, outputTokens: 20, totalTokens: 8_020 }, metrics: { latencyMs: 9 } }),
]);

/**
 * Bedrock, Pinecone, DynamoDB, Secrets Manager, S3 and SQS with replies made beforehand, so that what a handler adds is
 * measured and not what they cost. HTTP/1.1 and, without TLS, HTTP/2 on one port.
 */
export async function startChatServices(): Promise<ChatServices> {
  const services = { url: '', latencies: { recordsMs: 0, embedMs: 0, queryMs: 0, firstTokenMs: 0, tokenMs: 0 } };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const arrivedAt = performance.now();
    for await (const _ of request); // a reply before the request's end would be no reply of a real service
    await reply(request, response, services.latencies, arrivedAt);
  };
  const onRequest = (request: unknown, response: unknown) => {
    // HTTP/2's compatibility classes have the methods that are used here, but no common type with HTTP/1.1's.
    serve(request as IncomingMessage, response as ServerResponse).catch(error => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  const http1 = createHttp1({ keepAliveTimeout: 60_000 }, onRequest);
  const http2 = createHttp2(onRequest);
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket.setNoDelay(true).on('error', () => socket.destroy()));
    socket.once('readable', () => {
      const data: Buffer | null = socket.read();
      if (!data) return;
      socket.unshift(data);
      (data.subarray(0, 4).toString() === 'PRI ' ? http2 : http1).emit('connection', socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  services.url = `http://127.0.0.1:${port}`;
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return Object.assign(services, { close });
}

async function reply(
  { url = '', headers }: IncomingMessage,
  response: ServerResponse,
  latencies: Latencies,
  arrivedAt: number,
): Promise<void> {
  const after = (ms: number) => (ms > 0 ? sleep(Math.max(0, arrivedAt + ms - performance.now())) : undefined);
  const send = async (ms: number, type: string, body: string | Uint8Array) => {
    await after(ms);
    response.writeHead(200, { 'content-type': type }).end(body);
  };
  const [, action] = String(headers['x-amz-target'] ?? '').split('.');
  const json = 'application/json';
  if (action === 'BatchGetItem') return send(latencies.recordsMs, json, batchReply);
  if (action === 'Query') return send(latencies.recordsMs, json, queryHistoryReply);
  if (action === 'UpdateItem' || action === 'PutItem') return send(latencies.recordsMs, json, '{}');
  if (action === 'GetSecretValue') return send(latencies.recordsMs, json, secretReply);
  if (action === 'SendMessageBatch') return send(latencies.recordsMs, json, '{"Successful":[],"Failed":[]}');
  if (url.endsWith('/invoke')) return send(latencies.embedMs, json, embeddingReply);
  if (url === '/query') return send(latencies.queryMs, json, queryReply);
  if (url.includes('statistics')) return send(latencies.recordsMs, 'application/octet-stream', statisticsBytes);
  if (!url.endsWith('/converse-stream')) throw new Error(`The bench knows no reply to ${url} ${action}`);
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' }).write(start);
  for (const [index, piece] of pieces.entries()) {
    await after(latencies.firstTokenMs + index * latencies.tokenMs);
    response.write(piece);
  }
  response.end(end);
}
