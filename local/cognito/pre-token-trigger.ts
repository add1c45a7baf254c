/** What a function may change of the tokens that are about to be made. @see "Pre token generation Lambda trigger", V2_0 */
import { z } from 'zod';
import type { LambdaServer } from '../contracts.ts';
import type { User } from './model.ts';
import type { Pool } from './pools.ts';

export type TriggerSource = 'TokenGeneration_HostedAuth' | 'TokenGeneration_RefreshTokens';

export interface TokenRequest {
  readonly pool: Pool;
  readonly user: User;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  readonly clientId: string;
  readonly source: TriggerSource;
}

const names = z.array(z.string()).nullish();
const claims = z.record(z.string(), z.json()).nullish();
const detailsSchema = z.object({
  idTokenGeneration: z.object({ claimsToAddOrOverride: claims, claimsToSuppress: names }).nullish(),
  accessTokenGeneration: z
    .object({ claimsToAddOrOverride: claims, claimsToSuppress: names, scopesToAdd: names, scopesToSuppress: names })
    .nullish(),
  groupOverrideDetails: z.object({ groupsToOverride: names }).nullish(),
});
export type TokenChanges = z.infer<typeof detailsSchema>;
const replySchema = z.object({ response: z.object({ claimsAndScopeOverrideDetails: detailsSchema.nullish() }) });

/** The function failed, or answered what Cognito cannot read; no tokens are made then. */
export class TriggerError extends Error {
  override readonly name = 'TriggerError';
}

/** Asks the pool's function, when it has one. @throws TriggerError */
export async function askTrigger(
  lambda: Pick<LambdaServer, 'invoke'>,
  request: TokenRequest,
  region: string,
): Promise<TokenChanges> {
  const { pool } = request;
  if (pool.preTokenFunction === undefined) return {};
  const result = await invoke(lambda, pool, pool.preTokenFunction, JSON.stringify(eventOf(request, region)));
  if (!result.ok) throw new TriggerError(`PreTokenGeneration failed with error ${result.message}.`);
  const reply = replySchema.safeParse(JSON.parse(result.payload.toString('utf8') || 'null'));
  if (!reply.success) {
    const [issue] = reply.error.issues;
    throw new TriggerError(`Invalid lambda function output: ${issue?.path.join('.')}: ${issue?.message}.`);
  }
  return reply.data.response.claimsAndScopeOverrideDetails ?? {};
}

/** As the service: the function's permissions decide. */
async function invoke(lambda: Pick<LambdaServer, 'invoke'>, { arn }: Pool, functionName: string, event: string) {
  const caller = { kind: 'service', principal: 'cognito-idp.amazonaws.com', sourceArn: arn } as const;
  try {
    return await lambda.invoke(caller, functionName, event);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TriggerError(`PreTokenGeneration invocation failed due to error ${reason}`, { cause });
  }
}

const eventOf = ({ pool, user, groups, scopes, clientId, source }: TokenRequest, region: string) => ({
  version: '2',
  triggerSource: source,
  region,
  userPoolId: pool.id,
  userName: user.username,
  callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
  request: {
    userAttributes: { sub: user.sub, 'cognito:user_status': user.status, ...user.attributes },
    groupConfiguration: { groupsToOverride: groups, iamRolesToOverride: [], preferredRole: null },
    scopes,
  },
  response: { claimsAndScopeOverrideDetails: null },
});
