import { createHash } from 'node:crypto';
import { ACCOUNT_ID, AccessDenied, type Caller, type Exchange, type Iam } from '../contracts.ts';
import { ROOT_ARN } from '../iam/context.ts';
import { sessionArn } from '../iam/policy.ts';
import { type Identify, IdentityRefused } from '../identity.ts';
import { Refusal } from './gateway-response.ts';
import { type RoutedRequest, readBody } from './proxy-event.ts';

/** The part of `requestContext.identity` that IAM fills. */
export interface IamIdentity {
  readonly accessKey: string;
  readonly accountId: string;
  readonly caller: string;
  readonly user: string;
  readonly userArn: string;
}

const SERVICE = 'execute-api';

/**
 * Lets a request through whose signature holds and whose signer may `execute-api:Invoke` the method.
 * @throws Refusal
 */
export async function authorizeByIam(
  { iam, identify }: { readonly iam: Iam; readonly identify: Identify },
  { exchange }: RoutedRequest,
  methodArn: string,
): Promise<IamIdentity> {
  const { caller, service } = await identifyCaller(identify, exchange);
  if (caller.kind === 'anonymous') throw new Refusal('MISSING_AUTHENTICATION_TOKEN');
  if (service !== SERVICE) {
    throw new Refusal('INVALID_SIGNATURE', {
      message: `Credential should be scoped to correct service: '${SERVICE}'.`,
    });
  }
  await checkPayload(exchange);
  try {
    iam.authorize(caller, 'execute-api:Invoke', methodArn);
  } catch (cause) {
    if (!(cause instanceof AccessDenied)) throw cause;
    const { userArn } = identityOf(caller);
    const message = `User: ${userArn} is not authorized to perform: execute-api:Invoke on resource: ${methodArn}`;
    throw new Refusal('ACCESS_DENIED', { cause, message });
  }
  return identityOf(caller);
}

async function identifyCaller(identify: Identify, exchange: Exchange) {
  const [, rawQuery = ''] = /\?(.*)$/s.exec(exchange.request.url ?? '') ?? [];
  try {
    return await identify({ ...exchange, rawQuery, body: () => readBody(exchange) });
  } catch (cause) {
    if (!(cause instanceof IdentityRefused)) throw cause;
    throw new Refusal('INVALID_SIGNATURE', { cause, message: cause.message });
  }
}

/** A hash in a header stands in the signature; unlike S3, API Gateway always holds the body against it. */
async function checkPayload(exchange: Exchange): Promise<void> {
  const sent = exchange.headers['x-amz-content-sha256'];
  if (sent === undefined) return;
  const hash = createHash('sha256')
    .update(await readBody(exchange))
    .digest('hex');
  if (hash === sent) return;
  throw new Refusal('INVALID_SIGNATURE', { message: 'The body is not the one that was signed.' });
}

type SignedCaller = Exclude<Caller, { kind: 'anonymous' | 'service' }>;

function identityOf(caller: Caller): IamIdentity {
  const known = { accountId: ACCOUNT_ID };
  const signed = caller as SignedCaller; // who is identified by a signature is no service, and no longer anonymous
  if (signed.kind === 'operator') {
    return { ...known, accessKey: signed.accessKeyId, caller: ACCOUNT_ID, user: ACCOUNT_ID, userArn: ROOT_ARN };
  }
  const session = `${signed.accessKeyId}:${signed.functionName}`;
  return { ...known, accessKey: signed.accessKeyId, caller: session, user: session, userArn: sessionArn(signed) };
}
