/** From an HTTP request to who makes it, and which service it is for. */
import { createHash } from 'node:crypto';
import type { Caller, Credentials, Iam } from './contracts.ts';
import { isIssuedKey } from './iam/credentials.ts';
import { isOfForeignPage } from './loopback.ts';
import {
  expectedSignature,
  MalformedSignature,
  parseSignature,
  parseTimestamp,
  type RequestSignature,
  type SignedRequest,
  signaturesEqual,
} from './sigv4.ts';

/** How far a client's clock may be off, either way. */
const MAX_SKEW_MS = 15 * 60 * 1000;

/** What is wrong with a signature; `gateway.ts` words it in the service's own format. */
export type RefusalCode =
  | 'malformed'
  | 'unknown-key'
  | 'wrong-signature'
  | 'wrong-token'
  | 'clock-skew'
  | 'presign-expired'
  | 'unsupported-algorithm'
  | 'foreign-page';

/** A request whose credentials do not hold. */
export class IdentityRefused extends Error {
  override readonly name = 'IdentityRefused';
  readonly code: RefusalCode;
  /** The service of the credential scope, as far as it could be read. */
  readonly service: string | undefined;
  constructor(code: RefusalCode, message: string, service?: string) {
    super(message);
    this.code = code;
    this.service = service;
  }
}

export interface Identity {
  readonly caller: Caller;
  /** The SigV4 service name that the request was signed for; undefined for an unsigned one. */
  readonly service: string | undefined;
}

interface IdentifiableRequest extends SignedRequest {
  readonly query: URLSearchParams;
  /** The whole body; read only when its hash is signed but not sent in a header. */
  body(): Promise<Buffer>;
}

/** @throws IdentityRefused */
export type Identify = (request: IdentifiableRequest) => Promise<Identity>;

export interface IdentityOptions {
  readonly iam: Pick<Iam, 'credentialsOf'>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Keys that the cloud issued are a function's: their signature, session token and time are verified in full. Any other
 * key is the operator's, without a check of its signature: there is no secret to check it with, and the gateway is
 * bound to 127.0.0.1. So a page of another site must not be the operator. A presigned URL expires whoever signed it.
 */
export function createIdentify({ iam, now = Date.now }: IdentityOptions): Identify {
  return async request => {
    const signature = readSignature(request);
    if (!signature) return identifyWithoutSigV4(request, now());
    const { accessKeyId, service } = signature.scope;
    checkExpiry(signature, now());

    const credentials = iam.credentialsOf(accessKeyId);
    if (credentials) {
      checkSkew(signature, now());
      await verify(request, signature, credentials);
      const { roleArn, functionName } = credentials;
      return { service, caller: { kind: 'role', accessKeyId, roleArn, functionName } };
    }
    if (isIssuedKey(accessKeyId)) {
      const message = 'The access key was issued by an earlier run of the local cloud, or its role is gone.';
      throw new IdentityRefused('unknown-key', message, service);
    }
    return { service, caller: operator(request, accessKeyId, service) };
  };
}

function readSignature(request: IdentifiableRequest): RequestSignature | undefined {
  try {
    return parseSignature(request.headers, request.query);
  } catch (error) {
    if (error instanceof MalformedSignature) throw new IdentityRefused('malformed', error.message);
    throw error;
  }
}

/** Anonymous calls, and S3's older Signature Version 2, which boto3 still uses for presigned URLs. */
function identifyWithoutSigV4({ headers, query }: IdentifiableRequest, nowMs: number): Identity {
  if (headers.authorization?.startsWith('AWS4-') || query.has('X-Amz-Algorithm')) {
    throw new IdentityRefused('unsupported-algorithm', 'Only AWS4-HMAC-SHA256 signatures are supported.');
  }
  const headerKey = /^AWS ([^:]+):/.exec(headers.authorization ?? '')?.[1];
  const queryKey = query.has('Signature') ? query.get('AWSAccessKeyId') : undefined;
  const accessKeyId = headerKey ?? queryKey;
  if (!accessKeyId) return { service: undefined, caller: { kind: 'anonymous' } };
  if (isIssuedKey(accessKeyId)) {
    throw new IdentityRefused('unsupported-algorithm', 'A function must sign with AWS4-HMAC-SHA256.', 's3');
  }
  if (queryKey && !(Number(query.get('Expires')) * 1000 >= nowMs)) {
    throw new IdentityRefused('presign-expired', 'Request has expired', 's3');
  }
  return { service: 's3', caller: operator({ headers }, accessKeyId, 's3') };
}

function operator({ headers }: Pick<SignedRequest, 'headers'>, accessKeyId: string, service: string): Caller {
  if (!isOfForeignPage(headers)) return { kind: 'operator', accessKeyId };
  const message = `A page of ${headers.origin} is not the operator of this machine. Use a URL or form that a function signed.`;
  throw new IdentityRefused('foreign-page', message, service);
}

function checkExpiry({ scope, timestamp, expiresSeconds }: RequestSignature, nowMs: number): void {
  const signedAt = parseTimestamp(timestamp);
  if (signedAt === undefined) {
    throw new IdentityRefused(
      'malformed',
      `The signing time must be YYYYMMDDTHHMMSSZ, not ${timestamp}.`,
      scope.service,
    );
  }
  if (expiresSeconds !== undefined && nowMs > signedAt + expiresSeconds * 1000) {
    throw new IdentityRefused('presign-expired', 'Request has expired', scope.service);
  }
}

function checkSkew({ scope, timestamp, expiresSeconds }: RequestSignature, nowMs: number): void {
  const aheadMs = (parseTimestamp(timestamp) ?? Number.NaN) - nowMs;
  const tooOld = expiresSeconds === undefined && -aheadMs > MAX_SKEW_MS;
  if (!tooOld && aheadMs <= MAX_SKEW_MS) return;
  const serverTime = new Date(nowMs).toISOString();
  const message = `The request was signed at ${timestamp}; the server's time is ${serverTime}.`;
  throw new IdentityRefused('clock-skew', message, scope.service);
}

async function verify(request: IdentifiableRequest, signature: RequestSignature, credentials: Credentials) {
  const { service } = signature.scope;
  if (signature.sessionToken !== credentials.sessionToken) {
    throw new IdentityRefused('wrong-token', 'The session token does not belong to the access key.', service);
  }
  if (!signature.timestamp.startsWith(signature.scope.date)) {
    throw new IdentityRefused('malformed', "The credential's date is not the day of the signing time.", service);
  }
  const hash = await payloadHash(request, signature);
  const expected = expectedSignature(request, signature, credentials.secretAccessKey, hash);
  if (signaturesEqual(expected, signature.signature)) return;
  const message =
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
  throw new IdentityRefused('wrong-signature', message, service);
}

/** The hash header stands for the body, which S3 checks against it or not; clients that send none hash the body. */
async function payloadHash(request: IdentifiableRequest, { scope, expiresSeconds }: RequestSignature): Promise<string> {
  const sent = request.headers['x-amz-content-sha256'] ?? request.query.get('X-Amz-Content-Sha256');
  if (typeof sent === 'string') return sent;
  if (scope.service === 's3' && expiresSeconds !== undefined) return 'UNSIGNED-PAYLOAD';
  return createHash('sha256')
    .update(await request.body())
    .digest('hex');
}
