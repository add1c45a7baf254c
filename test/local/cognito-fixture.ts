// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of Fn::Sub look like this
/** A user pool with a client and a domain, as CDK writes them, on the real gateway. */
import type { DatabaseSync } from 'node:sqlite';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import type { Value } from '../../local/assembly.ts';
import type { MadeUpUser } from '../../local/cognito/model.ts';
import { createCognito } from '../../local/cognito/server.ts';
import type { PolicyStatement } from '../../local/contracts.ts';
import { deploy } from '../../local/deployer/deploy.ts';
import { cognitoProviders } from '../../local/deployer/providers/cognito.ts';
import { startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { type AssemblyParts, assemblyOf, fakeLambda, memoryDatabase, notingLog } from './deployer-fixture.ts';

const REGION = 'eu-west-1';
export const CALLBACK = 'http://localhost:8976/callback';
export const LOGGED_OUT = 'http://localhost:8976/bye';

const pool = { Ref: 'Users' };
type Properties = Record<string, Value>;

export interface PoolOptions {
  readonly pool?: Properties;
  readonly client?: Properties;
  readonly resources?: AssemblyParts['resources'];
  /** The template has nothing any more. */
  readonly isGone?: boolean;
  readonly users?: readonly MadeUpUser[];
  readonly database?: DatabaseSync;
  /** 0 takes any free port. */
  readonly port?: number;
  readonly now?: () => number;
  readonly trigger?: Parameters<typeof fakeLambda>[0]['invoke'];
}

const templateOf = (options: PoolOptions) =>
  assemblyOf({
    resources: {
      Users: {
        type: 'AWS::Cognito::UserPool',
        properties: {
          Policies: { PasswordPolicy: { MinimumLength: 10 } },
          Schema: [
            { Name: 'email', Mutable: true, Required: true },
            { Name: 'tenant', AttributeDataType: 'String', Mutable: true },
            { Name: 'badge', AttributeDataType: 'String', Mutable: false },
          ],
          MfaConfiguration: 'OPTIONAL',
          ...options.pool,
        },
      },
      Domain: { type: 'AWS::Cognito::UserPoolDomain', properties: { UserPoolId: pool, Domain: 'example' } },
      Staff: {
        type: 'AWS::Cognito::UserPoolGroup',
        properties: { UserPoolId: pool, GroupName: 'staff', Precedence: 2 },
      },
      App: {
        type: 'AWS::Cognito::UserPoolClient',
        properties: {
          ...{ UserPoolId: pool, GenerateSecret: false, AllowedOAuthFlowsUserPoolClient: true },
          ...{ AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid', 'email', 'profile'] },
          ...{ CallbackURLs: [CALLBACK], LogoutURLs: [LOGGED_OUT], SupportedIdentityProviders: ['COGNITO'] },
          ...{ AccessTokenValidity: 60, TokenValidityUnits: { AccessToken: 'minutes', RefreshToken: 'days' } },
          ...{ RefreshTokenValidity: 30, RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 } },
          ...options.client,
        },
      },
      ...options.resources,
    },
    outputs: {
      PoolId: pool,
      PoolArn: { 'Fn::GetAtt': ['Users', 'Arn'] },
      Issuer: { 'Fn::GetAtt': ['Users', 'ProviderURL'] },
      IssuerBySub: { 'Fn::Sub': 'https://cognito-idp.${AWS::Region}.amazonaws.com/${Users}' },
      Domain: {
        'Fn::Join': ['', ['https://', { Ref: 'Domain' }, '.auth.', { Ref: 'AWS::Region' }, '.amazoncognito.com']],
      },
      Policy: {
        'Fn::Sub': "connect-src 'self' https://${Domain}.auth.${AWS::Region}.amazoncognito.com; object-src 'none'",
      },
      ClientId: { Ref: 'App' },
    },
  });

export async function startPool(options: PoolOptions = {}) {
  const { users = [], database = memoryDatabase(), port = 0, now = Date.now } = options;
  const log = notingLog();
  const iam = createIam();
  const lambda = fakeLambda(options.trigger ? { invoke: options.trigger } : {});
  const url = (): string => gateway.url;
  const cognito = createCognito({ iam, lambda, database, region: REGION, url, log, now });
  const gateway = await startGateway({
    ...{ port, log, identify: createIdentify({ iam }) },
    routes: { 'cognito-idp': cognito.handler, _cognito: cognito.handler },
  });
  const assembly = options.isGone ? assemblyOf({ resources: {} }) : templateOf(options);
  const providers = cognitoProviders({ cognito, region: REGION, log });
  const deployment = await deploy({ assembly, database, url: url(), log, region: REGION, providers }).catch(
    async error => {
      await gateway.close();
      throw error;
    },
  );
  await cognito.putMadeUpUsers(users);
  const output = (name: string) => deployment.outputs[name] ?? '';
  const clientOf = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
    new CognitoIdentityProviderClient({ endpoint: url(), region: REGION, maxAttempts: 1, credentials });
  const roleArn = 'arn:aws:iam::000000000000:role/keeper';
  return {
    ...{ cognito, database, log, url: url(), port: gateway.port, output, recorded: deployment.recorded },
    operator: clientOf({ accessKeyId: 'me', secretAccessKey: 'me' }),
    /** A client with the keys of a function whose role has these statements. */
    functionClient(...statements: PolicyStatement[]) {
      const trust = {
        Effect: 'Allow',
        Principal: { Service: 'lambda.amazonaws.com' },
        Action: 'sts:AssumeRole',
      } as const;
      const policies = [{ Statement: statements }];
      iam.putRole({ arn: roleArn, name: 'keeper', trust: { Statement: [trust] }, policies });
      return clientOf(iam.issueCredentials(roleArn, 'keeper-function'));
    },
    close: () => gateway.close(),
  };
}
export type RunningPool = Awaited<ReturnType<typeof startPool>>;
