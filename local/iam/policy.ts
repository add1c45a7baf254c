/** Policy documents, checked and compiled once, matched on every call. */
import { ACCOUNT_ID, type Caller, PARTITION, type PolicyDocument, type PolicyStatement } from '../contracts.ts';
import { type Condition, compileCondition, variableLookup } from './conditions.ts';
import type { RequestContext } from './context.ts';
import { compilePattern, type Pattern } from './patterns.ts';
import { PolicyError } from './policy-error.ts';

/** One call, as statements look at it. */
export interface Request {
  readonly caller: Caller;
  readonly action: string;
  readonly resourceArn: string;
  readonly context: RequestContext;
}

export interface Statement {
  /** The Sid, or the place in the document, for messages. */
  readonly label: string;
  readonly effect: 'Allow' | 'Deny';
  /** Whether principal, action and resource match. */
  names(request: Request): boolean;
  /** Whether the conditions hold too. */
  applies(request: Request): boolean;
}

/** An identity's policy says nothing of principals; a resource's policy must. */
export type PolicyKind = 'identity' | 'resource';

const ELEMENTS = new Set(['Sid', 'Effect', 'Principal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);

/** @throws PolicyError naming the statement and what of it the local cloud cannot judge */
export function compilePolicy(document: PolicyDocument, kind: PolicyKind): readonly Statement[] {
  if (!Array.isArray(document.Statement)) throw new PolicyError('A policy document needs a list of statements.');
  return document.Statement.map((statement: PolicyStatement, index) => {
    const label = statement.Sid || `#${index + 1}`;
    try {
      return compileStatement(statement, label, kind);
    } catch (error) {
      if (error instanceof PolicyError) throw new PolicyError(`Statement ${label}: ${error.message}`);
      throw error;
    }
  });
}

function compileStatement(statement: PolicyStatement, label: string, kind: PolicyKind): Statement {
  for (const element of Object.keys(statement)) {
    if (!ELEMENTS.has(element)) throw new PolicyError(`the local cloud does not have the element ${element}.`);
  }
  const { Effect: effect } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw new PolicyError(`the effect ${effect} is neither Allow nor Deny.`);

  const principal = compilePrincipal(statement, kind);
  const action = compileAction(statement);
  const resource = compileResource(statement, kind);
  const condition: Condition = compileCondition(statement.Condition);
  const names = (request: Request) => principal(request.caller) && action(request) && resource(request);
  return { label, effect, names, applies: request => names(request) && condition(request.context) };
}

type RequestTest = (request: Request) => boolean;

function compileAction({ Action, NotAction }: PolicyStatement): RequestTest {
  const { values, negated } = oneOf('Action', Action, NotAction);
  const patterns = values.map(value => {
    if (value !== '*' && !/^[\w-]+:[\w*?]+$/.test(value)) throw new PolicyError(`${value} is no action.`);
    return compilePattern(value, { ignoreCase: true });
  });
  return ({ action }) => patterns.some(pattern => pattern(action, noVariables)) !== negated;
}

const noVariables = () => undefined;

function compileResource({ Resource, NotResource }: PolicyStatement, kind: PolicyKind): RequestTest {
  // A resource's own policy may leave out which resource it means.
  if (Resource === undefined && NotResource === undefined && kind === 'resource') return () => true;
  const { values, negated } = oneOf('Resource', Resource, NotResource);
  const patterns: Pattern[] = values.map(value => {
    if (!value.startsWith('*') && !value.startsWith('arn:')) throw new PolicyError(`${value} is no resource ARN.`);
    return compilePattern(value);
  });
  return ({ resourceArn, context }) => {
    const variables = variableLookup(context);
    return patterns.some(pattern => pattern(resourceArn, variables)) !== negated;
  };
}

function oneOf(name: string, element: string | readonly string[] | undefined, not: typeof element) {
  if ((element === undefined) === (not === undefined)) throw new PolicyError(`needs one of ${name} and Not${name}.`);
  const values = [element ?? not ?? []].flat();
  if (values.length === 0 || values.some(value => typeof value !== 'string')) {
    throw new PolicyError(`${name} must be a list of texts, not ${JSON.stringify(values)}.`);
  }
  return { values, negated: element === undefined };
}

type PrincipalTest = (caller: Caller) => boolean;

function compilePrincipal({ Principal, Effect }: PolicyStatement, kind: PolicyKind): PrincipalTest {
  if (kind === 'identity') {
    if (Principal !== undefined) throw new PolicyError("a role's policy cannot name a principal.");
    return () => true;
  }
  if (Principal === undefined) throw new PolicyError("a resource's policy needs a principal.");
  if (Principal === '*') return () => true;
  if (typeof Principal !== 'object') throw new PolicyError(`${Principal} is no principal.`);
  const tests = Object.entries(Principal).flatMap(([type, values]) =>
    [values].flat().map(value => compilePrincipalValue(type, value, Effect)),
  );
  return caller => tests.some(test => test(caller));
}

function compilePrincipalValue(type: string, value: string, effect: PolicyStatement['Effect']): PrincipalTest {
  if (type === 'Service') return caller => caller.kind === 'service' && caller.principal === value;
  if (type === 'AWS') return compileAwsPrincipal(value, effect);
  throw new PolicyError(`the local cloud does not have ${type} principals.`);
}

const ACCOUNT_PRINCIPAL = /^(?:\d{12}|arn:aws:iam::(\d{12}):root)$/;
const ROLE_PRINCIPAL = /^arn:aws:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]+$/;
const SESSION_PRINCIPAL = /^arn:aws:sts::\d{12}:assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]+$/;

function compileAwsPrincipal(value: string, effect: PolicyStatement['Effect']): PrincipalTest {
  if (value === '*') return () => true;
  const account = ACCOUNT_PRINCIPAL.exec(value);
  if (account) {
    const isOurs = (account[1] ?? value) === ACCOUNT_ID;
    // Allowing an account leaves the decision to its own policies; denying it denies everyone in it.
    return caller => isOurs && effect === 'Deny' && (caller.kind === 'role' || caller.kind === 'operator');
  }
  if (ROLE_PRINCIPAL.test(value)) return caller => caller.kind === 'role' && caller.roleArn === value;
  if (SESSION_PRINCIPAL.test(value)) return caller => caller.kind === 'role' && sessionArn(caller) === value;
  throw new PolicyError(`${value} is no account, role or session.`);
}

/** How STS names a function's use of its role: the session is the function's name. */
export function sessionArn({ roleArn, functionName }: { roleArn: string; functionName: string }): string {
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return `arn:${PARTITION}:sts::${ACCOUNT_ID}:assumed-role/${roleName}/${functionName}`;
}
