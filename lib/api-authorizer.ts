import { Duration } from 'aws-cdk-lib';
import { type CfnAuthorizer, RequestAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import type { AuthorizerEnvironment } from '../lambdas/identity/config.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import type { Identity } from './identity.ts';
import { allowOnTable, type Records } from './records.ts';

export interface ApiAuthorizerProps {
  /** The folder of its function. */
  readonly bundle: string;
  readonly logRetentionDays: number;
  readonly identity: Identity;
  readonly records: Records;
}

/** Who asks, by an access token of the user pool or by an API key: one function before every route that is not open. */
export class ApiAuthorizer extends Construct {
  readonly authorizer: RequestAuthorizer;

  constructor(scope: Construct, id: string, { bundle, logRetentionDays, identity, records }: ApiAuthorizerProps) {
    super(scope, id);
    const authorize = new GroundworkFunction<AuthorizerEnvironment>(this, 'Authorize', {
      description: 'Finds out who asks: by an access token or an API key',
      bundle,
      memoryMegabytes: 512,
      timeoutSeconds: 10,
      logRetentionDays,
      environment: {
        KEYS_TABLE: records.keys.tableName,
        TOKEN_ISSUER: identity.issuer,
        CLIENT_IDS: [identity.webClient, identity.cliClient].map(client => client.userPoolClientId).join(','),
      },
    });
    allowOnTable(authorize, records.keys, ['GetItem']);
    this.authorizer = new RequestAuthorizer(this, 'Resource', {
      handler: authorize.function,
      // Either of two headers says who asks, and API Gateway would want all of those that it is told of.
      identitySources: [],
      // A revoked key stops at once.
      resultsCacheTtl: Duration.seconds(0),
    });
    // CDK writes an empty text, which names no source.
    (this.authorizer.node.defaultChild as CfnAuthorizer).addPropertyDeletionOverride('IdentitySource');
  }
}
