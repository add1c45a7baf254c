import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '../../lambdas/api/openapi.ts';
import { type Route, routes } from '../../lambdas/api/routes.ts';

const content = z.record(z.string(), z.strictObject({ schema: z.looseObject({}) }));
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(['path', 'query']),
  required: z.boolean(),
  schema: z.looseObject({}),
});
/** What of OpenAPI 3.1 this API uses; strict, so that a misspelt field is found. */
const operation = z.strictObject({
  operationId: z.string(),
  summary: z.string(),
  security: z.array(z.looseObject({})).optional(),
  'x-role': z.enum(['reader', 'contributor', 'administrator']).optional(),
  parameters: z.array(parameter).optional(),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.strictObject({ description: z.string().min(1), content: content.optional() }),
  ),
});
const shape = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(
    z.string().startsWith('/'),
    z.record(z.enum(['get', 'post', 'put', 'patch', 'delete']), operation.optional()),
  ),
  components: z.strictObject({
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.string() })),
    schemas: z.record(z.string().regex(/^[\w.-]+$/), z.looseObject({})),
  }),
});

// As clients get it: through JSON.
const document = shape.parse(JSON.parse(JSON.stringify(openApiDocument(routes, '1.2.3'))));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, found]) =>
    found ? [{ path, method: method.toUpperCase(), ...found }] : [],
  ),
);

describe('the OpenAPI document', () => {
  it('describes exactly the routes that are routed', () => {
    const table: readonly Route[] = routes;
    expect(operations.map(({ operationId, method, path }) => ({ id: operationId, method, path }))).toEqual(
      expect.arrayContaining(table.map(({ id, method, path }) => ({ id, method, path }))),
    );
    expect(operations).toHaveLength(routes.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length);
  });

  it('refers only to schemas that it holds, and holds none that nothing refers to', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
    const names = Object.keys(document.components.schemas).map(name => `#/components/schemas/${name}`);
    expect(new Set(references)).toEqual(new Set(names));
  });

  it('declares every parameter of a path', () => {
    for (const { path, parameters = [] } of operations) {
      const declared = parameters.filter(item => item.in === 'path' && item.required).map(({ name }) => name);
      expect(declared).toEqual(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name));
    }
  });

  it('asks for the API key everywhere but where none is needed', () => {
    const open = operations.filter(({ security }) => security?.length === 0).map(({ path }) => path);
    expect(open).toEqual(['/health', '/csp-reports', '/openapi.json']);
    expect(document.security).toEqual([{ accessToken: [] }, { apiKey: [] }]);
    expect(operations.filter(operation => operation['x-role'] === undefined).map(({ path }) => path)).toEqual(open);
  });

  it('states the limits that validation holds', () => {
    const { ChatRequest, SearchFilter } = document.components.schemas;
    expect(ChatRequest).toMatchObject({
      additionalProperties: false,
      required: ['message'],
      properties: { message: { minLength: 1, maxLength: 4_000 }, topK: { minimum: 1, maximum: 20 } },
    });
    expect(SearchFilter).toMatchObject({ properties: { documentIds: { maxItems: 20 } } });
    const list = operations.find(({ operationId }) => operationId === 'listDocuments');
    expect(list?.parameters?.find(({ name }) => name === 'limit')?.schema).toMatchObject({
      minimum: 1,
      maximum: 100,
      default: 50,
    });
  });

  it('gives each problem its status', () => {
    const chat = operations.find(({ operationId }) => operationId === 'chat');
    expect(Object.keys(chat?.responses ?? {})).toEqual(['200', '400', '401', '404', '413', '415', '429', '500', '503']);
    expect(Object.keys(chat?.responses['200']?.content ?? {})).toEqual(['application/json', 'text/event-stream']);
    expect(chat?.responses['404']?.content).toHaveProperty(['application/problem+json']);
  });
});
