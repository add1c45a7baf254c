import { SecretValue } from 'aws-cdk-lib';
import {
  type AttributeMapping,
  ProviderAttribute,
  type UserPool,
  UserPoolIdentityProviderOidc,
  UserPoolIdentityProviderSaml,
  UserPoolIdentityProviderSamlMetadata,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import type { ProviderSettings } from './identity-settings.ts';

/** The claims by which providers of each type usually call a person's address and name. */
const usualClaims = {
  oidc: { email: 'email', name: 'name' },
  saml: {
    email: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
    name: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
  },
} as const;

/** Where people sign in besides the pool itself; the id of each is its name. */
export function addProvider(scope: Construct, userPool: UserPool, provider: ProviderSettings) {
  const common = { userPool, name: provider.name, attributeMapping: mappingOf(provider) };
  switch (provider.type) {
    case 'oidc':
      return new UserPoolIdentityProviderOidc(scope, provider.name, {
        ...common,
        issuerUrl: provider.issuer,
        clientId: provider.clientId,
        // A dynamic reference: CloudFormation reads the secret when it deploys.
        clientSecret: SecretValue.secretsManager(provider.clientSecretName).unsafeUnwrap(),
        scopes: provider.scopes,
      });
    case 'saml':
      return new UserPoolIdentityProviderSaml(scope, provider.name, {
        ...common,
        metadata: UserPoolIdentityProviderSamlMetadata.url(provider.metadataUrl),
      });
  }
}

function mappingOf({ type, attributes }: ProviderSettings): AttributeMapping {
  const { email, name, tenant, groups } = { ...usualClaims[type], ...attributes };
  const claim = ProviderAttribute.other;
  return {
    email: claim(email),
    fullname: claim(name),
    custom: {
      ...(tenant !== undefined && { 'custom:tenant': claim(tenant) }),
      ...(groups !== undefined && { 'custom:groups': claim(groups) }),
    },
  };
}
