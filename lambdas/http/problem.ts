import { type AppError, AppFailure } from '../errors.ts';
import { budgetHeaders, commonHeaders } from './headers.ts';
import type { TextResponse } from './response.ts';

/** An error as HTTP clients see it (RFC 9457). `instance` is the request id, by which the logs find the request. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  /** Each fault of the request, with the path of the field. */
  readonly issues?: readonly string[];
}

interface Description {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly issues?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** No default: a new kind does not compile until it is described. */
function describe(error: AppError): Description {
  switch (error.kind) {
    case 'invalid-request':
      return { status: 400, title: 'Invalid request', detail: error.issues.join('; '), issues: error.issues };
    case 'request-too-large':
      return { status: 413, title: 'Request too large', detail: `The body may have ${error.limitBytes} bytes.` };
    case 'export-too-large':
      return {
        status: 413,
        title: 'Too large to export',
        detail: `An export may have ${error.limitBytes} bytes. Page through GET /conversations/{id} instead.`,
      };
    case 'unsupported-media-type':
      return {
        status: 415,
        title: 'Unsupported media type',
        detail: `Send the header content-type: ${error.expected}.`,
      };
    case 'not-allowed':
      return {
        status: 403,
        title: 'Not allowed',
        detail: `This needs the role ${error.needed}, and you are ${error.role}. Ask an administrator.`,
      };
    case 'not-found':
      return {
        status: 404,
        title: 'No such path',
        detail: `${error.method} ${error.path} is no operation of this API.`,
      };
    case 'method-not-allowed':
      return {
        status: 405,
        title: 'Method not allowed',
        detail: `${error.method} does not work here; use ${error.allowed.join(' or ')}.`,
        headers: { allow: error.allowed.join(', ') },
      };
    case 'conversation-not-found':
      return {
        status: 404,
        title: 'No such conversation',
        detail: `You have no conversation ${error.conversationId}. Leave conversationId out to start one.`,
      };
    case 'turn-not-found':
      return {
        status: 404,
        title: 'No such turn',
        detail: `Your conversation ${error.conversationId} has no turn ${error.turnId}.`,
      };
    case 'document-not-found':
      return { status: 404, title: 'No such document', detail: `You have no document ${error.documentId}.` };
    case 'document-not-failed':
      return {
        status: 409,
        title: 'The document has not failed',
        detail: `Only a FAILED or PENDING document can be retried; ${error.documentId} is ${error.status}.`,
      };
    case 'version-not-live':
      return {
        status: 404,
        title: 'No such version',
        detail: `Answers do not draw on version ${error.version} of document ${error.documentId} any more.`,
      };
    case 'metadata-changed':
      return {
        status: 409,
        title: 'The metadata has changed',
        detail: `Somebody else has changed what is said of ${error.documentId}. Read it again, then change it.`,
      };
    case 'job-not-found':
      return { status: 404, title: 'No such job', detail: `You have no job ${error.jobId}.` };
    case 'key-not-found':
      return { status: 404, title: 'No such API key', detail: `You have no API key ${error.keyId}.` };
    case 'job-not-running':
      return {
        status: 409,
        title: 'The job is not running',
        detail: `Only a RUNNING job can be cancelled; ${error.jobId} is ${error.status}.`,
      };
    case 'budget-spent':
      return describeSpentBudget(error);
    case 'service-unavailable':
      return {
        status: 503,
        title: 'Temporarily unavailable',
        detail: `${error.service} does not answer in time. Try again in ${error.retryAfterSeconds} seconds.`,
        headers: { 'retry-after': String(error.retryAfterSeconds) },
      };
  }
}

const OWNERS = { key: 'your API key', user: 'you', tenant: 'your tenant' } as const;
const PERIODS = { day: 'today', month: 'this month' } as const;
const UNITS = { tokens: 'tokens', usd: 'dollars' } as const;

function describeSpentBudget(error: AppError & { kind: 'budget-spent' }): Description {
  const { scope, period, unit, inProgress, retryAfterSeconds, left } = error;
  const budget = `What ${OWNERS[scope]} may spend ${PERIODS[period]}, in ${UNITS[unit]},`;
  return {
    status: 429,
    title: 'The budget is spent',
    detail: inProgress
      ? `${budget} is held for answers in progress. Try again in ${retryAfterSeconds} seconds.`
      : `${budget} is spent. GET /usage shows it; it is whole again in ${retryAfterSeconds} seconds.`,
    headers: { 'retry-after': String(retryAfterSeconds), ...budgetHeaders(left) },
  };
}

/** A bug says nothing about itself to the client. */
const INTERNAL: Description = {
  status: 500,
  title: 'Internal error',
  detail: 'Something went wrong here. The instance finds it in the logs.',
};

function describeAny(error: unknown): Description & { type: string } {
  if (!(error instanceof AppFailure)) return { ...INTERNAL, type: '/problems/internal-error' };
  return { ...describe(error.error), type: `/problems/${error.error.kind}` };
}

/** @param error anything that was thrown; what is not an `AppFailure` becomes a bare 500 */
export function problemOf(error: unknown, requestId: string): Problem {
  const { headers: _, ...described } = describeAny(error);
  return { ...described, instance: requestId };
}

export const problemResponse = (error: unknown, requestId: string): TextResponse => ({
  statusCode: describeAny(error).status,
  headers: {
    ...commonHeaders(requestId),
    ...describeAny(error).headers,
    'content-type': 'application/problem+json',
  },
  body: JSON.stringify(problemOf(error, requestId)),
});
