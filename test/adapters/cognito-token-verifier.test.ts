import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cognitoTokenVerifier } from '../../lambdas/adapters/cognito-token-verifier.ts';
import { accessPayload, startUserPool, type UserPool } from '../support/user-pool.ts';

describe('the tokens of a user pool', () => {
  let pool: UserPool;
  let now: number;
  const verifier = () =>
    cognitoTokenVerifier({ issuer: pool.issuer, clientIds: ['web', 'cli'], clock: () => new Date(now) });
  beforeEach(async () => {
    now = Date.now();
    pool = await startUserPool();
  });
  afterEach(() => pool.close());

  it.each([
    ['of another issuer', { iss: 'https://elsewhere.example' }],
    ['of another client', { client_id: 'other' }],
    ['that tells who signed in', { token_use: 'id' }],
    ['without an end', { exp: undefined }],
    ['of nobody', { sub: undefined }],
    ['that is not good yet', { nbf: Math.floor(Date.now() / 1_000) + 600 }],
  ])('takes no token %s', async (_, change) => {
    expect(await verifier().verify(await pool.sign(accessPayload(change)))).toBeUndefined();
  });

  it('takes the tokens of each of the clients', async () => {
    for (const client_id of ['web', 'cli']) {
      expect(await verifier().verify(await pool.sign(accessPayload({ client_id })))).toMatchObject({ userId: 'ann' });
    }
  });

  it('takes no token that is signed by nobody, or with what everyone knows', async () => {
    const payload = accessPayload({ iss: pool.issuer });
    const secret = new TextEncoder().encode(await exportSPKI(pool.publicKey()));
    const forged = await new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid: 'key-0' }).sign(secret);
    expect(await verifier().verify(new UnsecuredJWT(payload).encode())).toBeUndefined();
    expect(await verifier().verify(forged)).toBeUndefined();
  });

  it('takes no token of another pool with the same key ids', async () => {
    const other = await startUserPool();
    try {
      expect(await verifier().verify(await other.sign(accessPayload({ iss: pool.issuer })))).toBeUndefined();
    } finally {
      await other.close();
    }
  });

  it('says aloud that a good token lacks what the function before it adds', async () => {
    const token = await pool.sign(accessPayload({ 'groundwork:role': undefined }));
    await expect(verifier().verify(token)).rejects.toThrow('groundwork:role');
  });

  it('fetches the keys once, also when many ask at the same time', async () => {
    const tokens = verifier();
    const token = await pool.sign(accessPayload());
    await Promise.all([tokens.verify(token), tokens.verify(token), tokens.verify(token)]);
    await tokens.verify(token);
    expect(pool.asked()).toBe(1);
  });

  it('follows the pool to a new key, and asks for made-up ones now and then only', async () => {
    const tokens = verifier();
    const old = await pool.sign(accessPayload());
    await tokens.verify(old);
    await pool.rotate();
    const next = await pool.sign(accessPayload());
    expect(await tokens.verify(next)).toBeUndefined(); // asked a moment ago
    now += 31_000;
    expect(await tokens.verify(next)).toMatchObject({ userId: 'ann' });
    expect(await tokens.verify(old)).toMatchObject({ userId: 'ann' });
    await pool.rotate();
    const unknown = await pool.sign(accessPayload());
    for (let attempt = 0; attempt < 5; attempt += 1) await tokens.verify(unknown);
    expect(pool.asked()).toBe(2);
  });

  it('does not take a pool that cannot be asked for one that says no', async () => {
    const tokens = verifier();
    const token = await pool.sign(accessPayload());
    pool.answer(503);
    await expect(tokens.verify(token)).rejects.toThrow('503');
    pool.answer(200);
    expect(await tokens.verify(token)).toMatchObject({ userId: 'ann' });
  });
});
