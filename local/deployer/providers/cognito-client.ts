import { z } from 'zod';
import type { ClientSpec } from '../../cognito/model.ts';
import type { Pools } from '../../cognito/pools.ts';
import { cfn, defineProvider, type ResourceProvider } from '../resource.ts';

const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;
const unit = z.enum(['seconds', 'minutes', 'hours', 'days']);

const clientProperties = z.object({
  UserPoolId: z.string(),
  ClientName: z.string().optional(),
  AllowedOAuthFlowsUserPoolClient: cfn.boolean.default(false),
  // Other flows have no page here, and a client with a secret has no place to keep it.
  AllowedOAuthFlows: z.array(z.literal('code')).default([]),
  AllowedOAuthScopes: cfn.strings.default([]),
  CallbackURLs: cfn.strings.default([]),
  LogoutURLs: cfn.strings.default([]),
  GenerateSecret: cfn.boolean.pipe(z.literal(false, 'clients with a secret are not emulated')).default(false),
  AccessTokenValidity: cfn.number.default(0),
  IdTokenValidity: cfn.number.default(0),
  RefreshTokenValidity: cfn.number.default(0),
  TokenValidityUnits: z
    .object({ AccessToken: unit.optional(), IdToken: unit.optional(), RefreshToken: unit.optional() })
    .default({}),
  RefreshTokenRotation: z
    .object({ Feature: z.enum(['ENABLED', 'DISABLED']), RetryGracePeriodSeconds: cfn.number.default(0) })
    .optional(),
  EnableTokenRevocation: cfn.boolean.default(true),
  ReadAttributes: cfn.strings.optional(),
  SupportedIdentityProviders: cfn.strings.default([]),
});
type ClientProperties = z.infer<typeof clientProperties>;

/** Apps that users sign in to. */
export function cognitoClientProvider(pools: Pools): ResourceProvider {
  return defineProvider({
    type: 'AWS::Cognito::UserPoolClient',
    properties: clientProperties,
    handled: [
      ...['UserPoolId', 'ClientName', 'AllowedOAuthFlowsUserPoolClient', 'AllowedOAuthFlows', 'AllowedOAuthScopes'],
      ...['CallbackURLs', 'LogoutURLs', 'GenerateSecret', 'AccessTokenValidity', 'IdTokenValidity'],
      ...['RefreshTokenValidity', 'TokenValidityUnits', 'RefreshTokenRotation', 'EnableTokenRevocation'],
      ...['ReadAttributes', 'SupportedIdentityProviders'],
    ],
    // Users sign in on the hosted page only, which names no user who does not exist, and change no attribute themselves.
    recorded: [
      ...['AnalyticsConfiguration', 'AuthSessionValidity', 'DefaultRedirectURI', 'ExplicitAuthFlows'],
      ...['EnablePropagateAdditionalUserContextData', 'PreventUserExistenceErrors', 'WriteAttributes'],
    ],
    put(properties, { physicalName, stableId }) {
      const client = clientSpec(stableId(24), properties, properties.ClientName ?? physicalName({ maxLength: 128 }));
      pools.putClient(client);
      return { physicalId: client.id, attributes: { ClientId: client.id, Name: client.name } };
    },
    delete: (_, { physicalId }) => pools.deleteClient(physicalId),
  });
}

function clientSpec(id: string, properties: ClientProperties, name: string): ClientSpec {
  const { TokenValidityUnits: units, RefreshTokenRotation: rotation, ReadAttributes } = properties;
  const duration = (value: number, unit: keyof typeof SECONDS, fallback: number) =>
    value === 0 ? fallback : value * SECONDS[unit];
  const signsInByOAuth = properties.AllowedOAuthFlowsUserPoolClient && properties.AllowedOAuthFlows.length > 0;
  return {
    ...{ id, name, poolId: properties.UserPoolId },
    callbackUrls: properties.CallbackURLs,
    logoutUrls: properties.LogoutURLs,
    scopes: signsInByOAuth ? properties.AllowedOAuthScopes : [],
    accessTokenSeconds: duration(properties.AccessTokenValidity, units.AccessToken ?? 'hours', 3600),
    idTokenSeconds: duration(properties.IdTokenValidity, units.IdToken ?? 'hours', 3600),
    refreshTokenSeconds: duration(properties.RefreshTokenValidity, units.RefreshToken ?? 'days', 30 * 86_400),
    ...(rotation?.Feature === 'ENABLED' && { rotation: { graceSeconds: rotation.RetryGracePeriodSeconds } }),
    revocable: properties.EnableTokenRevocation,
    ...(ReadAttributes && { readAttributes: ReadAttributes }),
    otherProviders: properties.SupportedIdentityProviders.filter(provider => provider !== 'COGNITO'),
  };
}
