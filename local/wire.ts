/** How replies of AWS services look on the wire, for every server of the local cloud. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

export const JSON_1_0 = 'application/x-amz-json-1.0';
export const JSON_1_1 = 'application/x-amz-json-1.1';
export const REST_JSON = 'application/json';

export interface JsonErrorOptions {
  /** @default JSON_1_0 */
  readonly contentType?: string;
  /** What one service adds, e.g. SQS's `x-amzn-query-error: <code>;Sender`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const requestId = (): string => randomUUID();

/** Answers 200 with `body` as JSON. */
export function jsonReply(response: ServerResponse, body: unknown, contentType = JSON_1_0): void {
  writeJson(response, 200, body, { 'content-type': contentType });
}

/**
 * Answers an error of the JSON protocols.
 * @param type the error's name, with its namespace (`com.amazon.coral.service#AccessDeniedException`) or without
 */
export function jsonError(
  response: ServerResponse,
  status: number,
  type: string,
  message: string,
  { contentType = JSON_1_0, headers = {} }: JsonErrorOptions = {},
): void {
  const errorName = type.slice(type.indexOf('#') + 1);
  writeJson(
    response,
    status,
    { __type: type, message },
    {
      'content-type': contentType,
      'x-amzn-errortype': errorName,
      ...headers,
    },
  );
}

/** Answers an error as S3 words it. `details` become further elements, e.g. `{ Key: 'a.txt' }`. */
export function s3Error(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  details: Readonly<Record<string, string>> = {},
): void {
  const id = requestId();
  const elements = Object.entries({ Code: code, Message: message, ...details, RequestId: id });
  writeXml(response, status, `<Error>${elements.map(([name, text]) => xmlElement(name, text)).join('')}</Error>`, id);
}

/** Answers an error of the query protocol (STS, IAM, CloudFormation, SNS …). */
export function queryError(response: ServerResponse, status: number, code: string, message: string): void {
  const id = requestId();
  const error = [xmlElement('Type', status < 500 ? 'Sender' : 'Receiver'), xmlElement('Code', code)];
  const body = `<Error>${error.join('')}${xmlElement('Message', message)}</Error>${xmlElement('RequestId', id)}`;
  writeXml(response, status, `<ErrorResponse>${body}</ErrorResponse>`, id);
}

/** Answers `status` with an XML document, its declaration added. */
export function writeXml(response: ServerResponse, status: number, root: string, id = requestId()): void {
  const bytes = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${root}`);
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': bytes.length,
    'x-amz-request-id': id,
    'x-amzn-requestid': id,
  });
  response.end(bytes);
}

export const xmlElement = (name: string, text: string): string => `<${name}>${escapeXml(text)}</${name}>`;

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Escapes text and attribute values. Control characters become references, so that a reader keeps `\r` as it was. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to escape
  return text.replace(/[&<>"'\u0000-\u0008\u000B-\u001F]/g, char => XML_ENTITIES[char] ?? `&#${char.charCodeAt(0)};`);
}

function writeJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { ...headers, 'content-length': bytes.length, 'x-amzn-requestid': requestId() });
  response.end(bytes);
}
