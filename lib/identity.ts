import { Aws, Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  CfnUserPoolUser,
  CfnUserPoolUserToGroupAttachment,
  ClientAttributes,
  FeaturePlan,
  LambdaVersion,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  StandardThreatProtectionMode,
  StringAttribute,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  type UserPoolDomain,
  UserPoolGroup,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito';
import { Construct, type IDependable } from 'constructs';
import type { RoleGroup } from '../lambdas/identity/role.ts';
import { acknowledge } from './acknowledge.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import { addProvider } from './identity-providers.ts';
import type { IdentitySettings } from './identity-settings.ts';

export interface IdentityProps {
  readonly settings: IdentitySettings;
  readonly stage: string;
  /** `retain` keeps the pool when the stack goes, and protects it from deletion. */
  readonly onRemoval: 'retain' | 'destroy';
  /** The folder of the function that adds tenant, groups, role and name to the access tokens. */
  readonly bundle: string;
  readonly logRetentionDays: number;
}

/** The addresses on which the command line waits for the end of a sign-in: the first port that is free. */
const LOOPBACK_CALLBACKS = [8976, 8977, 8978].map(port => `http://localhost:${port}/callback`);
/** What the members of the groups that give a role do. */
const GROUP_DESCRIPTIONS: Readonly<Record<RoleGroup, string>> = {
  administrators: 'Look after documents, jobs, keys and budgets',
  contributors: 'Add, change and delete documents',
};
const RIGHTS = ['tenant', 'groups'] as const;
const SHOWN = new ClientAttributes().withStandardAttributes({ email: true, emailVerified: true, fullname: true });
/** A client that tries again because the reply was lost gets through with the same refresh token. */
const ROTATION_GRACE = Duration.seconds(30);

/** People: a user pool with its sign-in page, the groups that give roles, and a client each for the page and the command. */
export class Identity extends Construct {
  readonly pool: UserPool;
  readonly domain: UserPoolDomain;
  readonly webClient: UserPoolClient;
  readonly cliClient: UserPoolClient;
  /** `https://cognito-idp.<region>.amazonaws.com/<pool>`: who issues the tokens. */
  readonly issuer: string;
  readonly #settings: IdentitySettings;
  readonly #webUrls: string[];
  readonly #providers: readonly (IDependable & { readonly providerName: string })[];

  constructor(scope: Construct, id: string, { settings, stage, onRemoval, bundle, logRetentionDays }: IdentityProps) {
    super(scope, id);
    this.#settings = settings;
    this.#webUrls = [...settings.callbackUrls];
    this.pool = this.#createPool(`groundwork-${stage}`, onRemoval === 'retain');
    const claims = new GroundworkFunction(this, 'Claims', {
      description: 'Adds tenant, groups, role and name to access tokens',
      bundle,
      memoryMegabytes: 256,
      timeoutSeconds: 5, // what Cognito waits
      logRetentionDays,
      environment: {},
    });
    this.pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, claims.function, LambdaVersion.V2_0);
    this.issuer = `https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX}/${this.pool.userPoolId}`;
    this.domain = this.pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: settings.domainPrefix ?? `groundwork-${stage}-${Aws.ACCOUNT_ID}` },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    this.#addGroups();
    this.#providers = settings.providers.map(provider => addProvider(this, this.pool, provider));
    this.webClient = this.#addClient('Web', {
      // Cognito wants one at least, even where no page is served.
      urls: Lazy.list({ produce: () => (this.#webUrls.length > 0 ? this.#webUrls : LOOPBACK_CALLBACKS) }),
      refreshTokenValidity: Duration.days(1),
    });
    this.cliClient = this.#addClient('Cli', { urls: LOOPBACK_CALLBACKS, refreshTokenValidity: Duration.days(30) });
    this.#acknowledgeRules();
  }

  /** @param url where the page is, to which people come back after they signed in and out; ends with a slash */
  servePage(url: string): void {
    this.#webUrls.push(url);
  }

  #createPool(userPoolName: string, keeps: boolean): UserPool {
    const { plan, mfa, selfSignUp } = this.#settings;
    return new UserPool(this, 'Pool', {
      userPoolName,
      featurePlan: plan === 'plus' ? FeaturePlan.PLUS : FeaturePlan.ESSENTIALS,
      ...(plan === 'plus' && { standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION }),
      selfSignUpEnabled: selfSignUp,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(7),
      },
      mfa: { off: Mfa.OFF, optional: Mfa.OPTIONAL, required: Mfa.REQUIRED }[mfa],
      ...(mfa !== 'off' && { mfaSecondFactor: { sms: false, otp: true } }),
      customAttributes: Object.fromEntries(RIGHTS.map(name => [name, new StringAttribute({ mutable: true })])),
      userInvitation: {
        emailSubject: 'Your Groundwork account',
        emailBody: 'You can sign in to Groundwork as {username} with the temporary password {####} for seven days.',
      },
      deletionProtection: keeps,
      removalPolicy: keeps ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  #addGroups(): void {
    const [administrators] = Object.entries(GROUP_DESCRIPTIONS).map(
      ([groupName, description]) => new UserPoolGroup(this, groupName, { userPool: this.pool, groupName, description }),
    );
    const { administrator } = this.#settings;
    if (administrator === undefined || !administrators) return;
    const user = new CfnUserPoolUser(this, 'Administrator', {
      userPoolId: this.pool.userPoolId,
      username: administrator,
      desiredDeliveryMediums: ['EMAIL'],
      userAttributes: [
        { name: 'email', value: administrator },
        { name: 'email_verified', value: 'true' },
      ],
    });
    new CfnUserPoolUserToGroupAttachment(this, 'AdministratorGroup', {
      userPoolId: this.pool.userPoolId,
      username: user.ref,
      groupName: administrators.groupName,
    });
  }

  #addClient(id: string, { urls, refreshTokenValidity }: { urls: string[]; refreshTokenValidity: Duration }) {
    const client = new UserPoolClient(this, id, {
      userPool: this.pool,
      userPoolClientName: id.toLowerCase(),
      generateSecret: false,
      // People sign in on the pool's own page alone. This flow, which must be named so that none opens by itself, takes
      // credentials of AWS, and no refresh token but the page's.
      authFlows: { adminUserPassword: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        // Without aws.cognito.signin.user.admin: nobody changes their own attributes with such a token.
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
        callbackUrls: urls,
        logoutUrls: urls,
      },
      supportedIdentityProviders: [
        UserPoolClientIdentityProvider.COGNITO,
        ...this.#providers.map(({ providerName }) => UserPoolClientIdentityProvider.custom(providerName)),
      ],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.minutes(60),
      idTokenValidity: Duration.minutes(60),
      refreshTokenValidity,
      refreshTokenRotationGracePeriod: ROTATION_GRACE,
      readAttributes: SHOWN,
      writeAttributes: this.#writtenAttributes(),
    });
    client.node.addDependency(...this.#providers);
    const branding = { userPoolId: this.pool.userPoolId, clientId: client.userPoolClientId };
    new CfnManagedLoginBranding(this, `${id}Branding`, { ...branding, useCognitoProvidedValues: true });
    return client;
  }

  /**
   * Cognito fills a user's attributes from a provider's claims only if the client may write them. That lets nobody write
   * their own rights: no token of these clients has the scope for it, and the settings refuse self sign-up then.
   */
  #writtenAttributes(): ClientAttributes {
    const own = new ClientAttributes().withStandardAttributes({ email: true, fullname: true });
    const mapped = RIGHTS.filter(name => this.#settings.providers.some(({ attributes }) => attributes[name]));
    return mapped.length === 0 ? own : own.withCustomAttributes(...mapped.map(name => `custom:${name}`));
  }

  #acknowledgeRules(): void {
    const { plan, mfa } = this.#settings;
    if (plan !== 'plus')
      acknowledge(this, 'AwsSolutions-COG8', 'The Plus plan costs more a user; the setting identity.plan chooses it.');
    if (mfa !== 'required')
      acknowledge(this, 'AwsSolutions-COG2', 'The setting identity.mfa requires a second factor where one is wanted.');
  }
}
