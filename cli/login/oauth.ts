import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { reasonOf } from '../client.ts';
import { CommandError, EXIT } from '../command-error.ts';
import { jsonOf } from '../json-of.ts';

/** Where people log in, and as what program. */
export interface LoginServer {
  /** Of the user pool's hosted pages, without a slash at the end. */
  readonly domain: string;
  readonly clientId: string;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** What only who began a login knows, and shows when it ends. */
export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
  readonly state: string;
}

const tokenReply = z.object({
  access_token: z.string(),
  /** A new one each time, where they are rotated. */
  refresh_token: z.string().optional(),
  /** Seconds. */
  expires_in: z.number(),
});
const refusal = z.object({ error: z.string() });

const random = (): string => randomBytes(32).toString('base64url');

/** @see RFC 7636, "Proof Key for Code Exchange by OAuth Public Clients" */
export function makePkce(): Pkce {
  const verifier = random();
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url'), state: random() };
}

/** The page to log in at. */
export function loginAddress({ domain, clientId }: LoginServer, { challenge, state }: Pkce, redirect: string): string {
  const url = new URL(`${domain}/oauth2/authorize`);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirect,
    scope: 'openid profile email',
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}

/**
 * The code in the address that the browser ended at.
 * @throws CommandError when it is not of this login, or tells that it was refused
 */
export function codeIn(address: string, { state }: Pkce): string {
  const found = URL.canParse(address) ? new URL(address).searchParams : new URLSearchParams();
  // First of all: whatever else a foreign address says is not for this login.
  if (found.get('state') !== state) throw new CommandError('That address is not of this login: begin it again.');
  const said = found.get('error_description') ?? found.get('error');
  if (said) throw new CommandError(`The login was refused: ${said}`, EXIT.refused);
  const code = found.get('code');
  if (!code) throw new CommandError('That address has no code: begin the login again.');
  return code;
}

/** @throws CommandError */
export async function tokensOfCode(
  server: LoginServer,
  { code, verifier, redirect }: { code: string; verifier: string; redirect: string },
  signal?: AbortSignal,
): Promise<Tokens> {
  const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirect };
  const reply = await askForTokens(server, form, signal);
  if (!reply.refresh_token) throw new CommandError(`${server.domain} gave no refresh token.`);
  return tokensOf(reply, reply.refresh_token);
}

/** @throws CommandError, with EXIT.refused when the login is over */
export async function refreshTokens(server: LoginServer, refreshToken: string, signal?: AbortSignal): Promise<Tokens> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const reply = await askForTokens(server, form, signal);
  return tokensOf(reply, reply.refresh_token ?? refreshToken);
}

/** Ends the login at the server, too: its refresh token is good for nothing any more. @throws CommandError */
export async function revokeToken(server: LoginServer, refreshToken: string, signal?: AbortSignal): Promise<void> {
  const response = await post(server, 'revoke', { token: refreshToken }, signal);
  if (!response.ok) throw new CommandError(`${server.domain} answered ${response.status} to the logout.`);
}

const tokensOf = ({ access_token, expires_in }: z.infer<typeof tokenReply>, refreshToken: string): Tokens => ({
  accessToken: access_token,
  refreshToken,
  expiresAt: new Date(Date.now() + expires_in * 1000).toISOString(),
});

async function askForTokens(server: LoginServer, form: Readonly<Record<string, string>>, signal?: AbortSignal) {
  const response = await post(server, 'token', form, signal);
  const text = await response.text();
  const json = jsonOf(tokenReply).safeParse(text);
  if (response.ok && json.success) return json.data;
  const { error } = jsonOf(refusal).safeParse(text).data ?? {};
  if (error === 'invalid_grant')
    throw new CommandError('The login is over: log in again with groundwork login.', EXIT.refused);
  throw new CommandError(`${server.domain} answered ${response.status} to the login${error ? `: ${error}` : ''}.`);
}

async function post(
  { domain, clientId }: LoginServer,
  path: 'token' | 'revoke',
  form: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(`${domain}/oauth2/${path}`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, ...form }),
      ...(signal && { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new CommandError(`${domain} does not answer: ${reasonOf(error)}`);
  }
}
