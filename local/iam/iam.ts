/** Judges every call as AWS does within one account. @see "Policy evaluation logic", AWS IAM User Guide */
import { AccessDenied, type Caller, type ConditionContext, type Credentials, type Iam } from '../contracts.ts';
import { requestContext } from './context.ts';
import { newCredentials } from './credentials.ts';
import { compilePolicy, type Request, type Statement } from './policy.ts';
import { PolicyError } from './policy-error.ts';

interface Role {
  readonly trust: readonly Statement[];
  readonly statements: readonly Statement[];
}
type IssuedCredentials = Credentials & { readonly roleArn: string; readonly functionName: string };

export interface IamOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Roles, resource policies and issued credentials, all in memory: the deployer puts them again at each start. */
export function createIam({ now = Date.now }: IamOptions = {}): Iam {
  const roles = new Map<string, Role>();
  const resourcePolicies = new Map<string, readonly Statement[]>();
  const issued = new Map<string, IssuedCredentials>();

  const resourceStatements = (arn: string) => {
    return policyOwners(arn).flatMap(owner => resourcePolicies.get(owner) ?? []);
  };

  function authorize(caller: Caller, action: string, resourceArn: string, supplied: ConditionContext = {}): void {
    const request = { caller, action, resourceArn, context: requestContext(caller, resourceArn, supplied, now()) };
    const ofResource = resourceStatements(resourceArn);
    const ofRole = caller.kind === 'role' ? (roles.get(caller.roleArn)?.statements ?? []) : [];
    denyIfDenied(request, ofRole, `its role ${nameOf(caller)}`);
    denyIfDenied(request, ofResource, "the resource's policy");
    if (caller.kind === 'operator') return;
    if ([...ofRole, ...ofResource].some(statement => statement.effect === 'Allow' && statement.applies(request)))
      return;
    throw new AccessDenied(notAllowed(request, ofRole, ofResource));
  }

  function issueCredentials(roleArn: string, functionName: string): Credentials {
    const role = roles.get(roleArn);
    if (!role) throw new Error(`There is no role ${roleArn} for ${functionName}.`);
    if (!trustsLambda(role.trust, roleArn, now())) {
      throw new Error(
        `The role ${roleArn} of ${functionName} cannot be assumed by Lambda: its trust policy must allow it.`,
      );
    }
    const credentials = newCredentials();
    issued.set(credentials.accessKeyId, { ...credentials, roleArn, functionName });
    return credentials;
  }

  return {
    putRole({ arn, trust, policies }) {
      const role = named(`The role ${arn}`, () => ({
        trust: compilePolicy(trust, 'resource'),
        statements: policies.flatMap(policy => compilePolicy(policy, 'identity')),
      }));
      roles.set(arn, role);
    },
    removeRole(arn) {
      roles.delete(arn);
      for (const [key, credentials] of issued) if (credentials.roleArn === arn) issued.delete(key);
    },
    putResourcePolicy(resourceArn, policy) {
      if (policy === undefined) resourcePolicies.delete(resourceArn);
      else {
        const statements = named(`The policy of ${resourceArn}`, () => compilePolicy(policy, 'resource'));
        resourcePolicies.set(resourceArn, statements);
      }
    },
    authorize,
    issueCredentials,
    credentialsOf: accessKeyId => issued.get(accessKeyId),
  };
}

/** The resources whose policies rule over `arn`: a bucket over its objects, a table over its indexes. */
function policyOwners(arn: string): readonly string[] {
  const service = arn.split(':')[2];
  if (service === 's3') return [arn.split('/', 1)[0] ?? arn];
  if (service === 'dynamodb') return [arn.split('/').slice(0, 2).join('/')];
  // A function's version or alias: arn:aws:lambda:region:account:function:name:qualifier
  if (service === 'lambda') return [arn.split(':').slice(0, 7).join(':')];
  return [arn];
}

function trustsLambda(trust: readonly Statement[], roleArn: string, now: number): boolean {
  const caller: Caller = { kind: 'service', principal: 'lambda.amazonaws.com' };
  const context = requestContext(caller, roleArn, {}, now);
  const request = { caller, action: 'sts:AssumeRole', resourceArn: roleArn, context };
  const applying = trust.filter(statement => statement.applies(request));
  return applying.some(({ effect }) => effect === 'Allow') && !applying.some(({ effect }) => effect === 'Deny');
}

function denyIfDenied(request: Request, statements: readonly Statement[], owner: string): void {
  const denial = statements.find(statement => statement.effect === 'Deny' && statement.applies(request));
  if (denial) throw new AccessDenied(`${refusal(request)}: statement ${denial.label} of ${owner} denies it.`);
}

function notAllowed(request: Request, ofRole: readonly Statement[], ofResource: readonly Statement[]): string {
  const condition = [...ofRole, ...ofResource].find(({ effect, names }) => effect === 'Allow' && names(request));
  const hint = condition ? ` (statement ${condition.label} names it, but its conditions do not hold)` : '';
  switch (request.caller.kind) {
    case 'role':
      return `${refusal(request)}: no statement of its role allows it${hint}. Grant it in the function's construct.`;
    case 'service':
      return `${refusal(request)}: no statement of the resource's policy allows it${hint}. Grant it there.`;
    default:
      return `${refusal(request)}: no statement of the resource's policy allows everyone to${hint}. Sign the request.`;
  }
}

const refusal = ({ caller, action, resourceArn }: Request) => `${whoIs(caller)} may not ${action} on ${resourceArn}`;

function whoIs(caller: Caller): string {
  switch (caller.kind) {
    case 'operator':
      return `The operator (${caller.accessKeyId})`;
    case 'role':
      return caller.functionName;
    case 'service':
      return caller.sourceArn ? `${caller.principal} for ${caller.sourceArn}` : caller.principal;
    case 'anonymous':
      return 'A request without credentials';
  }
}

function nameOf(caller: Caller): string {
  return caller.kind === 'role' ? caller.roleArn.slice(caller.roleArn.lastIndexOf('/') + 1) : '';
}

function named<T>(owner: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof PolicyError) throw new PolicyError(`${owner}: ${error.message}`);
    throw error;
  }
}
