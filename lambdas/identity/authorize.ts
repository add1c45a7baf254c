import type { KeyStore, TokenVerifier } from '../ports.ts';
import type { AuthorizerContext } from '../reader.ts';
import { isSecretOf, parseKey, type SentKey } from './api-key.ts';

export interface AuthorizePorts {
  readonly tokens: TokenVerifier;
  readonly keys: Pick<KeyStore, 'get'>;
  readonly now: () => Date;
}

/** The two headers in which a client says who it is, as they were sent. */
export interface Credentials {
  readonly authorization?: string | undefined;
  readonly apiKey?: string | undefined;
}

/**
 * Who asks: the bearer of an access token, or the program that an API key was made for. When both headers are there,
 * `authorization` counts alone.
 * @returns what the functions behind the API are told; undefined when nobody may be answered
 */
export async function authorize(
  ports: AuthorizePorts,
  { authorization, apiKey }: Credentials,
): Promise<AuthorizerContext | undefined> {
  const sent = authorization === undefined ? apiKey : bearerOf(authorization);
  if (sent === undefined) return undefined;
  const key = parseKey(sent);
  if (key) return ofKey(ports, key);
  return authorization === undefined ? undefined : ofToken(ports, sent);
}

const bearerOf = (authorization: string): string | undefined => /^Bearer +(\S+)$/i.exec(authorization)?.[1];

async function ofToken({ tokens }: AuthorizePorts, token: string): Promise<AuthorizerContext | undefined> {
  const bearer = await tokens.verify(token);
  if (!bearer) return undefined;
  const { name = '', groups, ...known } = bearer;
  return { ...known, name, groups: JSON.stringify(groups), apiKeyId: '' };
}

/** Asks the store every time, so that a key that is revoked stops at once. */
async function ofKey({ keys, now }: AuthorizePorts, sent: SentKey): Promise<AuthorizerContext | undefined> {
  const key = await keys.get(sent.keyId);
  if (!key || !isSecretOf(sent.secret, key.secretHash)) return undefined;
  if (key.revokedAt !== undefined || Date.parse(key.expiresAt) <= now().getTime()) return undefined;
  const { keyId, tenant, name, role, groups } = key;
  return { tenant, userId: keyId, name, role, groups: JSON.stringify(groups), apiKeyId: keyId };
}
