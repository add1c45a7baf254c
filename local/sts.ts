/** `GetCallerIdentity`, which people try first to see whether an endpoint is there. */
import { ACCOUNT_ID, type Caller, type Exchange } from './contracts.ts';
import { ROOT_ARN } from './iam/context.ts';
import { sessionArn } from './iam/policy.ts';
import { queryError, requestId, writeXml, xmlElement } from './wire.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** Answers STS's query protocol. Like on AWS, asking who one is needs no permission. */
export async function stsHandler({ body, query, caller, response }: Exchange): Promise<void> {
  const form = new URLSearchParams((await body()).toString('utf8'));
  const action = form.get('Action') ?? query.get('Action');
  if (action !== 'GetCallerIdentity') {
    const message = `The local cloud's STS has GetCallerIdentity only, not ${action ?? 'a request without an action'}.`;
    queryError(response, 400, 'InvalidAction', message);
    return;
  }
  const { arn, userId } = identityOf(caller);
  const elements = [xmlElement('Arn', arn), xmlElement('UserId', userId), xmlElement('Account', ACCOUNT_ID)].join('');
  const id = requestId();
  const metadata = `<ResponseMetadata>${xmlElement('RequestId', id)}</ResponseMetadata>`;
  const result = `<GetCallerIdentityResult>${elements}</GetCallerIdentityResult>${metadata}`;
  writeXml(response, 200, `<GetCallerIdentityResponse xmlns="${NAMESPACE}">${result}</GetCallerIdentityResponse>`, id);
}

function identityOf(caller: Caller): { arn: string; userId: string } {
  if (caller.kind !== 'role') return { arn: ROOT_ARN, userId: ACCOUNT_ID };
  return { arn: sessionArn(caller), userId: `${caller.accessKeyId}:${caller.functionName}` };
}
