import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

interface Problem {
  readonly type: ResponseType;
  /** Left out: the status that API Gateway chose. */
  readonly status?: number;
  readonly kind: string;
  readonly title: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What API Gateway itself refuses, in the words of this API. */
const problems: readonly Problem[] = [
  {
    type: ResponseType.UNAUTHORIZED,
    status: 401,
    kind: 'unauthorized',
    title: 'Who asks is not known',
    detail: 'Sign in and send the access token as a bearer token, or send a valid API key in the x-api-key header.',
  },
  {
    type: ResponseType.ACCESS_DENIED,
    status: 403,
    kind: 'not-allowed',
    title: 'Not allowed',
    detail: 'A policy of AWS does not allow this request to whoever signed it.',
  },
  {
    // Every path has its methods, so that only requests under /iam can lack one.
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 401,
    kind: 'unauthorized',
    title: 'A signature is needed',
    detail: 'Sign requests below /iam with AWS credentials: Signature Version 4 for the service execute-api.',
  },
  {
    type: ResponseType.INVALID_SIGNATURE,
    status: 401,
    kind: 'unauthorized',
    title: 'The signature does not hold',
    detail:
      'Sign the request as it is sent, with valid AWS credentials, a clock that is right, and the service execute-api.',
  },
  {
    type: ResponseType.EXPIRED_TOKEN,
    status: 401,
    kind: 'unauthorized',
    title: 'The AWS credentials have expired',
    detail: 'Sign the request with fresh credentials.',
  },
  {
    type: ResponseType.AUTHORIZER_FAILURE,
    status: 503,
    kind: 'service-unavailable',
    title: 'Who asks could not be found out',
    detail: 'Send the request again in some seconds.',
    headers: { 'Retry-After': '5' },
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    kind: 'request-too-large',
    title: 'The request is too large',
    detail: 'A request may have up to 10 MB; documents are uploaded through POST /documents.',
  },
  {
    type: ResponseType.THROTTLED,
    status: 429,
    kind: 'throttled',
    title: 'Too many requests',
    detail: 'Wait a moment and send the request again.',
    headers: { 'Retry-After': '1' },
  },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    status: 503,
    kind: 'service-unavailable',
    title: 'The answer took too long',
    detail: 'Send the request again in some seconds.',
    headers: { 'Retry-After': '5' },
  },
  {
    type: ResponseType.INTEGRATION_FAILURE,
    status: 503,
    kind: 'service-unavailable',
    title: 'The service did not answer',
    detail: 'Send the request again in some seconds.',
    headers: { 'Retry-After': '5' },
  },
  { type: ResponseType.DEFAULT_4XX, kind: 'refused', title: 'The request was refused', detail: '' },
  { type: ResponseType.DEFAULT_5XX, kind: 'internal-error', title: 'Something went wrong on our side', detail: '' },
];

/** Gives API Gateway's own errors the form of every other error: problem+json, readable across origins. */
export function addProblemResponses(api: RestApi): void {
  for (const { type, status, kind, title, detail, headers } of problems) {
    const body = {
      type: `/problems/${kind}`,
      title,
      ...(status !== undefined && { status }),
      ...(detail && { detail }),
      instance: '$context.requestId',
    };
    api.addGatewayResponse(`Problem${type.responseType}`, {
      type,
      ...(status !== undefined && { statusCode: String(status) }),
      templates: { 'application/json': JSON.stringify(body) },
      responseHeaders: quoted({
        'Content-Type': 'application/problem+json',
        'Access-Control-Allow-Origin': '*',
        ...headers,
      }),
    });
  }
}

/** API Gateway takes constants in single quotes. */
const quoted = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `'${value}'`]));
