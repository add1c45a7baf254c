import { afterEach, describe, expect, it, vi } from 'vitest';
import { LoginExpired, Session } from '../../web/identity/session.ts';
import { answerFetch, config, HOUR_MS, memoryStorage } from './support.ts';

describe('Session', () => {
  afterEach(() => vi.unstubAllGlobals());

  const opened = (expiresAt: number, storage = memoryStorage()) => {
    const session = new Session(config, storage);
    session.open({ accessToken: 'a1', refreshToken: 'r1', expiresAt });
    return session;
  };

  it('is kept over a reload of the tab', async () => {
    const storage = memoryStorage();
    opened(Date.now() + HOUR_MS, storage);
    expect(await new Session(config, storage).accessToken()).toBe('a1');
  });

  it('renews a token that is about to end, once for all who ask, and keeps the rotated refresh token', async () => {
    const session = opened(Date.now() + 1_000);
    const asked = answerFetch(({ body }) => {
      const [, number] = /refresh_token=r(\d)/.exec(body) ?? [];
      return Response.json({
        access_token: `a${Number(number) + 1}`,
        refresh_token: `r${Number(number) + 1}`,
        expires_in: 1,
      });
    });
    expect(await Promise.all([session.accessToken(), session.accessToken()])).toEqual(['a2', 'a2']);
    expect(asked).toHaveLength(1);
    expect(await session.accessToken()).toBe('a3');
    expect(asked[1]?.body).toContain('refresh_token=r2');
  });

  it('is over when the refresh token does not do any more, and says so', async () => {
    const storage = memoryStorage();
    const session = opened(Date.now() - 1, storage);
    const told = vi.fn();
    session.subscribe(told);
    answerFetch(() => Response.json({ error: 'invalid_grant' }, { status: 400 }));
    await expect(session.accessToken()).rejects.toThrow(LoginExpired);
    expect(session.isOpen).toBe(false);
    expect(told).toHaveBeenCalledOnce();
    expect(storage.length).toBe(0);
  });

  it('is not over because nobody was reached', async () => {
    const session = opened(Date.now() - 1);
    answerFetch(() => Promise.reject(new TypeError('fetch failed')));
    await expect(session.accessToken()).rejects.toThrow(TypeError);
    expect(session.isOpen).toBe(true);
  });

  it('is revoked where it came from when the reader logs out', async () => {
    const storage = memoryStorage();
    const session = opened(Date.now() + HOUR_MS, storage);
    const asked = answerFetch(() => new Response());
    await session.close();
    expect(asked[0]?.url.pathname).toBe('/oauth2/revoke');
    expect(asked[0]?.body).toContain('token=r1');
    expect(storage.length).toBe(0);
  });
});
