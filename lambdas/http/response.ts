import { commonHeaders } from './headers.ts';

/** A whole reply, in the shape of an API Gateway proxy result. */
export interface TextResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A reply to be kept as a file. */
export class FileBody {
  /** ASCII without quotes. */
  readonly name: string;
  /** Media type. */
  readonly type: string;
  readonly text: string;

  constructor(name: string, type: string, text: string) {
    this.name = name;
    this.type = type;
    this.text = text;
  }
}

/** What an operation answers: `body` is sent as JSON unless it is a file, or nothing is when it is undefined. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** Besides those of every reply. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const replyResponse = (reply: Reply, requestId: string): TextResponse =>
  reply.body instanceof FileBody ? fileResponse(reply, reply.body, requestId) : jsonResponse(reply, requestId);

const fileResponse = ({ status, headers }: Reply, { name, type, text }: FileBody, requestId: string): TextResponse => ({
  statusCode: status,
  headers: {
    ...commonHeaders(requestId),
    ...headers,
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
  },
  body: text,
});

export const jsonResponse = ({ status, body, headers }: Reply, requestId: string): TextResponse => ({
  statusCode: status,
  headers: {
    ...commonHeaders(requestId),
    ...headers,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  },
  body: body === undefined ? '' : JSON.stringify(body),
});
