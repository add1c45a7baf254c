import { createLocalJWKSet, errors, type JWTHeaderParameters, jwtVerify } from 'jose';
import * as z from 'zod';
import { tenantName } from '../identity/identity-rules.ts';
import { ROLES } from '../identity/role.ts';
import type { TokenVerifier } from '../ports.ts';
import { exchange, readBody } from './aws/exchange.ts';

export interface CognitoOptions {
  /** The user pool's address, without a slash at its end. */
  readonly issuer: string;
  /** Of the clients whose tokens are taken. */
  readonly clientIds: readonly string[];
  readonly clock?: () => Date;
}

/** What Cognito says by itself, and what the function that is asked before each token adds (`identity/claims.ts`). */
const accessClaims = z.object({
  sub: z.string().min(1),
  client_id: z.string(),
  token_use: z.string(),
});
const addedClaims = z.object({
  'groundwork:tenant': tenantName,
  'groundwork:role': z.enum(ROLES),
  'groundwork:groups': z.array(z.string()),
  'groundwork:name': z.string().optional(),
});

/** Access tokens of a Cognito user pool, by the keys that the pool publishes. */
export function cognitoTokenVerifier({ issuer, clientIds, clock = () => new Date() }: CognitoOptions): TokenVerifier {
  const keys = publishedKeys(`${issuer}/.well-known/jwks.json`, clock);

  return {
    async verify(token) {
      const payload = await verifiedPayload(token);
      const claims = accessClaims.safeParse(payload).data;
      // A token that tells a page who signed in (token_use: id) opens nothing.
      if (claims?.token_use !== 'access' || !clientIds.includes(claims.client_id)) return undefined;
      const { 'groundwork:name': name, ...added } = addedClaims.parse(payload);
      return {
        userId: claims.sub,
        tenant: added['groundwork:tenant'],
        role: added['groundwork:role'],
        groups: added['groundwork:groups'],
        ...(name !== undefined && { name }),
      };
    },
  };

  async function verifiedPayload(token: string): Promise<unknown> {
    const options = { issuer, algorithms: ['RS256'], requiredClaims: ['exp'], currentDate: clock() };
    try {
      return (await jwtVerify(token, keys, options)).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined; // the token's own fault
      throw error;
    }
  }
}

const FETCH_WITHIN_MS = 3_000;
/** A token with a made-up key id must not have the keys fetched every time. */
const FETCH_AGAIN_AFTER_MS = 30_000;

type KeySet = ReturnType<typeof createLocalJWKSet>;

/** The keys at an address, fetched when they are first needed and again when a token names one that is not among them. */
function publishedKeys(address: string, clock: () => Date): (header: JWTHeaderParameters) => ReturnType<KeySet> {
  let fetched: { readonly set: Promise<KeySet>; readonly at: number } | undefined;

  const fetchAnew = (): Promise<KeySet> => {
    const set = fetchKeys(address);
    fetched = { set, at: clock().getTime() };
    set.catch(() => {
      fetched = undefined; // the next token asks again
    });
    return set;
  };

  return async header => {
    const set = await (fetched?.set ?? fetchAnew());
    try {
      return await set(header);
    } catch (error) {
      const isFresh = fetched !== undefined && clock().getTime() - fetched.at < FETCH_AGAIN_AFTER_MS;
      if (!(error instanceof errors.JWKSNoMatchingKey) || isFresh) throw error;
      return (await fetchAnew())(header);
    }
  };
}

/** By our own client: the fetch that Node has loads longer than all else here. */
async function fetchKeys(address: string): Promise<KeySet> {
  const request = { url: new URL(address), method: 'GET', headers: {}, body: new Uint8Array() };
  const response = await exchange(request, AbortSignal.timeout(FETCH_WITHIN_MS));
  const text = (await readBody(response)).toString();
  if (response.statusCode !== 200)
    throw new Error(`The keys of the user pool: ${address} answers ${response.statusCode}.`);
  return createLocalJWKSet(JSON.parse(text));
}
