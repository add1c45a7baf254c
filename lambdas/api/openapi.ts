import * as z from 'zod';
import { AppFailure } from '../errors.ts';
import { problemOf } from '../http/problem.ts';
import { problemSchema } from '../http/schemas.ts';
import type { Route } from './routes.ts';

type JsonObject = Record<string, unknown>;

/** Every status that a kind of problem is answered with, read from where problems are described. */
const statusOf = (kind: Route['problems'][number]): number => problemOf(new AppFailure(SAMPLES[kind]), '').status;

const SAMPLES: { readonly [Kind in Route['problems'][number]]: AppFailure['error'] & { kind: Kind } } = {
  'invalid-request': { kind: 'invalid-request', issues: [] },
  'request-too-large': { kind: 'request-too-large', limitBytes: 0 },
  'export-too-large': { kind: 'export-too-large', limitBytes: 0 },
  'unsupported-media-type': { kind: 'unsupported-media-type', expected: '' },
  'not-allowed': { kind: 'not-allowed', role: 'reader', needed: 'administrator' },
  'not-found': { kind: 'not-found', method: '', path: '' },
  'method-not-allowed': { kind: 'method-not-allowed', method: '', allowed: [] },
  'conversation-not-found': { kind: 'conversation-not-found', conversationId: '' },
  'turn-not-found': { kind: 'turn-not-found', conversationId: '', turnId: '' },
  'document-not-found': { kind: 'document-not-found', documentId: '' },
  'document-not-failed': { kind: 'document-not-failed', documentId: '', status: '' },
  'version-not-live': { kind: 'version-not-live', documentId: '', version: 0 },
  'metadata-changed': { kind: 'metadata-changed', documentId: '' },
  'job-not-found': { kind: 'job-not-found', jobId: '' },
  'key-not-found': { kind: 'key-not-found', keyId: '' },
  'job-not-running': { kind: 'job-not-running', jobId: '', status: '' },
  'budget-spent': {
    ...{ kind: 'budget-spent', scope: 'key', period: 'day', unit: 'usd' },
    ...{ inProgress: false, retryAfterSeconds: 0, left: { resetSeconds: 0 } },
  },
  'service-unavailable': { kind: 'service-unavailable', service: '', retryAfterSeconds: 0 },
};

const EVENTS = `The same answer while it is made, one JSON object in each event's \`data\`: \`started\` { conversationId, turnId, parentTurnId?, budget? },
\`sources\` { sources }, \`text-delta\` { text }, \`citation\` (a Citation), \`intervened\` { intervention } when a guardrail intervened, and last \`completed\` (a ChatAnswer) or \`failed\`
(a Problem). Comment lines are pings.`;

/** The API in OpenAPI 3.1, from the same routes and schemas that route and validate. */
export function openApiDocument(routes: readonly Route[], version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    paths[route.path] = path;
    path[route.method.toLowerCase()] = describeOperation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Groundwork',
      version,
      description: 'Answers from your documents, with checked citations. Errors are problems in the form of RFC 9457.',
    },
    // Relative to where this document was fetched from, so that it holds for every stage and domain.
    servers: [{ url: '.' }],
    security: [{ accessToken: [] }, { apiKey: [] }],
    paths,
    components: {
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Of somebody who signed in.' },
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'x-api-key',
          description: 'Of a program; `POST /keys` makes one.',
        },
      },
      schemas: namedSchemas(),
    },
  };
}

function describeOperation(route: Route): JsonObject {
  const parameters = [...pathParameters(route.path), ...(route.query ? queryParameters(route.query) : [])];
  return {
    operationId: route.id,
    summary: route.summary,
    ...(route.role === 'open' ? { security: [] } : { 'x-role': route.role }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: { required: true, content: bodyContent(route.body, route.bodyTypes) } }),
    responses: describeResponses(route),
  };
}

function describeResponses({ reply, streams, problems, role }: Route): JsonObject {
  const problem = { 'application/problem+json': { schema: reference(problemSchema) } };
  const content = {
    ...(reply.schema && json(reference(reply.schema))),
    ...(reply.file && { [reply.file]: { schema: { type: 'string' } } }),
    ...(streams && { 'text/event-stream': { schema: { type: 'string', description: EVENTS } } }),
  };
  const open = role === 'open';
  const needsRole = !open && role !== 'reader';
  const kinds = Map.groupBy([...problems, ...(needsRole ? (['not-allowed'] as const) : [])], statusOf);
  const faults = [...kinds].map(([status, same]) => {
    const kindsOfStatus = status === 429 ? ['throttled', ...same] : same;
    return [status, { description: kindsOfStatus.join(', '), content: problem }] as const;
  });
  return {
    [reply.status]: { description: reply.description, ...(Object.keys(content).length > 0 && { content }) },
    ...(!open && { 401: { description: 'No identity, or one that is not valid (any more).', content: problem } }),
    ...(!open && { 429: { description: 'Too many requests.', content: problem } }),
    ...Object.fromEntries(faults),
    500: { description: 'A fault of ours; the instance finds it in the logs.', content: problem },
  };
}

const bodyContent = (body: z.ZodType, types: Route['bodyTypes'] = ['application/json']): JsonObject =>
  Object.fromEntries(types.map(type => [type, { schema: reference(body) }]));

const json = (schema: JsonObject): JsonObject => ({ 'application/json': { schema } });

const pathParameters = (path: string): JsonObject[] =>
  Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters(query: z.ZodObject): JsonObject[] {
  const required = (name: string) => query.shape[name]?.safeParse(undefined).success === false;
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required(name),
    schema: withoutDialect(z.toJSONSchema(z.looseObject({ value: schema }), { io: 'input' })),
  }));
}

/** The JSON Schema of the only property of a wrapping object: a parameter's own schema. */
function withoutDialect({ properties }: z.core.JSONSchema.BaseSchema): JsonObject {
  const value = properties?.value;
  if (typeof value !== 'object') throw new Error('A parameter has no schema.');
  return { ...value };
}

/** Refers to a named schema. @throws Error for one without a name: it would be repeated wherever it is used */
function reference(schema: z.ZodType): JsonObject {
  const id = z.globalRegistry.get(schema)?.id;
  if (!id) throw new Error('A schema of a route has no id.');
  return { $ref: refOf(id) };
}

/** Every schema that was given a name, referring to each other. */
function namedSchemas(): JsonObject {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { io: 'input', uri: refOf, override: simplify });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema] as const),
  );
}

const refOf = (id: string): string => `#/components/schemas/${id}`;

/** Drops what says nothing to a reader: the bounds of safe integers, and the pattern of a format that is named. */
function simplify({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}
