import type { SiteConfig } from '../config.ts';
import { challengeOf, randomText } from './pkce.ts';

/** Authorization Code with PKCE (RFC 6749, 7636; OpenID Connect Core) against the stack's user pool. */

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The login did not end as it should; `reason` is for the console, not for the reader. */
export class LoginFailed extends Error {
  override readonly name = 'LoginFailed';
}

type Endpoint = Pick<SiteConfig, 'authUrl' | 'clientId'>;
type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** What is kept between leaving for the login page and coming back. */
interface PendingLogin {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The route to show then, e.g. `#/c/01J…`. */
  readonly returnTo: string;
}
const PENDING = 'groundwork.login';

/** @returns the address of the login page */
export async function beginLogin(
  { authUrl, clientId }: Endpoint,
  store: Store,
  { redirectUri, returnTo }: { redirectUri: string; returnTo: string },
): Promise<string> {
  const pending: PendingLogin = { state: randomText(), nonce: randomText(), verifier: randomText(), returnTo };
  store.setItem(PENDING, JSON.stringify(pending));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'openid',
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await challengeOf(pending.verifier),
    code_challenge_method: 'S256',
  });
  return `${authUrl}/oauth2/authorize?${query}`;
}

export const isLoginReply = (query: URLSearchParams): boolean =>
  query.has('state') && (query.has('code') || query.has('error'));

/**
 * Redeems the code that the login page sent the browser back with.
 * @throws LoginFailed when it was refused, or does not belong to the login that this tab began
 */
export async function finishLogin(
  endpoint: Endpoint,
  store: Store,
  query: URLSearchParams,
  redirectUri: string,
): Promise<{ tokens: Tokens; returnTo: string }> {
  const kept = store.getItem(PENDING);
  store.removeItem(PENDING); // whatever comes of it, it is used once
  if (!kept) throw new LoginFailed('no login was begun in this tab');
  const pending: PendingLogin = JSON.parse(kept); // written above
  if (query.get('state') !== pending.state) throw new LoginFailed('the state is another one');
  const code = query.get('code');
  if (!code) throw new LoginFailed(query.get('error_description') ?? query.get('error') ?? 'no code');
  const reply = await askForTokens(endpoint, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: pending.verifier,
  });
  if (nonceIn(reply.id_token) !== pending.nonce) throw new LoginFailed('the nonce is another one');
  return { tokens: tokensIn(reply), returnTo: pending.returnTo };
}

/** @throws LoginFailed when the login is over: the reader has to log in again */
export async function refresh(endpoint: Endpoint, refreshToken: string): Promise<Tokens> {
  const reply = await askForTokens(endpoint, { grant_type: 'refresh_token', refresh_token: refreshToken });
  return { refreshToken, ...tokensIn(reply) }; // with rotation, the reply brings the next one
}

/** Ends the refresh token, and with it the access tokens made of it. */
export async function revoke({ authUrl, clientId }: Endpoint, refreshToken: string): Promise<void> {
  await fetch(`${authUrl}/oauth2/revoke`, form({ token: refreshToken, client_id: clientId }));
}

/** Where the login page forgets who was logged in, before it comes back. */
export const logoutUrl = ({ authUrl, clientId }: Endpoint, backTo: string): string =>
  `${authUrl}/logout?${new URLSearchParams({ client_id: clientId, logout_uri: backTo })}`;

interface TokenReply {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  /** Seconds. */
  readonly expires_in: number;
}

/** @throws TypeError when nobody is reached */
async function askForTokens({ authUrl, clientId }: Endpoint, fields: Record<string, string>): Promise<TokenReply> {
  const reply = await fetch(`${authUrl}/oauth2/token`, form({ ...fields, client_id: clientId }));
  if (reply.status >= 500) throw new TypeError(`the token endpoint answers ${reply.status}`);
  const body = await reply.json();
  if (!reply.ok || typeof body.access_token !== 'string') throw new LoginFailed(body.error ?? `status ${reply.status}`);
  return body;
}

const form = (fields: Record<string, string>): RequestInit => ({ method: 'POST', body: new URLSearchParams(fields) });

const tokensIn = ({ access_token, refresh_token, expires_in }: TokenReply): Tokens => ({
  accessToken: access_token,
  ...(refresh_token && { refreshToken: refresh_token }),
  expiresAt: Date.now() + expires_in * 1000,
});

/** Its signature need not be checked: it came from the token endpoint itself (OpenID Connect Core 3.1.3.7, 6). */
function nonceIn(idToken: string | undefined): unknown {
  const payload = idToken?.split('.')[1];
  if (!payload) return undefined;
  return JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))).nonce;
}
