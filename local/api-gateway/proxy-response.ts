import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { Refusal } from './gateway-response.ts';
import { type ApiRequest, isBinary } from './proxy-event.ts';

const headerValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const head = {
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), headerValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish(),
  cookies: z.array(z.string()).nullish(),
};
const bufferedReply = z.object({
  ...head,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});
const preludeReply = z.object({ ...head, statusCode: head.statusCode.default(200) });

/** The connection is the gateway's business, and so is the length that it counts itself. */
const gatewayHeaders = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * Writes what a function returned to a buffered proxy integration.
 * @throws Refusal when it is not of the shape that API Gateway asks for
 */
export function writeProxyReply(response: ServerResponse, payload: Buffer, request: ApiRequest): void {
  const reply = parseReply(bufferedReply, payload.toString('utf8'));
  const text = reply.body ?? '';
  const accept = request.exchange.headers.accept;
  const decode = reply.isBase64Encoded === true && isBinary(request.api.binaryMediaTypes, accept);
  const body = Buffer.from(text, decode ? 'base64' : 'utf8');
  const headers = replyHeaders(reply, request);
  headers.set('content-length', [String(body.length)]);
  response.writeHead(reply.statusCode, rawHeaders(headers));
  response.end(body);
}

/**
 * Writes status and headers of a streamed reply.
 * @param prelude the JSON before the eight NUL bytes
 * @throws Refusal when it is malformed
 */
export function writePrelude(response: ServerResponse, prelude: Buffer, request: ApiRequest): void {
  const reply = parseReply(preludeReply, prelude.toString('utf8'));
  response.writeHead(reply.statusCode, rawHeaders(replyHeaders(reply, request)));
  response.flushHeaders();
}

function parseReply<T>(schema: z.ZodType<T>, text: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Refusal('DEFAULT_5XX', { cause: new Error('the function did not return JSON', { cause }) });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const faults = result.error.issues.map(issue => `${issue.path.join('.') || 'reply'}: ${issue.message}`).join('; ');
  throw new Refusal('DEFAULT_5XX', { cause: new Error(`the function's reply is malformed: ${faults}`) });
}

type Head = z.infer<typeof preludeReply>;

function replyHeaders(
  { headers, multiValueHeaders, cookies }: Head,
  request: ApiRequest,
): Map<string, readonly string[]> {
  const all = new Map<string, readonly string[]>();
  const add = (name: string, values: readonly string[]) => {
    if (!gatewayHeaders.has(name.toLowerCase())) all.set(name.toLowerCase(), values);
  };
  add('content-type', ['application/json']);
  for (const [name, value] of Object.entries(headers ?? {})) add(name, [value]);
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) add(name, values);
  if (cookies && cookies.length > 0) add('set-cookie', cookies);
  add('x-amzn-requestid', [request.context.requestId]);
  add('x-amz-apigw-id', [request.context.extendedRequestId]);
  return all;
}

const rawHeaders = (headers: ReadonlyMap<string, readonly string[]>): Record<string, string | string[]> =>
  Object.fromEntries(
    [...headers].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : [...values]]),
  );
