import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beginLogin, finishLogin, isLoginReply, LoginFailed, logoutUrl } from '../../web/identity/login.ts';
import { answerFetch, config, memoryStorage } from './support.ts';

const redirectUri = 'https://page.example/';
const idToken = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

describe('the login', () => {
  let storage: Storage;
  beforeEach(() => {
    storage = memoryStorage();
  });
  afterEach(() => vi.unstubAllGlobals());

  const begin = async () =>
    new URL(await beginLogin(config, storage, { redirectUri, returnTo: '#/c/01J' })).searchParams;
  const finish = (query: Record<string, string>) =>
    finishLogin(config, storage, new URLSearchParams(query), redirectUri);

  it('asks for a code with a challenge that only this tab can meet', async () => {
    const query = await begin();
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: 'code',
      client_id: 'web-client',
      redirect_uri: redirectUri,
      code_challenge_method: 'S256',
    });
    const asked = answerFetch(() => Response.json({ error: 'stop here' }, { status: 400 }));
    await finish({ state: query.get('state') ?? '', code: 'c1' }).catch(() => undefined);
    const sent = new URLSearchParams(asked[0]?.body);
    const challenge = createHash('sha256')
      .update(sent.get('code_verifier') ?? '')
      .digest('base64url');
    expect(challenge).toBe(query.get('code_challenge'));
  });

  it('redeems the code and goes back to where the reader was', async () => {
    const query = await begin();
    answerFetch(() =>
      Response.json({
        access_token: 'a1',
        refresh_token: 'r1',
        expires_in: 3600,
        id_token: idToken({ nonce: query.get('nonce') }),
      }),
    );
    const { tokens, returnTo } = await finish({ state: query.get('state') ?? '', code: 'c1' });
    expect(tokens).toMatchObject({ accessToken: 'a1', refreshToken: 'r1' });
    expect(returnTo).toBe('#/c/01J');
  });

  it('refuses a state of another login without asking for tokens', async () => {
    await begin();
    const asked = answerFetch(() => Response.json({}));
    await expect(finish({ state: 'forged', code: 'c1' })).rejects.toThrow(LoginFailed);
    expect(asked).toEqual([]);
  });

  it('refuses an ID token with another nonce', async () => {
    const query = await begin();
    answerFetch(() => Response.json({ access_token: 'a1', expires_in: 3600, id_token: idToken({ nonce: 'another' }) }));
    await expect(finish({ state: query.get('state') ?? '', code: 'c1' })).rejects.toThrow('nonce');
  });

  it('can be finished once', async () => {
    const query = await begin();
    answerFetch(() =>
      Response.json({ access_token: 'a', expires_in: 1, id_token: idToken({ nonce: query.get('nonce') }) }),
    );
    const reply = { state: query.get('state') ?? '', code: 'c1' };
    await finish(reply);
    await expect(finish(reply)).rejects.toThrow('no login was begun');
  });

  it('tells why the login page sent no code', async () => {
    const query = await begin();
    const reply = { state: query.get('state') ?? '', error: 'access_denied', error_description: 'not assigned' };
    await expect(finish(reply)).rejects.toThrow('not assigned');
  });

  it('knows what the login page sends back', () => {
    expect(isLoginReply(new URLSearchParams('code=1&state=2'))).toBe(true);
    expect(isLoginReply(new URLSearchParams('error=1&state=2'))).toBe(true);
    expect(isLoginReply(new URLSearchParams('code=1'))).toBe(false);
  });

  it('leaves by the page that forgets the reader', () => {
    expect(logoutUrl(config, redirectUri)).toBe(
      'https://login.example/logout?client_id=web-client&logout_uri=https%3A%2F%2Fpage.example%2F',
    );
  });
});
