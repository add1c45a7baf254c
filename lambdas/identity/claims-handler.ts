import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import * as z from 'zod';
import { type AddedClaims, claimsOf } from './claims.ts';

const userSchema = z.object({
  userAttributes: z.record(z.string(), z.string()),
  groupConfiguration: z.object({ groupsToOverride: z.array(z.string()).nullish() }),
});

/** What Cognito takes; the published types know texts as claims alone, Cognito takes lists too. */
interface Changes {
  readonly accessTokenGeneration: { readonly claimsToAddOrOverride: AddedClaims };
}

/** Asked by the user pool before it issues tokens (trigger event of version 2.0). */
export async function handler(
  event: PreTokenGenerationV2TriggerEvent,
): Promise<
  Omit<PreTokenGenerationV2TriggerEvent, 'response'> & { response: { claimsAndScopeOverrideDetails: Changes } }
> {
  const { userAttributes, groupConfiguration } = userSchema.parse(event.request);
  const claims = claimsOf({ attributes: userAttributes, groups: groupConfiguration.groupsToOverride ?? [] });
  const changes = { accessTokenGeneration: { claimsToAddOrOverride: claims } };
  return { ...event, response: { claimsAndScopeOverrideDetails: changes } };
}
