import type { APIGatewayProxyEvent } from 'aws-lambda';
import type * as z from 'zod';
import { AppFailure } from '../errors.ts';
import { findJsonFault } from './json-fault.ts';

/** No request of this API needs more; files are uploaded to the bucket instead. */
const MAX_BODY_BYTES = 64 * 1024;

const JSON_TYPE = 'application/json';

export const requestIdOf = (event: Pick<APIGatewayProxyEvent, 'requestContext'>): string =>
  event.requestContext.requestId;

/** Programs with AWS credentials find the whole API under it, where API Gateway checks their signature. */
const IAM_PREFIX = '/iam';

/** The operation's path, by whichever door the request came. */
export const pathOf = ({ path }: Pick<APIGatewayProxyEvent, 'path'>): string =>
  path.startsWith(`${IAM_PREFIX}/`) ? path.slice(IAM_PREFIX.length) : path;

/** @param name in lower case; clients and gateways differ in the case they send */
export function headerOf(event: Pick<APIGatewayProxyEvent, 'headers'>, name: string): string | undefined {
  const entry = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return entry?.[1];
}

export interface JsonBody {
  /** @default application/json alone */
  readonly mediaTypes?: readonly string[];
  /** @default 64 KiB */
  readonly maxBytes?: number;
}

/**
 * The body of a request, checked.
 * @throws AppFailure request-too-large, unsupported-media-type, or invalid-request naming every issue
 */
export function readJson<Schema extends z.ZodType>(
  event: Pick<APIGatewayProxyEvent, 'body' | 'headers' | 'isBase64Encoded'>,
  schema: Schema,
  { mediaTypes = [JSON_TYPE], maxBytes = MAX_BODY_BYTES }: JsonBody = {},
): z.output<Schema> {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.byteLength > maxBytes) throw new AppFailure({ kind: 'request-too-large', limitBytes: maxBytes });
  const mediaType = headerOf(event, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType === undefined || !mediaTypes.includes(mediaType)) {
    throw new AppFailure({ kind: 'unsupported-media-type', expected: mediaTypes.join(' or ') });
  }
  return check(schema, parseJson(decodeUtf8(bytes)), 'body');
}

/** The query parameters, checked. @throws AppFailure invalid-request naming every issue */
export const readQuery = <Schema extends z.ZodType>(
  event: Pick<APIGatewayProxyEvent, 'queryStringParameters'>,
  schema: Schema,
): z.output<Schema> => check(schema, event.queryStringParameters ?? {}, 'query');

/** @param what where the value stands, for issues that belong to no field */
function check<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(issue => `${issue.path.join('.') || what}: ${issue.message}`);
  throw new AppFailure({ kind: 'invalid-request', issues });
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppFailure({ kind: 'invalid-request', issues: ['body: not valid UTF-8'] }, { cause });
  }
}

function parseJson(text: string): unknown {
  if (text.trim() === '')
    throw new AppFailure({ kind: 'invalid-request', issues: ['body: empty; send a JSON object'] });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppFailure({ kind: 'invalid-request', issues: [`body: ${describeFault(text)}`] }, { cause });
  }
}

function describeFault(text: string): string {
  const offset = findJsonFault(text);
  const before = text.slice(0, offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const found = offset < text.length ? `unexpected ${JSON.stringify(text.at(offset))}` : 'unexpected end';
  return `invalid JSON at line ${before.length}, column ${column}: ${found}`;
}
