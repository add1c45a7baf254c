import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem, Unreachable } from '../../web/api/problems.ts';
import { LoginExpired } from '../../web/identity/session.ts';
import { answerFetch, loggedIn, problem } from './support.ts';

describe('ApiClient', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('asks as who is logged in, and leaves out what is undefined', async () => {
    const asked = answerFetch(() => Response.json({ documents: [] }));
    await loggedIn().api.json('documents', { query: { limit: 5, cursor: undefined } });
    expect(asked[0]?.url.href).toBe('https://api.example/v1/documents?limit=5');
    expect(asked[0]?.headers.get('authorization')).toBe('Bearer first');
  });

  it('gives the problem that the API tells, with how long to wait', async () => {
    answerFetch(() => problem(429, 'budget-spent', { 'retry-after': '30' }));
    const error = await loggedIn()
      .api.json('usage')
      .catch(caught => caught);
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({
      kind: 'budget-spent',
      status: 429,
      retryAfterSeconds: 30,
      message: 'It is budget-spent.',
    });
  });

  it('makes a problem of an error that is none, such as a proxy sends', async () => {
    answerFetch(() => new Response('<h1>Bad gateway</h1>', { status: 502 }));
    const error = await loggedIn()
      .api.json('usage')
      .catch(caught => caught);
    expect(error).toMatchObject({ kind: 'unknown', status: 502, retryAfterSeconds: undefined });
  });

  it('renews a refused token and asks once more', async () => {
    const asked = answerFetch(({ url, headers }) => {
      if (url.pathname === '/oauth2/token') return Response.json({ access_token: 'second', expires_in: 3600 });
      return headers.get('authorization') === 'Bearer second'
        ? Response.json({ ok: true })
        : problem(401, 'unauthorized');
    });
    expect(await loggedIn().api.json('me')).toEqual({ ok: true });
    expect(asked).toHaveLength(3);
  });

  it('does not ask for ever when the new token is refused as well', async () => {
    const asked = answerFetch(({ url }) =>
      url.pathname === '/oauth2/token'
        ? Response.json({ access_token: 'second', expires_in: 3600 })
        : problem(401, 'unauthorized'),
    );
    await expect(loggedIn().api.json('me')).rejects.toMatchObject({ status: 401 });
    expect(asked).toHaveLength(3);
  });

  it('tells an expired login from a network that is gone', async () => {
    answerFetch(({ url }) =>
      url.pathname === '/oauth2/token' ? Response.json({ error: 'invalid_grant' }, { status: 400 }) : problem(401, 'x'),
    );
    await expect(loggedIn().api.json('me')).rejects.toThrow(LoginExpired);
    answerFetch(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(loggedIn().api.json('me')).rejects.toThrow(Unreachable);
  });
});
