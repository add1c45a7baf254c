import type { APIGatewayProxyEvent } from 'aws-lambda';
import { expect, vi } from 'vitest';
import { respondWithRecords } from '../../lambdas/api/records.ts';
import { type Route, routes } from '../../lambdas/api/routes.ts';
import type { Budgets } from '../../lambdas/budgets.ts';
import { endpoint } from '../../lambdas/http/endpoint.ts';
import { problemSchema } from '../../lambdas/http/schemas.ts';
import { identityRulesSchema } from '../../lambdas/identity/identity-rules.ts';
import type { ProcessMessage } from '../../lambdas/ingest/messages.ts';
import { rulesReader } from '../../lambdas/ingest/rules.ts';
import type { JobMessage } from '../../lambdas/jobs/messages.ts';
import { makeLibrary } from '../chat/library.ts';
import { inMemoryJobStore } from '../fakes/job-store.ts';
import { inMemoryKeyStore } from '../fakes/key-store.ts';
import { inMemorySpendStore } from '../fakes/spend-store.ts';
import { inMemoryUsageLedger } from '../fakes/usage-ledger.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';
import { aMinute, type RequestSample, requestOf } from '../http/events.ts';

/** The records function over a library; each reply is checked against the schema that the API documents for it. */
export function serve(budgets: Budgets = {}) {
  const spend = inMemorySpendStore();
  const ledger = inMemoryUsageLedger();
  const library = makeLibrary();
  const processing = inMemoryWorkQueue<ProcessMessage>();
  const jobs = inMemoryJobStore();
  const jobQueue = inMemoryWorkQueue<JobMessage>();
  const log = { warn: vi.fn(), error: vi.fn() };
  const { documents, chunks, conversations, bucket } = library;
  const answerRated = vi.fn();
  const violationsReported = vi.fn();
  const deadLetters = { redrive: vi.fn(async () => [{ queue: 'work-dead', messages: 2 }]) };
  const ports = {
    documents,
    chunks,
    conversations,
    answerRated,
    violationsReported,
    bucket,
    knownQuestions: new Map<string, readonly string[]>(),
    readRules: rulesReader(bucket),
    jobs,
    jobQueue,
    deadLetters,
    processing,
    spend,
    ledger,
    budgets,
    keys: inMemoryKeyStore(),
    identity: identityRulesSchema.parse({}),
    maxDocumentBytes: 1_000,
    version: '1.2.3',
  };
  const handler = endpoint(log, (event: APIGatewayProxyEvent) => respondWithRecords(ports, event));

  async function call(method: string, path: string, sample: RequestSample = {}) {
    const { statusCode, headers, body } = await handler(requestOf({ method, path, ...sample }), aMinute);
    const json = headers['content-type']?.includes('json') ? JSON.parse(body) : undefined;
    if (statusCode >= 400) problemSchema.parse(json);
    else if (json !== undefined) schemaOf(method, path.replace(/^\/iam\//, '/'), statusCode)?.parse(json);
    return { statusCode, headers, json, body };
  }
  return {
    ...library,
    library: library.ports,
    ports,
    processing,
    jobs,
    jobQueue,
    log,
    call,
    handle: (event: APIGatewayProxyEvent) => handler(event, aMinute),
  };
}

function schemaOf(method: string, path: string, status: number): Route['reply']['schema'] {
  const matches = (route: Route) =>
    new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path) && route.method === method;
  const route = routes.find(matches);
  expect(route?.reply.status).toBe(status);
  return route && 'schema' in route.reply ? route.reply.schema : undefined;
}
