/** Errors that the gateway itself answers, in the format that the clients of each service read. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { RefusalCode } from './identity.ts';
import { JSON_1_0, JSON_1_1, jsonError, queryError, REST_JSON, s3Error } from './wire.ts';

/** How a service's clients read errors. */
type Protocol = 's3' | 'aws-json' | 'rest-json' | 'query';

export interface ServiceError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Whom an error is for; `service` is undefined for a request that was signed for none. */
export interface ErrorTarget {
  readonly service: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export function replyServiceError(response: ServerResponse, target: ErrorTarget, error: ServiceError): void {
  const { status, code, message } = error;
  switch (protocolOf(target)) {
    case 's3':
      s3Error(response, status, code, message);
      break;
    case 'query':
      queryError(response, status, code, message);
      break;
    case 'rest-json':
      jsonError(response, status, code, message, { contentType: REST_JSON });
      break;
    case 'aws-json':
      jsonError(response, status, code, message, {
        contentType: target.headers['content-type'] === JSON_1_1 ? JSON_1_1 : JSON_1_0,
        // Only SQS speaks of its older protocol's codes.
        headers: target.service === 'sqs' ? { 'x-amzn-query-error': `${code};${faultOf(status)}` } : {},
      });
  }
}

const faultOf = (status: number) => (status < 500 ? 'Sender' : 'Receiver');

/** Told by what the request looks like, so that it fits services that the local cloud does not have as well. */
function protocolOf({ service, headers }: ErrorTarget): Protocol {
  if (service === 's3') return 's3';
  if (service === 'cloudfront') return 'query'; // its errors look alike
  if (headers['x-amz-target'] !== undefined) return 'aws-json';
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return 'query';
  return service === undefined ? 's3' : 'rest-json';
}

/** The codes of S3, of the JSON protocols and of the query protocol for the same refusal. */
const REFUSAL_CODES: Readonly<Record<RefusalCode, { s3: string; json: string; query: string }>> = {
  malformed: {
    s3: 'AuthorizationHeaderMalformed',
    json: 'IncompleteSignatureException',
    query: 'IncompleteSignature',
  },
  'unknown-key': {
    s3: 'InvalidAccessKeyId',
    json: 'UnrecognizedClientException',
    query: 'InvalidClientTokenId',
  },
  'wrong-signature': {
    s3: 'SignatureDoesNotMatch',
    json: 'InvalidSignatureException',
    query: 'SignatureDoesNotMatch',
  },
  'wrong-token': { s3: 'InvalidToken', json: 'UnrecognizedClientException', query: 'InvalidClientTokenId' },
  'clock-skew': { s3: 'RequestTimeTooSkewed', json: 'InvalidSignatureException', query: 'RequestExpired' },
  // S3 answers a presigned URL that has expired with AccessDenied; the message tells.
  'presign-expired': { s3: 'AccessDenied', json: 'ExpiredTokenException', query: 'RequestExpired' },
  'unsupported-algorithm': {
    s3: 'InvalidRequest',
    json: 'IncompleteSignatureException',
    query: 'IncompleteSignature',
  },
  'foreign-page': { s3: 'AccessDenied', json: 'AccessDeniedException', query: 'AccessDenied' },
};

/** Words refused credentials: 403, or 400 where the service says so. */
export function refusalError(target: ErrorTarget, code: RefusalCode, message: string): ServiceError {
  const protocol = protocolOf(target);
  const codes = REFUSAL_CODES[code];
  if (protocol === 's3') {
    const status = code === 'malformed' || code === 'wrong-token' || code === 'unsupported-algorithm' ? 400 : 403;
    return { status, code: codes.s3, message };
  }
  if (protocol === 'query') return { status: 403, code: codes.query, message };
  return { status: protocol === 'aws-json' ? 400 : 403, code: codes.json, message };
}

/** Any other failure, by what it means: `not-allowed`, `too-large`, `not-here` (no such service), `broken`. */
export function plainError(
  target: ErrorTarget,
  kind: 'not-allowed' | 'too-large' | 'not-here' | 'not-signed' | 'broken',
  message: string,
): ServiceError {
  const isS3 = protocolOf(target) === 's3';
  switch (kind) {
    case 'not-allowed':
      return {
        status: protocolOf(target) === 'aws-json' ? 400 : 403,
        code: isS3 ? 'AccessDenied' : 'AccessDeniedException',
        message,
      };
    case 'too-large':
      return { status: 413, code: isS3 ? 'EntityTooLarge' : 'RequestEntityTooLargeException', message };
    case 'not-here':
      return { status: 501, code: isS3 ? 'NotImplemented' : 'NotImplementedException', message };
    case 'not-signed':
      return { status: 403, code: 'MissingAuthenticationToken', message };
    case 'broken':
      return { status: 500, code: isS3 ? 'InternalError' : 'InternalServerException', message };
  }
}
