/** Where clients exchange codes and refresh tokens, end sign-ins, and read who has signed in. @see RFC 6749, RFC 7009 */
import type { Exchange, Log } from '../contracts.ts';
import { type Codes, verifierFits } from './authorization.ts';
import type { Directory } from './directory.ts';
import type { FoundRefreshToken, Grants, SignedIn } from './grants.ts';
import type { ClientSpec, User } from './model.ts';
import type { Pool, Pools } from './pools.ts';
import { TriggerError } from './pre-token-trigger.ts';
import type { SigningKeys } from './signing-keys.ts';
import { readableAttributes, type SignIn, type Tokens } from './tokens.ts';

export interface TokenEndpointOptions {
  readonly pools: Pools;
  readonly directory: Directory;
  readonly grants: Grants;
  readonly codes: Codes;
  readonly keys: SigningKeys;
  readonly makeTokens: (signIn: SignIn) => Promise<Tokens>;
  readonly issuerOf: (poolId: string) => string;
  readonly log: Log;
  readonly now: () => number;
}

/** A refusal in OAuth's form. */
class OAuthError extends Error {
  readonly status: number;
  readonly error: string;
  constructor(error: string, description = '', status = 400) {
    super(description);
    this.status = status;
    this.error = error;
  }
}

type Form = URLSearchParams;
type Answer = object;

/** Every page of the web may ask: what it gets, it has to have a token or a code for. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type',
} as const;

export const replyJson = ({ response }: Exchange, status: number, body?: Answer, more: Record<string, string> = {}) => {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...{ 'content-type': 'application/json;charset=UTF-8', 'content-length': Buffer.byteLength(text) },
    ...{ 'cache-control': 'no-store', ...CORS, ...more },
  });
  response.end(text);
};

/** @param name `token`, `revoke` or `userInfo` */
export async function answerTokenEndpoint(options: TokenEndpointOptions, exchange: Exchange, pool: Pool, name: string) {
  if (exchange.method === 'OPTIONS') return replyJson(exchange, 204);
  try {
    if (name === 'userInfo') return replyJson(exchange, 200, await userInfo(options, exchange, pool));
    const form = await formOf(exchange);
    const client = options.pools.client(pool.id, form.get('client_id') ?? '');
    if (!client || client.scopes.length === 0) throw new OAuthError('invalid_client');
    if (name === 'token') return replyJson(exchange, 200, await exchangeTokens(options, form, pool, client));
    revoke(options, form, client);
    return replyJson(exchange, 200);
  } catch (error) {
    if (error instanceof OAuthError) return replyError(exchange, error);
    if (!(error instanceof TriggerError)) throw error;
    options.log.line('cognito', error.message, 'error');
    return replyError(exchange, new OAuthError('invalid_grant', error.message));
  }
}

function replyError(exchange: Exchange, { status, error, message }: OAuthError): void {
  const body = { error, ...(message && { error_description: message }) };
  const challenge: Record<string, string> =
    status === 401 ? { 'www-authenticate': `error="${error}", error_description="${message}"` } : {};
  replyJson(exchange, status, body, challenge);
}

async function formOf({ method, headers, body }: Exchange): Promise<Form> {
  if (method !== 'POST') throw new OAuthError('invalid_request', 'The method must be POST', 405);
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    throw new OAuthError('invalid_request', 'The body must be a form');
  }
  const form = new URLSearchParams((await body(16 * 1024)).toString('utf8'));
  const isRepeated = [...form.keys()].some(name => form.getAll(name).length > 1);
  if (isRepeated) throw new OAuthError('invalid_request', 'A parameter is given more than once');
  return form;
}

function exchangeTokens(options: TokenEndpointOptions, form: Form, pool: Pool, client: ClientSpec): Promise<Answer> {
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return exchangeCode(options, form, pool, client);
    case 'refresh_token':
      return refresh(options, form, pool, client);
    case null:
      throw new OAuthError('invalid_request');
    default:
      throw new OAuthError('unsupported_grant_type');
  }
}

async function exchangeCode(options: TokenEndpointOptions, form: Form, pool: Pool, client: ClientSpec) {
  const { codes, grants, makeTokens, now } = options;
  const [code, verifier] = [form.get('code'), form.get('code_verifier')];
  if (!code || !verifier) throw new OAuthError('invalid_request');
  const issued = codes.redeem(code);
  if (!issued) throw new OAuthError('invalid_grant');
  const { authorization, signedIn } = issued;
  const isForThis = authorization.client.id === client.id && authorization.redirectUri === form.get('redirect_uri');
  if (!isForThis || !verifierFits(verifier, authorization.codeChallenge)) throw new OAuthError('invalid_grant');
  const user = userOf(options, signedIn);
  const grant = grants.open(signedIn, client.id, authorization.scopes, now() + client.refreshTokenSeconds * 1000);
  const nonce = authorization.nonce !== undefined && { nonce: authorization.nonce };
  const tokens = await makeTokens({ pool, client, user, grant, source: 'TokenGeneration_HostedAuth', ...nonce });
  return { ...tokens, refresh_token: grants.newRefreshToken(grant) };
}

async function refresh(options: TokenEndpointOptions, form: Form, pool: Pool, client: ClientSpec): Promise<Answer> {
  const { grants, makeTokens, now } = options;
  const token = form.get('refresh_token');
  if (!token) throw new OAuthError('invalid_request');
  const found = grants.findRefreshToken(token);
  if (found?.grant.clientId !== client.id || isUsedUp(found, client, now())) throw new OAuthError('invalid_grant');
  const { grant } = found;
  const user = userOf(options, grant);
  const tokens = await makeTokens({ pool, client, user, grant, source: 'TokenGeneration_RefreshTokens' });
  if (!client.rotation) return tokens;
  grants.markRotated(token);
  return { ...tokens, refresh_token: grants.newRefreshToken(grant) };
}

/** A token that was exchanged already may be tried again for a while, by a client that did not get the answer. */
function isUsedUp({ rotatedAt }: FoundRefreshToken, { rotation }: ClientSpec, now: number): boolean {
  return rotatedAt !== undefined && now >= rotatedAt + (rotation?.graceSeconds ?? 0) * 1000;
}

/** @throws OAuthError for a user who is gone or disabled */
function userOf({ directory }: TokenEndpointOptions, { poolId, username, sub }: SignedIn): User {
  const user = directory.user(poolId, username);
  if (user?.sub !== sub || !user.enabled) throw new OAuthError('invalid_grant');
  return user;
}

/** A token that does not exist, or is another client's, is revoked already. */
function revoke({ grants }: TokenEndpointOptions, form: Form, client: ClientSpec): void {
  if (!client.revocable) throw new OAuthError('invalid_request', 'Token revocation is not enabled for the client');
  const token = form.get('token');
  if (!token) throw new OAuthError('invalid_request');
  // Access tokens are JWTs, of three parts.
  if (token.split('.').length === 3) throw new OAuthError('unsupported_token_type');
  const grant = grants.findRefreshToken(token)?.grant;
  if (grant?.clientId === client.id) grants.end(grant.id);
}

async function userInfo(options: TokenEndpointOptions, { headers }: Exchange, pool: Pool): Promise<Answer> {
  const { keys, grants, pools, directory, issuerOf, now } = options;
  const refused = new OAuthError(
    'invalid_token',
    'Access token is expired, disabled, or deleted, or the user has globally signed out.',
    401,
  );
  const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  const claims = await keys.verify(pool.id, token, issuerOf(pool.id), now());
  if (claims?.token_use !== 'access') throw refused;
  const grant = grants.find(String(claims.origin_jti));
  const client = grant && pools.client(pool.id, grant.clientId);
  const user = grant && directory.user(pool.id, grant.username);
  if (!client || !user?.enabled || user.sub !== grant.sub) throw refused;
  if (!grant.scopes.includes('openid')) throw new OAuthError('insufficient_scope', 'openid is missing', 403);
  const readable = Object.entries(readableAttributes(user, client)).map(([name, value]) => [name, String(value)]);
  return { sub: user.sub, ...Object.fromEntries(readable), username: user.username };
}
