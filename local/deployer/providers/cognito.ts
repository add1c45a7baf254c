import { z } from 'zod';
import type { Cognito } from '../../cognito/server.ts';
import type { Log } from '../../contracts.ts';
import { TemplateError } from '../intrinsics.ts';
import { cfn, defineProvider, type ResourceProvider } from '../resource.ts';
import { cognitoClientProvider } from './cognito-client.ts';

const attributes = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);
const userProperties = z.object({
  UserPoolId: z.string(),
  Username: z.string().min(1),
  UserAttributes: attributes,
});

export interface CognitoProviderOptions {
  readonly cognito: Cognito;
  readonly region: string;
  readonly log: Log;
}

/** User pools with their clients, domains, groups and users. Other identity providers are shown, but not emulated. */
export function cognitoProviders({ cognito, region, log }: CognitoProviderOptions): ResourceProvider[] {
  const { pools, directory, accounts } = cognito;
  const poolOf = (poolId: string) => {
    const pool = pools.find(poolId);
    if (!pool) throw new Error(`there is no user pool ${poolId}.`);
    return pool;
  };

  const domain = defineProvider({
    type: 'AWS::Cognito::UserPoolDomain',
    properties: z.object({
      UserPoolId: z.string(),
      Domain: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/),
    }),
    handled: ['UserPoolId', 'Domain'],
    recorded: ['ManagedLoginVersion'],
    put({ UserPoolId, Domain }) {
      pools.putDomain(Domain, UserPoolId);
      return { physicalId: Domain };
    },
    delete: (_, { physicalId }) => pools.deleteDomain(physicalId),
  });

  const group = defineProvider({
    type: 'AWS::Cognito::UserPoolGroup',
    properties: z.object({
      UserPoolId: z.string(),
      GroupName: z.string().optional(),
      Description: z.string().optional(),
      Precedence: cfn.number.optional(),
    }),
    handled: ['UserPoolId', 'GroupName', 'Description', 'Precedence'],
    put({ UserPoolId: poolId, GroupName, Description, Precedence }, { physicalName }) {
      const name = GroupName ?? physicalName({ maxLength: 128 });
      directory.putGroup({
        ...{ poolId, name },
        ...(Description !== undefined && { description: Description }),
        ...(Precedence !== undefined && { precedence: Precedence }),
      });
      return { physicalId: `${poolId}|${name}`, ref: name };
    },
    delete: ({ UserPoolId }, { physicalId }) => directory.removeGroup(UserPoolId, afterBar(physicalId)),
  });

  const user = defineProvider({
    type: 'AWS::Cognito::UserPoolUser',
    properties: userProperties,
    handled: ['UserPoolId', 'Username', 'UserAttributes'],
    recorded: ['DesiredDeliveryMediums', 'ForceAliasCreation', 'MessageAction'],
    async put({ UserPoolId, Username, UserAttributes }) {
      const pool = poolOf(UserPoolId);
      const result = { physicalId: `${UserPoolId}|${Username}`, ref: Username };
      if (pools.userNamed(pool, Username)) return result;
      const own = Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
      await accounts.create(pool, { username: Username, attributes: own });
      log.line('cognito', `${Username} is invited by no e-mail here: set a password with admin-set-user-password.`);
      return result;
    },
    delete({ UserPoolId, Username }) {
      const pool = pools.find(UserPoolId);
      const found = pool && pools.userNamed(pool, Username);
      if (found) directory.removeUser(found);
    },
  });

  const membershipProperties = z.object({ UserPoolId: z.string(), Username: z.string(), GroupName: z.string() });
  const membership = defineProvider({
    type: 'AWS::Cognito::UserPoolUserToGroupAttachment',
    properties: membershipProperties,
    handled: ['UserPoolId', 'Username', 'GroupName'],
    put({ UserPoolId, Username, GroupName }) {
      const pool = poolOf(UserPoolId);
      accounts.join(pool, accounts.find(pool, Username), GroupName);
      return { physicalId: `${UserPoolId}|${Username}|${GroupName}` };
    },
    delete({ UserPoolId, Username, GroupName }) {
      const pool = pools.find(UserPoolId);
      const found = pool && pools.userNamed(pool, Username);
      if (found) directory.leave(found, GroupName);
    },
  });

  const identityProvider = defineProvider({
    type: 'AWS::Cognito::UserPoolIdentityProvider',
    properties: z.object({ UserPoolId: z.string(), ProviderName: z.string() }),
    handled: ['UserPoolId', 'ProviderName'],
    recorded: ['ProviderType', 'ProviderDetails', 'AttributeMapping', 'IdpIdentifiers'],
    put: ({ UserPoolId, ProviderName }) => ({ physicalId: `${UserPoolId}|${ProviderName}`, ref: ProviderName }),
  });

  const branding = defineProvider({
    type: 'AWS::Cognito::ManagedLoginBranding',
    properties: z.object({ UserPoolId: z.string() }),
    handled: ['UserPoolId'],
    recorded: ['ClientId', 'UseCognitoProvidedValues', 'ReturnMergedResources', 'Settings', 'Assets'],
    put({ UserPoolId }, { stableId }) {
      const id = stableId(24);
      return { physicalId: `${UserPoolId}|${id}`, attributes: { ManagedLoginBrandingId: id } };
    },
  });

  return [
    userPool(cognito, region),
    cognitoClientProvider(pools),
    domain,
    group,
    user,
    membership,
    identityProvider,
    branding,
  ];
}

const afterBar = (physicalId: string) => physicalId.slice(physicalId.indexOf('|') + 1);

const passwordPolicy = z.object({
  MinimumLength: cfn.number.default(8),
  RequireLowercase: cfn.boolean.default(false),
  RequireUppercase: cfn.boolean.default(false),
  RequireNumbers: cfn.boolean.default(false),
  RequireSymbols: cfn.boolean.default(false),
});
const poolProperties = z.object({
  UserPoolName: z.string().optional(),
  UsernameAttributes: cfn.strings.default([]),
  AliasAttributes: cfn.strings.default([]),
  UsernameConfiguration: z.object({ CaseSensitive: cfn.boolean.default(false) }).optional(),
  Policies: z.object({ PasswordPolicy: passwordPolicy.optional() }).optional(),
  Schema: z
    .array(z.object({ Name: z.string(), AttributeDataType: z.string().optional(), Mutable: cfn.boolean.default(true) }))
    .default([]),
  LambdaConfig: z
    .object({
      PreTokenGenerationConfig: z.object({ LambdaArn: z.string(), LambdaVersion: z.enum(['V2_0', 'V3_0']) }).optional(),
    })
    .optional(),
  UserPoolTier: z.string().default('ESSENTIALS'),
  DeletionProtection: z.enum(['ACTIVE', 'INACTIVE']).default('INACTIVE'),
});
type PoolProperties = z.infer<typeof poolProperties>;

/** What a pool of its default policy asks of a password. @see "PasswordPolicy", AWS CloudFormation reference */
const DEFAULT_POLICY = {
  MinimumLength: 8,
  RequireLowercase: true,
  RequireUppercase: true,
  RequireNumbers: true,
  RequireSymbols: true,
};

function userPool({ pools, deletePool }: Cognito, region: string): ResourceProvider {
  return defineProvider({
    type: 'AWS::Cognito::UserPool',
    properties: poolProperties,
    handled: [
      ...['UserPoolName', 'UsernameAttributes', 'AliasAttributes', 'UsernameConfiguration.CaseSensitive'],
      ...['MinimumLength', 'RequireLowercase', 'RequireUppercase', 'RequireNumbers', 'RequireSymbols'].map(
        rule => `Policies.PasswordPolicy.${rule}`,
      ),
      ...['Schema.Name', 'Schema.AttributeDataType', 'Schema.Mutable', 'LambdaConfig.PreTokenGenerationConfig'],
      ...['UserPoolTier', 'DeletionProtection'],
    ],
    // Nobody can sign up, nothing is sent, and a password is all that is asked for.
    recorded: [
      ...['AccountRecoverySetting', 'AdminCreateUserConfig', 'AutoVerifiedAttributes', 'DeviceConfiguration'],
      ...['EmailAuthenticationMessage', 'EmailAuthenticationSubject', 'EmailConfiguration', 'EmailVerificationMessage'],
      ...['EmailVerificationSubject', 'EnabledMfas', 'MfaConfiguration', 'Policies.PasswordPolicy.PasswordHistorySize'],
      ...['Policies.PasswordPolicy.TemporaryPasswordValidityDays', 'Policies.SignInPolicy', 'Schema.Required'],
      ...['Schema.StringAttributeConstraints', 'Schema.NumberAttributeConstraints', 'Schema.DeveloperOnlyAttribute'],
      ...['SmsAuthenticationMessage', 'SmsConfiguration', 'SmsVerificationMessage', 'UserAttributeUpdateSettings'],
      ...['UserPoolAddOns', 'UserPoolTags', 'VerificationMessageTemplate', 'WebAuthnFactorConfiguration'],
      ...['WebAuthnRelyingPartyID', 'WebAuthnUserVerification'],
    ],
    put(properties, { physicalName, stableId }) {
      const id = `${region}_${stableId(9)}`;
      const { arn } = pools.put(poolSpec(id, properties, properties.UserPoolName ?? physicalName({ maxLength: 128 })));
      const providerName = `cognito-idp.${region}.amazonaws.com/${id}`;
      const addresses = { ProviderName: providerName, ProviderURL: `https://${providerName}` };
      return { physicalId: id, attributes: { Arn: arn, UserPoolId: id, ...addresses } };
    },
    delete({ DeletionProtection }, { physicalId }) {
      if (DeletionProtection === 'ACTIVE') throw new Error('its deletion protection is active.');
      deletePool(physicalId);
    },
  });
}

function poolSpec(id: string, properties: PoolProperties, name: string) {
  const { UsernameAttributes, AliasAttributes, UsernameConfiguration, Policies, Schema, LambdaConfig } = properties;
  const policy = Policies?.PasswordPolicy ?? DEFAULT_POLICY;
  const trigger = LambdaConfig?.PreTokenGenerationConfig;
  if (trigger && properties.UserPoolTier === 'LITE') {
    throw new TemplateError(`${name}: access tokens are customized from the tier ESSENTIALS on, not in LITE.`);
  }
  const custom = Schema.filter(({ AttributeDataType }) => AttributeDataType !== undefined);
  const preTokenFunction = trigger?.LambdaArn.split(':')[6];
  return {
    ...{ id, name, usernameAttributes: UsernameAttributes, aliasAttributes: AliasAttributes },
    caseSensitive: UsernameConfiguration?.CaseSensitive ?? false,
    passwordPolicy: {
      minimumLength: policy.MinimumLength,
      requireLowercase: policy.RequireLowercase,
      requireUppercase: policy.RequireUppercase,
      requireNumbers: policy.RequireNumbers,
      requireSymbols: policy.RequireSymbols,
    },
    customAttributes: new Map(custom.map(({ Name, Mutable }) => [`custom:${Name}`, { mutable: Mutable }])),
    ...(preTokenFunction !== undefined && { preTokenFunction }),
  };
}
