import { commonHeaders } from './headers.ts';

/** A whole reply, in the shape of an API Gateway proxy result. */
export interface TextResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What an operation answers: `body` is sent as JSON, or nothing is when it is undefined. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** Besides those of every reply. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const jsonResponse = ({ status, body, headers }: Reply, requestId: string): TextResponse => ({
  statusCode: status,
  headers: {
    ...commonHeaders(requestId),
    ...headers,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  },
  body: body === undefined ? '' : JSON.stringify(body),
});
