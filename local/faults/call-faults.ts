import { setTimeout as delay } from 'node:timers/promises';
import type { CallFault, Exchange, Faults } from '../contracts.ts';
import { replyServiceError, type ServiceError } from '../service-errors.ts';
import { operationName } from './operation.ts';
import { FAULTY_SERVICES } from './plan.ts';

type Failure = 'throttle' | 'error';

/** As each service words it, so that its SDK takes it for what it says. */
const ANSWERS: Readonly<Record<string, Readonly<Record<Failure, readonly [status: number, code: string]>>>> = {
  bedrock: { throttle: [429, 'ThrottlingException'], error: [503, 'ServiceUnavailableException'] },
  dynamodb: { throttle: [400, 'ProvisionedThroughputExceededException'], error: [500, 'InternalServerError'] },
  lambda: { throttle: [429, 'TooManyRequestsException'], error: [500, 'ServiceException'] },
  s3: { throttle: [503, 'SlowDown'], error: [500, 'InternalError'] },
  secretsmanager: { throttle: [400, 'ThrottlingException'], error: [500, 'InternalServiceError'] },
  sqs: { throttle: [400, 'RequestThrottled'], error: [503, 'ServiceUnavailable'] },
};
const PINECONE: Readonly<Record<Failure, { status: number; code: number }>> = {
  throttle: { status: 429, code: 8 },
  error: { status: 503, code: 14 },
};

/**
 * Lets a call meet its fault, if it has one. Only calls of functions do; those of Pinecone do all, since they do not
 * tell who makes them.
 * @param route as the gateway names it
 * @returns whether the call was answered, or cut off: then no server is to see it
 */
export async function meetFault(faults: Faults, exchange: Exchange, route: string | undefined): Promise<boolean> {
  const service = route === '_pinecone' ? 'pinecone' : route;
  const isFaulty = FAULTY_SERVICES.some(name => name === service);
  if (!service || !isFaulty || (exchange.caller.kind !== 'role' && service !== 'pinecone')) return false;
  const fault = faults.ofCall(service, operationName(service, exchange));
  if (!fault) return false;
  return strike(fault, exchange, service);
}

async function strike({ delayMs, failure }: CallFault, exchange: Exchange, service: string): Promise<boolean> {
  if (delayMs > 0) await wait(delayMs, exchange);
  if (exchange.response.destroyed) return true;
  if (failure === undefined) return false;
  if (failure === 'disconnect') exchange.response.destroy();
  else refuse(failure, exchange, service);
  return true;
}

/** Ends early when the client goes away. */
async function wait(milliseconds: number, { response }: Exchange): Promise<void> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.once('close', leave);
  await delay(milliseconds, undefined, { signal: gone.signal }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
  response.off('close', leave);
}

function refuse(failure: Failure, { response, headers }: Exchange, service: string): void {
  const message = `The local cloud injected this: ${failure}.`;
  if (service === 'pinecone') {
    const { status, code } = PINECONE[failure];
    const body = JSON.stringify({ code, message, details: [] });
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    return;
  }
  const [status = 500, code = 'InternalServerException'] = ANSWERS[service]?.[failure] ?? [];
  const error: ServiceError = { status, code, message };
  replyServiceError(response, { service, headers }, error);
}
