import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { AccessDenied, type Caller, type InvocationResult, type LambdaServer } from '../contracts.ts';
import { resourceArn } from './arns.ts';
import { Refusal } from './gateway-response.ts';
import type { LambdaIntegration } from './model.ts';
import { readPrelude } from './prelude.ts';
import { type ApiRequest, proxyEvent } from './proxy-event.ts';
import { writePrelude, writeProxyReply } from './proxy-response.ts';

export interface LambdaIntegrationOptions {
  readonly lambda: LambdaServer;
  readonly region: string;
}

/**
 * Has a function answer the request.
 * @throws Refusal when the gateway must answer itself; once a streamed reply has begun, the connection is cut instead
 */
export async function answerByLambda(
  options: LambdaIntegrationOptions,
  integration: LambdaIntegration,
  request: ApiRequest,
  body: Buffer,
): Promise<void> {
  const caller = callerOf(options.region, request);
  const payload = JSON.stringify(proxyEvent(request, body));
  try {
    if (integration.streaming) await stream(options.lambda, integration, request, caller, payload);
    else await buffer(options.lambda, integration, request, caller, payload);
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    // No permission for API Gateway on the function is a fault of the API's configuration, not of the client.
    throw new Refusal(cause instanceof AccessDenied ? 'API_CONFIGURATION_ERROR' : 'INTEGRATION_FAILURE', { cause });
  }
}

/** The permission of a function names API, stage, method and resource: whoever calls it is judged by them. */
function callerOf(region: string, request: ApiRequest): Caller {
  return { kind: 'service', principal: 'apigateway.amazonaws.com', sourceArn: resourceArn(region, request) };
}

async function buffer(
  lambda: LambdaServer,
  { functionName, timeoutMs }: LambdaIntegration,
  request: ApiRequest,
  caller: Caller,
  payload: string,
): Promise<void> {
  const deadline = startDeadline(timeoutMs);
  try {
    const result = await Promise.race([lambda.invoke(caller, functionName, payload), deadline.passed]);
    if (!result.ok) throw functionFailure(functionName, result);
    writeProxyReply(request.exchange.response, result.payload, request);
  } finally {
    deadline.clear();
  }
}

async function stream(
  lambda: LambdaServer,
  { functionName, timeoutMs }: LambdaIntegration,
  request: ApiRequest,
  caller: Caller,
  payload: string,
): Promise<void> {
  const { response } = request.exchange;
  const invocation = lambda.invokeStreaming(caller, functionName, payload);
  // Awaited below unless the stream breaks first, and then it is no news.
  invocation.result.catch(() => undefined);
  const deadline = startDeadline(timeoutMs);
  const clientGone = closedEarly(response);
  const pieces = invocation.body[Symbol.asyncIterator]();
  const next = async () => {
    const step = await Promise.race([pieces.next(), deadline.passed, clientGone.promise]);
    return step.done ? undefined : step.value;
  };
  let complete = false;
  try {
    const prelude = await readPrelude(next);
    if (!prelude) {
      const result = await Promise.race([invocation.result, deadline.passed]);
      throw result.ok ? withoutPrelude(functionName) : functionFailure(functionName, result);
    }
    writePrelude(response, prelude.head, request);
    await write(response, prelude.rest, clientGone.promise);
    for (let piece = await next(); piece; piece = await next()) await write(response, piece, clientGone.promise);
    const result = await Promise.race([invocation.result, deadline.passed]);
    if (!result.ok) throw functionFailure(functionName, result);
    complete = true;
    response.end();
  } catch (error) {
    if (!response.headersSent && !(error instanceof ClientGone)) throw error;
    // What was sent cannot be taken back: a cut connection tells the client that the reply is not whole.
    response.destroy();
  } finally {
    deadline.clear();
    clientGone.clear();
    if (!complete) invocation.cancel();
  }
}

/** Waits until the client has taken in what was written before, so that a slow client slows the function down. */
async function write(response: ServerResponse, piece: Buffer, clientGone: Promise<never>): Promise<void> {
  if (piece.length === 0 || response.write(piece)) return;
  await Promise.race([once(response, 'drain'), clientGone]);
}

class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

function closedEarly(response: ServerResponse): { promise: Promise<never>; clear(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const onClose = () => reject(new ClientGone('The client closed the connection.'));
  if (response.destroyed) onClose();
  else response.once('close', onClose);
  return { promise, clear: () => void response.off('close', onClose) };
}

function startDeadline(timeoutMs: number): { passed: Promise<never>; clear(): void } {
  const { promise: passed, reject } = Promise.withResolvers<never>();
  passed.catch(() => undefined);
  const timer = setTimeout(() => reject(new Refusal('INTEGRATION_TIMEOUT')), timeoutMs);
  return { passed, clear: () => clearTimeout(timer) };
}

function functionFailure(name: string, result: Extract<InvocationResult, { ok: false }>): Refusal {
  return new Refusal('DEFAULT_5XX', { cause: new Error(`${name} failed: ${result.type}: ${result.message}`) });
}

const withoutPrelude = (name: string) =>
  new Refusal('DEFAULT_5XX', {
    cause: new Error(`${name} sent no prelude: write through awslambda.HttpResponseStream.from.`),
  });
