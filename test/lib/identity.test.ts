import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import cdk from '../../cdk.json' with { type: 'json' };
import { LOGIN_PORTS } from '../../cli/login/sign-in.ts';
import { Identity } from '../../lib/identity.ts';
import { identitySettings } from '../../lib/identity-settings.ts';
import { checkRules } from '../../lib/rules.ts';

const bundle = mkdtempSync(join(tmpdir(), 'groundwork-bundle-'));
writeFileSync(join(bundle, 'index.mjs'), 'export const handler = async () => undefined;');
afterAll(() => rmSync(bundle, { recursive: true }));

type Input = z.input<typeof identitySettings>;
type Client = Record<string, unknown> & { readonly ClientName: string };

/** The construct alone in a stack; its page is at https://page.example/. */
function appWith(input: Input = {}, { onRemoval = 'destroy', validated = false } = {}) {
  const app = new App({ context: cdk.context, builtinCloudFormationValidation: validated });
  const stack = new Stack(app, 'Identity');
  const identity = new Identity(stack, 'Identity', {
    settings: identitySettings.parse(input),
    stage: 'dev',
    onRemoval: onRemoval === 'retain' ? 'retain' : 'destroy',
    bundle,
    logRetentionDays: 7,
  });
  identity.servePage('https://page.example/');
  return { app, stack };
}
const templateWith = (...args: Parameters<typeof appWith>) => Template.fromStack(appWith(...args).stack);

function clientsOf(template: Template): Record<string, Client> {
  const clients = Object.values(template.findResources('AWS::Cognito::UserPoolClient'));
  return Object.fromEntries(clients.map(({ Properties }) => [Properties.ClientName, Properties as Client]));
}

const oidc = {
  type: 'oidc',
  name: 'Company',
  issuer: 'https://login.example.com',
  clientId: 'abc',
  clientSecretName: 'company/oidc',
} as const;

describe('the user pool', () => {
  it('lets an administrator alone make accounts, with long passwords and a second factor for who wants one', () => {
    templateWith().hasResourceProperties('AWS::Cognito::UserPool', {
      UserPoolName: 'groundwork-dev',
      UserPoolTier: 'ESSENTIALS',
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AutoVerifiedAttributes: ['email'],
      MfaConfiguration: 'OPTIONAL',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      Policies: {
        PasswordPolicy: {
          ...{ MinimumLength: 12, RequireLowercase: true, RequireUppercase: true },
          ...{ RequireNumbers: true, RequireSymbols: true, TemporaryPasswordValidityDays: 7 },
        },
      },
      Schema: [
        { Name: 'tenant', AttributeDataType: 'String', Mutable: true },
        { Name: 'groups', AttributeDataType: 'String', Mutable: true },
      ],
    });
  });

  it('asks the claims function before it makes an access token, which may be called by this pool alone', () => {
    const template = templateWith();
    const [id = ''] = Object.keys(template.findResources('AWS::Cognito::UserPool'));
    const functionArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^IdentityClaims'), 'Arn'] };
    template.hasResourceProperties('AWS::Cognito::UserPool', {
      LambdaConfig: { PreTokenGenerationConfig: { LambdaArn: functionArn, LambdaVersion: 'V2_0' } },
    });
    template.hasResourceProperties('AWS::Lambda::Permission', {
      ...{ Principal: 'cognito-idp.amazonaws.com', Action: 'lambda:InvokeFunction', FunctionName: functionArn },
      SourceArn: { 'Fn::GetAtt': [id, 'Arn'] },
    });
  });

  it('has the groups that give roles, and a sign-in page of the new kind', () => {
    const template = templateWith();
    for (const GroupName of ['administrators', 'contributors'])
      template.hasResourceProperties('AWS::Cognito::UserPoolGroup', { GroupName });
    template.hasResourceProperties('AWS::Cognito::UserPoolDomain', {
      ManagedLoginVersion: 2,
      Domain: { 'Fn::Join': ['', ['groundwork-dev-', { Ref: 'AWS::AccountId' }]] },
    });
    template.resourcePropertiesCountIs('AWS::Cognito::ManagedLoginBranding', { UseCognitoProvidedValues: true }, 2);
  });

  it('follows the settings', () => {
    const template = templateWith({ plan: 'plus', mfa: 'required', selfSignUp: true, domainPrefix: 'our-answers' });
    template.hasResourceProperties('AWS::Cognito::UserPool', {
      UserPoolTier: 'PLUS',
      UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' },
      MfaConfiguration: 'ON',
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
    });
    template.hasResourceProperties('AWS::Cognito::UserPoolDomain', { Domain: 'our-answers' });
    templateWith({ mfa: 'off' }).hasResourceProperties('AWS::Cognito::UserPool', { MfaConfiguration: 'OFF' });
  });

  it('stays when the stack goes, where data is retained', () => {
    const kept = templateWith({}, { onRemoval: 'retain' });
    kept.hasResource('AWS::Cognito::UserPool', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { DeletionProtection: 'ACTIVE' },
    });
    templateWith().hasResource('AWS::Cognito::UserPool', {
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtection: 'INACTIVE' },
    });
  });

  it('invites the first administrator, and nobody without the setting', () => {
    const template = templateWith({ administrator: 'ada@example.com' });
    template.hasResourceProperties('AWS::Cognito::UserPoolUser', {
      Username: 'ada@example.com',
      DesiredDeliveryMediums: ['EMAIL'],
      UserAttributes: Match.arrayWith([{ Name: 'email_verified', Value: 'true' }]),
    });
    const [user = ''] = Object.keys(template.findResources('AWS::Cognito::UserPoolUser'));
    const [group = ''] = Object.keys(
      template.findResources('AWS::Cognito::UserPoolGroup', { Properties: { GroupName: 'administrators' } }),
    );
    template.hasResourceProperties('AWS::Cognito::UserPoolUserToGroupAttachment', {
      Username: { Ref: user },
      GroupName: { Ref: group },
    });
    templateWith().resourceCountIs('AWS::Cognito::UserPoolUser', 0);
  });
});

describe('the clients', () => {
  const clients = clientsOf(templateWith({ callbackUrls: ['http://localhost:5173/'] }));

  it('are public, with a code and its proof, and come back to known addresses only', () => {
    const loopback = LOGIN_PORTS.map(port => `http://localhost:${port}/callback`);
    const page = ['http://localhost:5173/', 'https://page.example/'];
    expect(clients.web).toMatchObject({ CallbackURLs: page, LogoutURLs: page, RefreshTokenValidity: 24 * 60 });
    expect(clients.cli).toMatchObject({ CallbackURLs: loopback, RefreshTokenValidity: 30 * 24 * 60 });
    for (const client of Object.values(clients)) {
      expect(client).toMatchObject({
        GenerateSecret: false,
        AllowedOAuthFlows: ['code'],
        SupportedIdentityProviders: ['COGNITO'],
        PreventUserExistenceErrors: 'ENABLED',
        EnableTokenRevocation: true,
        AccessTokenValidity: 60,
        RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 30 },
      });
    }
  });

  it('let nobody sign in but on the page of the pool, nor write an attribute that gives rights', () => {
    for (const client of Object.values(clients)) {
      expect(client.AllowedOAuthScopes).toEqual(['openid', 'email', 'profile']);
      expect(client.ExplicitAuthFlows).toEqual(['ALLOW_ADMIN_USER_PASSWORD_AUTH']);
      expect(client.WriteAttributes).toEqual(['email', 'name']);
    }
  });

  it('may be filled from a provider with what gives rights only where the settings say so', () => {
    const trusting = clientsOf(templateWith({ providers: [{ ...oidc, attributes: { groups: 'roles' } }] }));
    expect(trusting.web?.WriteAttributes).toEqual(['custom:groups', 'email', 'name']);
    expect(clientsOf(templateWith({ providers: [oidc] })).web?.WriteAttributes).toEqual(['email', 'name']);
  });
});

describe('identity providers', () => {
  const saml = { type: 'saml', name: 'Partner', metadataUrl: 'https://idp.example.org/metadata' } as const;
  const template = templateWith({ providers: [{ ...oidc, attributes: { groups: 'roles', name: 'display' } }, saml] });

  it('are asked for what the settings name, and their secret stands in Secrets Manager alone', () => {
    template.hasResourceProperties('AWS::Cognito::UserPoolIdentityProvider', {
      ProviderName: 'Company',
      ProviderType: 'OIDC',
      ProviderDetails: {
        oidc_issuer: 'https://login.example.com',
        client_id: 'abc',
        client_secret: '{{resolve:secretsmanager:company/oidc:SecretString:::}}',
        authorize_scopes: 'openid email profile',
      },
      AttributeMapping: { email: 'email', name: 'display', 'custom:groups': 'roles' },
    });
    template.hasResourceProperties('AWS::Cognito::UserPoolIdentityProvider', {
      ProviderName: 'Partner',
      ProviderType: 'SAML',
      ProviderDetails: { MetadataURL: 'https://idp.example.org/metadata' },
      AttributeMapping: { email: Match.stringLikeRegexp('claims/emailaddress$') },
    });
  });

  it('are offered by both clients, which wait for them', () => {
    for (const { SupportedIdentityProviders } of Object.values(clientsOf(template)))
      expect(SupportedIdentityProviders).toEqual(['COGNITO', { Ref: expect.any(String) }, { Ref: expect.any(String) }]);
    for (const client of Object.values(template.findResources('AWS::Cognito::UserPoolClient')))
      expect(client.DependsOn).toHaveLength(2);
  });
});

describe('the rule packs and the schemas of CloudFormation', () => {
  it.each<[string, Input, string]>([
    ['by default', {}, 'destroy'],
    [
      'with everything',
      {
        ...{ plan: 'plus', mfa: 'required', administrator: 'ada@example.com', domainPrefix: 'our-answers' },
        providers: [{ ...oidc, attributes: { tenant: 'org', groups: 'roles' } }],
      },
      'retain',
    ],
  ])('find nothing unexplained %s', (_, settings, onRemoval) => {
    const { app } = appWith(settings, { onRemoval, validated: true });
    checkRules(app);
    expect(() => app.synth()).not.toThrow();
  });
});

describe('the settings of identity', () => {
  const faultsOf = (input: unknown) =>
    identitySettings.safeParse(input).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const role = 'arn:aws:iam::111122223333:role/reporting';

  it.each<[string, unknown, RegExp]>([
    ['an unknown key', { plans: 'plus' }, /plans/],
    ['a domain with a name that Cognito keeps', { domainPrefix: 'our-cognito' }, /domainPrefix: must not contain/],
    ['an administrator without an address', { administrator: 'ada' }, /administrator: must be an e-mail address/],
    ['a provider over plain HTTP', { providers: [{ ...oidc, issuer: 'http://x.example' }] }, /issuer: must be .*https/],
    ['a provider without openid', { providers: [{ ...oidc, scopes: ['email'] }] }, /scopes: must hold openid/],
    ['a secret in place of its name', { providers: [{ ...oidc, clientSecret: 'x' }] }, /clientSecret/],
    ['two providers of one name', { providers: [oidc, oidc] }, /same name/],
    ['a page elsewhere over plain HTTP', { callbackUrls: ['http://page.example/'] }, /https, or http on localhost/],
    ['a principal that is no ARN', { services: [{ principal: 'reporting', role: 'reader' }] }, /ARN of a role/],
    [
      'a principal that is a session',
      {
        services: [{ principal: 'arn:aws:sts::111122223333:assumed-role/reporting/x', role: 'reader' }],
      },
      /ARN of a role/,
    ],
    [
      'a principal listed twice',
      {
        services: [
          { principal: role, role: 'reader' },
          { principal: role, role: 'contributor' },
        ],
      },
      /listed twice/,
    ],
    [
      'more services than fit into the environment of a function',
      { services: Array.from({ length: 30 }, (_, index) => ({ principal: `${role}-${index}`, role: 'reader' })) },
      /longer than 2000 characters/,
    ],
    [
      'accounts that anyone makes, with rights from a provider',
      { selfSignUp: true, providers: [{ ...oidc, attributes: { groups: 'roles' } }] },
      /selfSignUp: cannot be combined/,
    ],
  ])('refuse %s', (_, input, message) => {
    expect(faultsOf(input)?.join('\n')).toMatch(message);
  });

  it('take none, and fill in what is left out', () => {
    expect(identitySettings.parse({})).toEqual({
      ...{ plan: 'essentials', mfa: 'optional', selfSignUp: false, openDocuments: 'everyone' },
      ...{ providers: [], callbackUrls: [], services: [] },
    });
    expect(identitySettings.parse({ services: [{ principal: role, role: 'reader' }] }).services).toEqual([
      { principal: role, role: 'reader', groups: [] },
    ]);
  });
});
