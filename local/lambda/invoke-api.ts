import { pipeline } from 'node:stream/promises';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import { BodyTooLarge } from '../bodies.ts';
import {
  AccessDenied,
  type Caller,
  type Exchange,
  type InvocationResult,
  type StreamedInvocation,
} from '../contracts.ts';
import { jsonError, REST_JSON, requestId } from '../wire.ts';

const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
const MAX_ASYNC_PAYLOAD_BYTES = 1024 * 1024;
const codec = new EventStreamCodec(toUtf8, fromUtf8);

/** A refusal by the Invoke API, by its name in the service's model. */
export class InvokeError extends Error {
  readonly status: number;
  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export interface InvokeTarget {
  /** @throws AccessDenied; InvokeError when there is no such function */
  authorize(caller: Caller, functionName: string): void;
  invoke(functionName: string, payload: string): Promise<InvocationResult>;
  invokeStreaming(functionName: string, payload: string): StreamedInvocation;
  invokeLater(functionName: string, payload: string): void;
}

/** The Invoke API: a function's name, its partial or whole ARN, with `$LATEST` or no qualifier. */
export async function answerInvoke(target: InvokeTarget, exchange: Exchange): Promise<void> {
  try {
    const [functionName, operation] = parsePath(exchange);
    target.authorize(exchange.caller, functionName);
    if (operation === 'response-streaming-invocations') await stream(target, exchange, functionName);
    else await invoke(target, exchange, functionName);
  } catch (error) {
    const refusal = asInvokeError(error);
    if (!refusal) throw error;
    jsonError(exchange.response, refusal.status, refusal.name, refusal.message, { contentType: REST_JSON });
  }
}

function parsePath({ method, path }: Exchange): readonly [string, string] {
  const pattern = /^\/(?:2015-03-31|2021-11-15)\/functions\/([^/]+)\/(invocations|response-streaming-invocations)$/;
  const [, encoded, operation] = pattern.exec(path) ?? [];
  if (!encoded || !operation || method !== 'POST') {
    throw new InvokeError('UnknownOperationException', 404, `Lambda ${method} ${path} is not emulated.`);
  }
  const [, name, qualifier = '$LATEST'] =
    /^(?:.*function:)?([\w-]+)(?::([\w$-]+))?$/.exec(decodeURIComponent(encoded)) ?? [];
  if (!name || qualifier !== '$LATEST') {
    throw new InvokeError('ResourceNotFoundException', 404, `Function not found: ${decodeURIComponent(encoded)}`);
  }
  return [name, operation];
}

async function invoke(target: InvokeTarget, exchange: Exchange, functionName: string): Promise<void> {
  const { response } = exchange;
  const type = exchange.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'DryRun') return void response.writeHead(204).end();
  if (type === 'Event') {
    target.invokeLater(functionName, await readPayload(exchange, MAX_ASYNC_PAYLOAD_BYTES));
    return void response.writeHead(202, { 'x-amzn-requestid': requestId() }).end();
  }
  const result = await target.invoke(functionName, await readPayload(exchange, MAX_PAYLOAD_BYTES));
  refuseThrottled(result);
  const body = result.ok ? result.payload : Buffer.from(JSON.stringify(errorPayload(result)));
  response.writeHead(200, {
    'content-type': REST_JSON,
    'content-length': body.length,
    'x-amzn-requestid': requestId(),
    'x-amz-executed-version': '$LATEST',
    ...(!result.ok && { 'x-amz-function-error': 'Unhandled' }),
  });
  response.end(body);
}

async function stream(target: InvokeTarget, exchange: Exchange, functionName: string): Promise<void> {
  const { response } = exchange;
  const payload = await readPayload(exchange, MAX_PAYLOAD_BYTES);
  const invocation = target.invokeStreaming(functionName, payload);
  response.once('close', () => invocation.cancel());
  response.writeHead(200, {
    'content-type': 'application/vnd.amazon.eventstream',
    'x-amzn-requestid': requestId(),
    'x-amz-executed-version': '$LATEST',
  });
  try {
    await pipeline(eventsOf(invocation), response);
  } catch (error) {
    if (!response.destroyed) throw error; // else the client has gone away, which the function has been told
  }
}

async function* eventsOf({ body, result }: StreamedInvocation): AsyncGenerator<Uint8Array> {
  for await (const piece of body) yield event('PayloadChunk', 'application/octet-stream', piece);
  const ended = await result;
  const complete = ended.ok ? {} : { ErrorCode: ended.type, ErrorDetails: JSON.stringify(errorPayload(ended)) };
  yield event('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(complete)));
}

function event(type: string, contentType: string, body: Uint8Array): Uint8Array {
  const header = (value: string) => ({ type: 'string' as const, value });
  return codec.encode({
    headers: {
      ':message-type': header('event'),
      ':event-type': header(type),
      ':content-type': header(contentType),
    },
    body,
  });
}

async function readPayload(exchange: Exchange, maxBytes: number): Promise<string> {
  const payload = (await exchange.body(maxBytes)).toString() || '{}';
  try {
    JSON.parse(payload);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvokeError('InvalidRequestContentException', 400, `Could not parse request body into json: ${reason}`);
  }
  return payload;
}

const errorPayload = ({ type, message }: { type: string; message: string }) => ({
  errorType: type,
  errorMessage: message,
});

function refuseThrottled(result: InvocationResult): void {
  if (!result.ok && result.type === 'TooManyRequestsException') throw new InvokeError(result.type, 429, result.message);
}

/** @returns undefined for what the caller cannot mend */
function asInvokeError(error: unknown): InvokeError | undefined {
  if (error instanceof InvokeError) return error;
  if (error instanceof AccessDenied) return new InvokeError('AccessDeniedException', 403, error.message);
  if (error instanceof BodyTooLarge) return new InvokeError('RequestTooLargeException', 413, error.message);
  return undefined;
}
