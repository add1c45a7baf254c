import { z } from 'zod';
import { AccessDenied, type Caller, type InvocationResult, type LambdaServer } from '../contracts.ts';
import { requestContext } from '../iam/context.ts';
import { compilePolicy } from '../iam/policy.ts';
import { apiArn } from './arns.ts';
import { Refusal } from './gateway-response.ts';
import { authorizerEvent, type RoutedRequest } from './proxy-event.ts';

const element = z.union([z.string(), z.array(z.string())]);
const statement = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: element,
  Resource: element,
  Condition: z.record(z.string(), z.record(z.string(), element)).optional(),
});

/** What an authorizer function must answer. @see "Output from an API Gateway Lambda authorizer", Developer Guide */
const answer = z.object({
  principalId: z.string(),
  policyDocument: z.object({ Version: z.string().optional(), Statement: z.array(statement) }),
  // Neither lists nor objects.
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  usageIdentifierKey: z.string().nullish(),
});
type Answer = z.output<typeof answer>;

export interface LambdaAuthorizing {
  readonly lambda: LambdaServer;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Has a function decide, from the whole request but its body.
 * @returns `requestContext.authorizer`
 * @throws Refusal
 */
export async function authorizeByLambda(
  { lambda, region, now }: LambdaAuthorizing,
  authorizerId: string,
  request: RoutedRequest,
  methodArn: string,
): Promise<Record<string, string | number>> {
  const { api, exchange } = request;
  const authorizer = api.authorizers.get(authorizerId);
  if (!authorizer) throw misconfigured(new Error(`There is no authorizer ${authorizerId}.`));
  const isComplete = authorizer.identitySources.every(({ place, name }) =>
    place === 'header' ? exchange.headers[name.toLowerCase()] : exchange.query.get(name),
  );
  if (!isComplete) throw new Refusal('UNAUTHORIZED');

  const { functionName } = authorizer;
  const sourceArn = `${apiArn(region, api.id)}/authorizers/${authorizerId}`;
  const caller: Caller = { kind: 'service', principal: 'apigateway.amazonaws.com', sourceArn };
  const startedAt = now();
  const result = await invoke(lambda, caller, functionName, JSON.stringify(authorizerEvent(request, methodArn)));
  if (!result.ok) throw failed(functionName, result);
  const decision = parseAnswer(functionName, result.payload);
  refuseUnlessAllowed(decision, methodArn, now());
  const context = Object.entries(decision.context).map(([name, value]): [string, string] => [name, String(value)]);
  return {
    ...Object.fromEntries(context),
    principalId: decision.principalId,
    integrationLatency: now() - startedAt,
  };
}

async function invoke(lambda: LambdaServer, caller: Caller, functionName: string, payload: string) {
  try {
    return await lambda.invoke(caller, functionName, payload);
  } catch (cause) {
    // No permission for API Gateway on the function.
    if (cause instanceof AccessDenied) throw misconfigured(cause);
    throw new Refusal('AUTHORIZER_FAILURE', { cause });
  }
}

/** The one error that a function may throw to say that it does not know who asks. */
const UNAUTHORIZED = 'Unauthorized';

function failed(name: string, { type, message }: Extract<InvocationResult, { ok: false }>): Refusal {
  if (message === UNAUTHORIZED) return new Refusal('UNAUTHORIZED');
  return new Refusal('AUTHORIZER_FAILURE', { cause: new Error(`${name} failed: ${type}: ${message}`) });
}

function parseAnswer(functionName: string, payload: Buffer): Answer {
  const parsed = z.preprocess(text => parseJson(String(text)), answer).safeParse(payload.toString());
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the answer'}: ${message}`);
  throw misconfigured(new Error(`${functionName} is an authorizer, but answered wrongly: ${faults.join('; ')}`));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // which no schema takes
    throw error;
  }
}

function refuseUnlessAllowed({ policyDocument }: Answer, methodArn: string, now: number): void {
  const caller: Caller = { kind: 'anonymous' };
  const context = requestContext(caller, methodArn, {}, now);
  const request = { caller, action: 'execute-api:Invoke', resourceArn: methodArn, context };
  const effects = compiled(policyDocument)
    .filter(({ applies }) => applies(request))
    .map(({ effect }) => effect);
  if (effects.includes('Deny')) {
    const message = 'User is not authorized to access this resource with an explicit deny';
    throw new Refusal('ACCESS_DENIED', { message });
  }
  if (!effects.includes('Allow')) throw new Refusal('ACCESS_DENIED');
}

function compiled(document: Answer['policyDocument']) {
  try {
    return compilePolicy(document as Parameters<typeof compilePolicy>[0], 'identity'); // zod's optional fields may be undefined
  } catch (cause) {
    throw misconfigured(cause);
  }
}

const misconfigured = (cause: unknown) => new Refusal('AUTHORIZER_CONFIGURATION_ERROR', { cause });
