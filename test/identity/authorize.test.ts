import { beforeEach, describe, expect, it } from 'vitest';
import { formatKey, hashSecret, newKey } from '../../lambdas/identity/api-key.ts';
import { type AuthorizePorts, authorize } from '../../lambdas/identity/authorize.ts';
import type { ApiKey, TokenBearer } from '../../lambdas/ports.ts';
import { inMemoryKeyStore } from '../fakes/key-store.ts';
import { inMemoryTokens } from '../fakes/token-verifier.ts';

const ann: TokenBearer = { userId: 'ann', name: 'Ann', tenant: 'acme', role: 'contributor', groups: ['staff'] };

describe('authorize', () => {
  let now: Date;
  let ports: AuthorizePorts & { readonly tokens: ReturnType<typeof inMemoryTokens> };
  let reads: string[];
  const keys = () => inMemoryKeyStore(() => now);
  let store: ReturnType<typeof keys>;
  beforeEach(() => {
    now = new Date('2026-11-21T12:00:00Z');
    store = keys();
    reads = [];
    const get = (keyId: string) => {
      reads.push(keyId);
      return store.get(keyId);
    };
    ports = { tokens: inMemoryTokens(() => now), keys: { get }, now: () => now };
  });

  /** @returns the key as its program sends it, and its id */
  async function makeKey(change: Partial<ApiKey> = {}) {
    const sent = newKey();
    await store.create({
      ...{ keyId: sent.keyId, tenant: 'acme', name: 'the intranet', role: 'reader', groups: ['staff', 'board'] },
      ...{ secretHash: hashSecret(sent.secret), createdBy: 'ada', createdAt: '2026-11-01T00:00:00.000Z' },
      ...{ expiresAt: '2026-12-01T00:00:00.000Z', ...change },
    });
    return { keyId: sent.keyId, key: formatKey(sent), sent };
  }

  it('tells who the bearer of a token is, in texts alone', async () => {
    const authorization = `Bearer ${ports.tokens.issue(ann)}`;
    expect(await authorize(ports, { authorization })).toEqual({
      ...{ userId: 'ann', name: 'Ann', tenant: 'acme', role: 'contributor', groups: '["staff"]', apiKeyId: '' },
    });
    expect(await authorize(ports, { authorization: authorization.replace('Bearer', 'bearer') })).toBeDefined();
    expect(reads).toEqual([]);
  });

  it('tells whom an API key was made for, in either header', async () => {
    const { keyId, key } = await makeKey();
    const program = { userId: keyId, apiKeyId: keyId, name: 'the intranet', tenant: 'acme', role: 'reader' };
    const expected = { ...program, groups: '["staff","board"]' };
    expect(await authorize(ports, { apiKey: key })).toEqual(expected);
    expect(await authorize(ports, { authorization: `Bearer ${key}` })).toEqual(expected);
  });

  it.each([
    ['nothing', {}],
    ['another scheme', { authorization: 'Basic YWRhOnBhc3N3b3Jk' }],
    ['no token', { authorization: 'Bearer' }],
    ['two tokens', { authorization: 'Bearer one two' }],
    ['a token that was never issued', { authorization: 'Bearer abc' }],
    ['what looks like no key', { apiKey: 'gwk_short_secret' }],
    ['a token in the place of a key', { apiKey: 'token-1' }],
  ])('answers nobody who sends %s', async (_, credentials) => {
    ports.tokens.issue(ann);
    expect(await authorize(ports, credentials)).toBeUndefined();
    expect(reads).toEqual([]);
  });

  it('answers nobody with a wrong secret, and no key that is not there', async () => {
    const { keyId } = await makeKey();
    const other = newKey();
    expect(await authorize(ports, { apiKey: formatKey({ keyId, secret: other.secret }) })).toBeUndefined();
    expect(await authorize(ports, { apiKey: formatKey(other) })).toBeUndefined();
    expect(reads).toEqual([keyId, other.keyId]);
  });

  it('takes a key until it expires', async () => {
    const { key } = await makeKey({ expiresAt: '2026-11-21T12:00:01.000Z' });
    expect(await authorize(ports, { apiKey: key })).toBeDefined();
    now = new Date('2026-11-21T12:00:01.000Z');
    expect(await authorize(ports, { apiKey: key })).toBeUndefined();
  });

  it('takes a key no longer from the moment it is revoked', async () => {
    const { keyId, key } = await makeKey();
    expect(await authorize(ports, { apiKey: key })).toBeDefined();
    await store.revoke('acme', keyId);
    expect(await authorize(ports, { apiKey: key })).toBeUndefined();
  });

  it('goes by the authorization header alone when there are both', async () => {
    const { key } = await makeKey();
    expect(await authorize(ports, { authorization: 'Bearer expired', apiKey: key })).toBeUndefined();
    const authorization = `Bearer ${ports.tokens.issue(ann)}`;
    expect(await authorize(ports, { authorization, apiKey: key })).toMatchObject({ userId: 'ann' });
  });
});
