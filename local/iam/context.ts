/** The condition keys of a call: what its server says, and what follows from the caller. */
import { ACCOUNT_ID, type Caller, type ConditionContext, PARTITION } from '../contracts.ts';

export const ROOT_ARN = `arn:${PARTITION}:iam::${ACCOUNT_ID}:root`;

/** Values by condition key in lower case, since keys ignore case. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

/** @param now milliseconds since 1970 */
export function requestContext(
  caller: Caller,
  resourceArn: string,
  supplied: ConditionContext,
  now: number,
): RequestContext {
  // Keys that follow from the caller come last: no server may overwrite them.
  const keys = { ...supplied, ...commonKeys(resourceArn, now), ...callerKeys(caller) };
  const context = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(keys)) {
    if (value !== undefined) context.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  }
  return context;
}

function commonKeys(resourceArn: string, now: number): ConditionContext {
  const [, , , region] = resourceArn.split(':');
  return {
    // The local cloud is plain HTTP that never leaves the loopback interface, which is what TLS would protect.
    'aws:SecureTransport': 'true',
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:ResourceAccount': ACCOUNT_ID,
    ...(region ? { 'aws:RequestedRegion': region } : {}),
  };
}

function callerKeys(caller: Caller): ConditionContext {
  switch (caller.kind) {
    case 'operator':
      return { ...principalKeys(ROOT_ARN), 'aws:PrincipalType': 'Account' };
    case 'role':
      return { ...principalKeys(caller.roleArn), 'aws:PrincipalType': 'AssumedRole' };
    case 'service':
      return { ...sourceKeys(caller.sourceArn), 'aws:PrincipalServiceName': caller.principal, ...service('true') };
    case 'anonymous':
      return { 'aws:PrincipalType': 'Anonymous', ...service('false') };
  }
}

const service = (isService: 'true' | 'false') => ({ 'aws:PrincipalIsAWSService': isService });

const principalKeys = (arn: string): ConditionContext => ({
  'aws:PrincipalArn': arn,
  'aws:PrincipalAccount': ACCOUNT_ID,
  ...service('false'),
});

function sourceKeys(sourceArn: string | undefined): ConditionContext {
  if (sourceArn === undefined) return { 'aws:SourceArn': undefined, 'aws:SourceAccount': undefined };
  // Bucket ARNs name no account; every bucket of the local cloud is this account's.
  const account = sourceArn.split(':')[4];
  return { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': account || ACCOUNT_ID };
}
