/** Requests of a client to have a user sign in, and the codes that answer them. @see RFC 6749, 4.1; RFC 7636 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SignedIn } from './grants.ts';
import type { ClientSpec } from './model.ts';
import type { Pool, Pools } from './pools.ts';

export interface Authorization {
  readonly pool: Pool;
  readonly client: ClientSpec;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** base64url of the verifier's SHA-256 */
  readonly codeChallenge: string;
  readonly state?: string;
  readonly nonce?: string;
  readonly prompt?: string;
}

/** A request that cannot be answered at its redirect address, because that is not known to be the client's. */
export class AuthorizationRefused extends Error {
  override readonly name = 'AuthorizationRefused';
}
/** A request that is refused at the client's own address. */
export class AuthorizationError extends Error {
  override readonly name = 'AuthorizationError';
  readonly location: string;
  constructor(redirectUri: string, error: string, description: string, state: string | undefined) {
    super(description);
    this.location = withParameters(redirectUri, { error, error_description: description, state });
  }
}

/** @throws AuthorizationRefused, AuthorizationError */
export function parseAuthorization(pools: Pools, pool: Pool, query: URLSearchParams): Authorization {
  const value = (name: string) => query.get(name) || undefined;
  const client = pools.client(pool.id, value('client_id') ?? '');
  if (!client || client.scopes.length === 0) throw new AuthorizationRefused('The client does not exist.');
  const redirectUri = value('redirect_uri') ?? '';
  if (!client.callbackUrls.includes(redirectUri)) {
    throw new AuthorizationRefused('The redirect address is none of the client’s.');
  }
  const state = value('state');
  const refuse = (error: string, description: string): never => {
    throw new AuthorizationError(redirectUri, error, description, state);
  };
  const repeated = [...new Set(query.keys())].find(name => query.getAll(name).length > 1);
  if (repeated !== undefined) refuse('invalid_request', `${repeated} is given more than once`);
  if (value('response_type') !== 'code') refuse('unsupported_response_type', 'response_type must be code');
  const scopes = value('scope')?.split(/\s+/).filter(Boolean) ?? client.scopes;
  if (scopes.some(scope => !client.scopes.includes(scope))) refuse('invalid_scope', 'a scope is not the client’s');
  const codeChallenge = value('code_challenge') ?? '';
  if (value('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(codeChallenge)) {
    refuse('invalid_request', 'code_challenge with the method S256 is required');
  }
  const [nonce, prompt] = [value('nonce'), value('prompt')];
  return {
    ...{ pool, client, redirectUri, scopes, codeChallenge },
    ...(state !== undefined && { state }),
    ...(nonce !== undefined && { nonce }),
    ...(prompt !== undefined && { prompt }),
  };
}

/** Adds parameters to an address that may have some. */
export function withParameters(address: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${address}${address.includes('?') ? '&' : '?'}${new URLSearchParams(given)}`;
}

export interface IssuedCode {
  readonly authorization: Authorization;
  readonly signedIn: SignedIn;
}

const CODE_LIFETIME_MS = 5 * 60_000;

/** Authorization codes: each works once, for five minutes. They do not survive a restart. */
export class Codes {
  readonly #codes = new Map<string, IssuedCode & { readonly expiresAt: number }>();
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }
  issue(issued: IssuedCode): string {
    for (const [code, { expiresAt }] of this.#codes) if (expiresAt <= this.#now()) this.#codes.delete(code);
    const code = randomBytes(32).toString('base64url');
    this.#codes.set(code, { ...issued, expiresAt: this.#now() + CODE_LIFETIME_MS });
    return code;
  }
  /** Uses the code up, whether or not the rest of the request is right. */
  redeem(code: string): IssuedCode | undefined {
    const issued = this.#codes.get(code);
    this.#codes.delete(code);
    return issued && issued.expiresAt > this.#now() ? issued : undefined;
  }
}

/** @param verifier 43 to 128 unreserved characters */
export function verifierFits(verifier: string, codeChallenge: string): boolean {
  if (!/^[\w.~-]{43,128}$/.test(verifier)) return false;
  const hash = createHash('sha256').update(verifier).digest();
  const expected = Buffer.from(codeChallenge, 'base64url');
  return hash.length === expected.length && timingSafeEqual(hash, expected);
}
