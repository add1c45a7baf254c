import type { DatabaseSync } from 'node:sqlite';
import type { Exchange, Handler, Iam, LambdaServer, Log } from '../contracts.ts';
import { jsonError, REST_JSON } from '../wire.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { createAdministration } from './api.ts';
import { Attempts } from './attempts.ts';
import { Codes } from './authorization.ts';
import { type Directory, openDirectory } from './directory.ts';
import { openGrants } from './grants.ts';
import { createHostedUi } from './hosted-ui.ts';
import type { MadeUpUser } from './model.ts';
import { type Pool, Pools } from './pools.ts';
import { openSigningKeys } from './signing-keys.ts';
import { answerTokenEndpoint, replyJson } from './token-endpoint.ts';
import { createTokenMaker } from './tokens.ts';

export interface CognitoOptions {
  readonly iam: Pick<Iam, 'authorize'>;
  /** Runs the triggers. */
  readonly lambda: Pick<LambdaServer, 'invoke'>;
  /** Keeps users, groups, sign-ins and signing keys. */
  readonly database: DatabaseSync;
  readonly region: string;
  /** The local cloud's address, known once it listens. */
  readonly url: () => string;
  readonly log: Log;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export interface Cognito {
  /** Serves `/_cognito/<pool id>/…` and `/_cognito/<domain>/…`, and the JSON API to calls signed for `cognito-idp`. */
  readonly handler: Handler;
  readonly pools: Pools;
  readonly directory: Directory;
  readonly accounts: Accounts;
  /** With its users, groups, sign-ins and key. */
  deletePool(poolId: string): void;
  /** Has these users in every pool that there is, and shows them where one signs in. */
  putMadeUpUsers(users: readonly MadeUpUser[]): Promise<void>;
}

/** Amazon Cognito user pools. */
export function createCognito(options: CognitoOptions): Cognito {
  const { iam, lambda, database, region, url, log, now = Date.now } = options;
  const directory = openDirectory(database, now);
  const pools = new Pools(directory, region);
  const accounts = createAccounts(pools, directory);
  const grants = openGrants(database, now);
  const keys = openSigningKeys(database);
  const codes = new Codes(now);
  let madeUpUsers: readonly MadeUpUser[] = [];

  const issuerOf = (poolId: string) => `${url()}/_cognito/${poolId}`;
  const makeTokens = createTokenMaker({ keys, directory, lambda, region, issuerOf, now });
  const administration = createAdministration({ iam, pools, directory, accounts, signOut: grants.endAllOf });
  const attempts = new Attempts(now);
  const shown = () => madeUpUsers;
  const hostedUi = createHostedUi({ pools, directory, accounts, grants, codes, attempts, now, madeUpUsers: shown });
  const tokenEndpoint = { pools, directory, grants, codes, keys, makeTokens, issuerOf, log, now };

  /** What the issuer publishes, and where it may be found. @see OpenID Connect Discovery 1.0 */
  async function answerIssuer(exchange: Exchange, pool: Pool, name: string): Promise<boolean> {
    if (name === '.well-known/jwks.json') {
      replyJson(exchange, 200, { keys: [await keys.publicJwk(pool.id)] });
      return true;
    }
    if (name !== '.well-known/openid-configuration') return false;
    const domain = pools.domainOf(pool.id);
    replyJson(exchange, 200, metadata(issuerOf(pool.id), domain && `${url()}/_cognito/${domain}`));
    return true;
  }

  async function answerDomain(exchange: Exchange, pool: Pool, base: string, name: string): Promise<boolean> {
    const endpoint = /^oauth2\/(token|revoke|userInfo)$/.exec(name)?.[1];
    if (endpoint === undefined) return hostedUi(exchange, pool, base, name);
    await answerTokenEndpoint(tokenEndpoint, exchange, pool, endpoint);
    return true;
  }

  async function serve(exchange: Exchange): Promise<void> {
    const [, , owner = '', ...rest] = exchange.path.split('/');
    const name = rest.join('/');
    const [pool, ofDomain] = [pools.find(owner), pools.byDomain(owner)];
    if (pool && (await answerIssuer(exchange, pool, name))) return;
    if (ofDomain && (await answerDomain(exchange, ofDomain, `/_cognito/${owner}`, name))) return;
    const message = `The local Cognito has no ${exchange.path}.`;
    jsonError(exchange.response, 404, 'ResourceNotFoundException', message, { contentType: REST_JSON });
  }

  return {
    handler: exchange => (exchange.path.startsWith('/_cognito/') ? serve(exchange) : administration(exchange)),
    pools,
    directory,
    accounts,
    deletePool(poolId) {
      pools.delete(poolId);
      directory.removePool(poolId);
      grants.endAllIn(poolId);
      keys.forget(poolId);
    },
    async putMadeUpUsers(users) {
      for (const pool of pools.all()) for (const user of users) await accounts.putMadeUp(pool, user);
      madeUpUsers = users;
    },
  };
}

const metadata = (issuer: string, domain: string | undefined) => ({
  issuer,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  ...(domain !== undefined && {
    authorization_endpoint: `${domain}/oauth2/authorize`,
    token_endpoint: `${domain}/oauth2/token`,
    userinfo_endpoint: `${domain}/oauth2/userInfo`,
    revocation_endpoint: `${domain}/oauth2/revoke`,
    end_session_endpoint: `${domain}/logout`,
  }),
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid', 'email', 'phone', 'profile'],
  token_endpoint_auth_methods_supported: ['none'],
  code_challenge_methods_supported: ['S256'],
});
