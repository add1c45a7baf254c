import { createHash, randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { LambdaServer } from '../contracts.ts';
import type { Directory } from './directory.ts';
import type { Grant } from './grants.ts';
import type { ClientSpec, User } from './model.ts';
import type { Pool } from './pools.ts';
import { askTrigger, type TokenChanges, type TriggerSource } from './pre-token-trigger.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface TokenMakerOptions {
  readonly keys: SigningKeys;
  readonly directory: Directory;
  readonly lambda: Pick<LambdaServer, 'invoke'>;
  readonly region: string;
  readonly issuerOf: (poolId: string) => string;
  readonly now: () => number;
}
export interface SignIn {
  readonly pool: Pool;
  readonly client: ClientSpec;
  readonly user: User;
  readonly grant: Grant;
  readonly source: TriggerSource;
  readonly nonce?: string;
}
export interface Tokens {
  readonly access_token: string;
  /** Only with the scope `openid`. */
  readonly id_token?: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly token_type: 'Bearer';
}

/** What no function can change. @see "Pre token generation Lambda trigger", claims that cannot be modified */
const FIXED_CLAIMS = new Set(
  (
    'acr amr at_hash aud auth_time azp client_id event_id exp iat identities iss jti nbf nonce origin_jti scope sub ' +
    'token_use username version'
  ).split(' '),
);
const isFixed = (claim: string) => FIXED_CLAIMS.has(claim) || /^(cognito|dev):/.test(claim);

/** Makes the tokens of a sign-in. @throws TriggerError when the pool's function does not answer as it has to */
export function createTokenMaker(options: TokenMakerOptions): (signIn: SignIn) => Promise<Tokens> {
  const { keys, directory, lambda, region, issuerOf, now } = options;
  return async signIn => {
    const { pool, client, user, grant, source } = signIn;
    const groups = directory.groupsOf(user).map(({ name }) => name);
    const request = { pool, user, groups, scopes: grant.scopes, clientId: client.id, source };
    const changes = await askTrigger(lambda, request, region);

    const seconds = Math.floor(now() / 1000);
    const shared = {
      ...groupClaim(changes.groupOverrideDetails?.groupsToOverride ?? groups),
      ...{ sub: user.sub, iss: issuerOf(pool.id), origin_jti: grant.id, event_id: randomUUID() },
      ...{ auth_time: grant.authTime, iat: seconds },
    };
    const access = { ...shared, jti: randomUUID(), exp: seconds + client.accessTokenSeconds };
    const access_token = await keys.sign(pool.id, accessClaims(access, signIn, changes));
    const common = { access_token, expires_in: client.accessTokenSeconds, token_type: 'Bearer' } as const;
    if (!grant.scopes.includes('openid')) return common;
    const id = { ...shared, jti: randomUUID(), exp: seconds + client.idTokenSeconds, at_hash: atHash(access_token) };
    return { ...common, id_token: await keys.sign(pool.id, idClaims(id, signIn, changes)) };
  };
}

const groupClaim = (groups: readonly string[]) => (groups.length > 0 ? { 'cognito:groups': groups } : {});

function accessClaims(
  base: JWTPayload,
  { client, user, grant }: SignIn,
  { accessTokenGeneration }: TokenChanges,
): JWTPayload {
  const { scopesToAdd, scopesToSuppress } = accessTokenGeneration ?? {};
  const scopes = new Set([...grant.scopes, ...(scopesToAdd ?? [])]);
  for (const scope of scopesToSuppress ?? []) scopes.delete(scope);
  const claims = {
    ...base,
    ...{ version: 2, client_id: client.id, token_use: 'access', username: user.username },
    scope: [...scopes].join(' '),
  };
  return changed(claims, accessTokenGeneration);
}

function idClaims(base: JWTPayload, { client, user, nonce }: SignIn, { idTokenGeneration }: TokenChanges): JWTPayload {
  const claims = {
    ...base,
    ...readableAttributes(user, client),
    ...{ 'cognito:username': user.username, aud: client.id, token_use: 'id' },
    ...(nonce !== undefined && { nonce }),
  };
  return changed(claims, idTokenGeneration);
}

function changed(claims: JWTPayload, changes: TokenChanges['idTokenGeneration']): JWTPayload {
  const added = Object.entries(changes?.claimsToAddOrOverride ?? {}).filter(([name]) => !isFixed(name));
  const suppressed = new Set(changes?.claimsToSuppress?.filter(name => !isFixed(name)));
  const kept = Object.entries(claims).filter(([name]) => !suppressed.has(name));
  return Object.fromEntries([...kept, ...added]);
}

/** As the client may read them; what says whether an address is verified is a boolean in tokens. */
export function readableAttributes(
  { attributes }: User,
  { readAttributes }: ClientSpec,
): Record<string, string | boolean> {
  const readable = Object.entries(attributes).filter(([name]) => readAttributes?.includes(name) ?? true);
  return Object.fromEntries(
    readable.map(([name, value]) => [name, name.endsWith('_verified') ? value === 'true' : value]),
  );
}

/** The left half of the access token's hash. @see OpenID Connect Core 1.0, 3.1.3.6 */
const atHash = (accessToken: string) =>
  createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
