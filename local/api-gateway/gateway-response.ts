import type { ServerResponse } from 'node:http';
import type { RestApi } from './apis.ts';

/** What is known of a request for templates, mappings and events. */
export interface RequestContext {
  readonly requestId: string;
  readonly extendedRequestId: string;
  /** `context.…` values by name, e.g. `identity.sourceIp`. */
  readonly values: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A request that API Gateway answers itself. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly type: ResponseType;
  readonly status: number;
  /** @param options.cause what the person at the terminal should know; `options.status` where one type has several */
  constructor(type: ResponseType, options: { cause?: unknown; message?: string; status?: number } = {}) {
    const [status, message] = defaults[type];
    super(options.message ?? message, { cause: options.cause });
    this.type = type;
    this.status = options.status ?? status;
  }
}

/** Response types that can happen here, with the status and the message that AWS gives them. */
const defaults = {
  ACCESS_DENIED: [403, 'User is not authorized to access this resource'],
  API_CONFIGURATION_ERROR: [500, 'Internal server error'],
  AUTHORIZER_CONFIGURATION_ERROR: [500, 'Internal server error'],
  AUTHORIZER_FAILURE: [500, 'Internal server error'],
  BAD_REQUEST_PARAMETERS: [400, 'Missing required request parameters'],
  DEFAULT_5XX: [502, 'Internal server error'],
  INTEGRATION_FAILURE: [504, 'Internal server error'],
  INTEGRATION_TIMEOUT: [504, 'Endpoint request timed out'],
  INVALID_API_KEY: [403, 'Forbidden'],
  INVALID_SIGNATURE: [403, 'The request signature does not match'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'Missing Authentication Token'],
  QUOTA_EXCEEDED: [429, 'Limit Exceeded'],
  REQUEST_TOO_LARGE: [413, 'Request Too Long'],
  THROTTLED: [429, 'Too Many Requests'],
  UNAUTHORIZED: [401, 'Unauthorized'],
} as const satisfies Record<string, readonly [status: number, message: string]>;
export type ResponseType = keyof typeof defaults;

const defaultTemplates = { 'application/json': '{"message":$context.error.messageString}' };

/** Answers a refusal in the API's own words when it has any for the type, or for all of its class. */
export function writeRefusal(response: ServerResponse, api: RestApi, refusal: Refusal, context: RequestContext): void {
  const family = refusal.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
  const custom = api.gatewayResponses.get(refusal.type) ?? api.gatewayResponses.get(family);
  const templates = custom && Object.keys(custom.templates).length > 0 ? custom.templates : defaultTemplates;
  const [contentType, template] = templateFor(templates);
  const withError: RequestContext = {
    ...context,
    values: {
      ...context.values,
      'error.message': refusal.message,
      'error.messageString': JSON.stringify(refusal.message),
      'error.responseType': refusal.type,
    },
  };
  const body = Buffer.from(fillTemplate(template, withError));
  const headers = new Map<string, string>([
    ['content-type', contentType],
    ['x-amzn-requestid', context.requestId],
    ['x-amz-apigw-id', context.extendedRequestId],
    ...Object.entries(custom?.headers ?? {}).map(([name, value]): [string, string] => [
      name.toLowerCase(),
      mapValue(value, withError),
    ]),
    ['content-length', String(body.length)],
  ]);
  response.writeHead(custom?.statusCode ?? refusal.status, Object.fromEntries(headers));
  response.end(body);
}

/** The template for JSON, or else the first. */
export function templateFor(templates: Readonly<Record<string, string>>): [contentType: string, template: string] {
  const [first = ['application/json', '']] = Object.entries(templates);
  const json = templates['application/json'];
  return json === undefined ? first : ['application/json', json];
}

/** Puts `$context.…` values into a template; a value that is not known becomes empty. */
export function fillTemplate(template: string, { values }: RequestContext): string {
  return template.replaceAll(
    contextVariable,
    (_, braced?: string, plain?: string) => values[braced ?? plain ?? ''] ?? '',
  );
}
const contextVariable = /\$(?:\{context\.([A-Za-z.]+)\}|context\.([A-Za-z]+(?:\.[A-Za-z]+)*))/g;

/** Whether `fillTemplate` can do all that a template asks for; anything else of Velocity it cannot. */
export const isPlainTemplate = (template: string): boolean =>
  !/\$|#(set|if|else|end|foreach|\{)/.test(template.replaceAll(contextVariable, ''));

/** A constant in single quotes, `context.requestId`, or a header of the request. */
export function mapValue(mapping: string, { values, headers }: RequestContext): string {
  const constant = /^'(.*)'$/s.exec(mapping);
  if (constant) return constant[1] ?? '';
  if (mapping.startsWith('context.')) return values[mapping.slice('context.'.length)] ?? '';
  const header = /^method\.request\.header\.(.+)$/.exec(mapping)?.[1];
  return header === undefined ? '' : [headers[header.toLowerCase()] ?? []].flat().join(', ');
}

/** Whether `mapValue` knows how to fill a mapping. */
export const isKnownMapping = (mapping: string): boolean =>
  /^('.*'|context\..+|method\.request\.header\..+)$/s.test(mapping);
