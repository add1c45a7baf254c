import { AdminCreateUserCommand, AdminDisableUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DomUtils, type parseDocument } from 'htmlparser2';
import { afterEach, describe, expect, it } from 'vitest';
import { askTokens, authorizeUrl, Browser, newVerifier, signIn } from './cognito-browser.ts';
import { CALLBACK, LOGGED_OUT, type PoolOptions, type RunningPool, startPool } from './cognito-fixture.ts';

const ada = { username: 'ada', password: 'made up <3', name: 'Ada & Co', email: 'ada@example.com' };
const ADA = { username: 'ada', password: ada.password };

let running: RunningPool;
afterEach(() => running?.close());
async function start(options: PoolOptions = {}) {
  running = await startPool({ users: [ada], ...options });
  return running;
}
const parametersOf = (location: string) => Object.fromEntries(new URL(location).searchParams);

describe('the sign-in page', () => {
  const openPage = async (more: Record<string, string> = {}, options: PoolOptions = {}) => {
    const pool = await start(options);
    const browser = new Browser();
    const { status, location } = await browser.open(authorizeUrl(pool, newVerifier()));
    expect([status, new URL(location).pathname]).toEqual([302, '/_cognito/example/login']);
    const url = new URL(location);
    for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
    return { pool, browser, page: await browser.open(url) };
  };
  const inputsOf = (document: ReturnType<typeof parseDocument>) =>
    DomUtils.getElementsByTagName('input', document).filter(({ attribs }) => attribs.type !== 'hidden');

  it('can be read and filled in by everyone', async () => {
    const { page } = await openPage();
    const all = (name: string) => DomUtils.getElementsByTagName(name, page.document);
    expect(all('html')[0]?.attribs.lang).toBe('en');
    expect(all('title').map(DomUtils.textContent)).toEqual(['Sign in']);
    expect(all('h1').map(DomUtils.textContent)).toEqual(['Sign in']);
    expect(all('main')).toHaveLength(1);
    const labelled = all('label').map(({ attribs }) => attribs.for);
    const inputs = inputsOf(page.document);
    expect(inputs.map(({ attribs }) => attribs.id)).toEqual(labelled);
    expect(inputs.map(({ attribs }) => attribs.autocomplete)).toEqual(['username', 'current-password']);
  });

  it('runs no script, loads nothing, and is no other page’s frame', async () => {
    const { page } = await openPage();
    expect(DomUtils.getElementsByTagName('script', page.document)).toEqual([]);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://localhost:8976;");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it('lists the made-up users, and fills one in at a click', async () => {
    const { page, pool, browser } = await openPage();
    expect(DomUtils.textContent(page.document)).toContain('Ada & Comade up <3');
    const [link] = DomUtils.getElementsByTagName('a', page.document);
    const filled = await browser.open(new URL(link?.attribs.href ?? '', pool.url));
    expect(inputsOf(filled.document).map(({ attribs }) => attribs.value)).toEqual(['ada', ada.password]);
    const signedIn = await browser.submit(filled, pool.url, {});
    expect(signedIn.location).toContain(CALLBACK);
  });

  it('shows what it does not emulate as not to be used', async () => {
    const { page } = await openPage({}, { client: { SupportedIdentityProviders: ['COGNITO', 'Okta'] } });
    const [, other] = DomUtils.getElementsByTagName('button', page.document);
    expect(other?.attribs).toHaveProperty('disabled');
    expect(other && DomUtils.textContent(other)).toContain('Okta');
  });

  it('says the same of a wrong password as of a user who does not exist', async () => {
    const { page, pool, browser } = await openPage();
    const pages = [
      await browser.submit(page, pool.url, { ...ADA, password: 'wrong' }),
      await browser.submit(page, pool.url, { username: 'nobody', password: 'wrong' }),
    ];
    const alerts = pages.map(({ document }) =>
      DomUtils.getElements({ role: 'alert' }, document, true).map(DomUtils.textContent),
    );
    expect(alerts).toEqual(Array(2).fill(['Incorrect username or password.']));
    expect(pages[0]?.text).not.toContain('value="wrong"');
  });

  it('takes a form of no other site', async () => {
    const { page, pool } = await openPage();
    const elsewhere = await new Browser().submit(page, pool.url, ADA);
    expect([elsewhere.status, elsewhere.text]).toEqual([200, expect.stringContaining('role="alert"')]);
    const { browser } = { browser: new Browser() };
    const fresh = await browser.open((await browser.open(authorizeUrl(pool, newVerifier()))).location);
    const forged = await browser.submit(fresh, pool.url, { ...ADA, _csrf: 'x'.repeat(43) });
    expect(forged.text).toContain('role="alert"');
  });

  it('shows what it is given as text', async () => {
    const { page, pool, browser } = await openPage({ state: '"><script>alert(1)</script>' });
    const failed = await browser.submit(page, pool.url, { username: '"><script>alert(2)</script>', password: 'x' });
    for (const { document } of [page, failed]) expect(DomUtils.getElementsByTagName('script', document)).toEqual([]);
  });

  it('makes whoever tries passwords wait', async () => {
    let now = Date.now();
    const { page, pool, browser } = await openPage({}, { now: () => now });
    const tryOne = async (password: string) => browser.submit(page, pool.url, { username: 'ada', password });
    for (const password of ['1', '2', '3', '4', '5']) expect((await tryOne(password)).text).toContain('Incorrect');
    expect((await tryOne(ada.password)).text).toContain('Too many wrong passwords');
    now += 1001;
    expect((await tryOne(ada.password)).status).toBe(302);
  });

  it('counts a user’s wrong passwords together, by whichever name', async () => {
    const { page, pool, browser } = await openPage({}, { pool: { AliasAttributes: ['email'] }, now: () => 1e12 });
    const tryOne = (username: string, password: string) => browser.submit(page, pool.url, { username, password });
    expect((await tryOne('Ada@Example.com', ada.password)).status).toBe(302);
    for (const username of ['ada', 'ADA', 'ada@example.com', 'ada', 'Ada@Example.com']) await tryOne(username, 'x');
    expect((await tryOne('ada@example.com', ada.password)).text).toContain('Too many wrong passwords');
  });

  it('keeps disabled users out', async () => {
    const { page, pool, browser } = await openPage();
    const Username = 'ada';
    await pool.operator.send(new AdminDisableUserCommand({ UserPoolId: pool.output('PoolId'), Username }));
    expect((await browser.submit(page, pool.url, ADA)).text).toContain('Incorrect username or password.');
  });
});

describe('signing in', () => {
  it('leads back to the client with a code and its state, and sets a cookie for this domain alone', async () => {
    const pool = await start();
    const browser = new Browser();
    const { status, location } = await signIn(pool, newVerifier(), ADA, browser);
    expect([status, location.split('?')[0]]).toEqual([302, CALLBACK]);
    expect(parametersOf(location)).toEqual({ code: expect.stringMatching(/^[\w-]{43}$/), state: 's-1' });
    const session = browser.setCookies.find(line => line.startsWith('cognito='));
    expect(session).toMatch(/; Path=\/_cognito\/example; Max-Age=3600; HttpOnly; SameSite=Lax$/);
  });

  it('is not asked for twice', async () => {
    const pool = await start();
    const browser = new Browser();
    await signIn(pool, newVerifier(), ADA, browser);
    const again = await browser.open(authorizeUrl(pool, newVerifier(), { state: 's-2' }));
    expect(parametersOf(again.location)).toMatchObject({ code: expect.any(String), state: 's-2' });
    const asked = await browser.open(authorizeUrl(pool, newVerifier(), { prompt: 'login' }));
    expect(new URL(asked.location).pathname).toBe('/_cognito/example/login');
    const other = await new Browser().open(authorizeUrl(pool, newVerifier(), { prompt: 'none' }));
    expect(parametersOf(other.location)).toMatchObject({ error: 'login_required', state: 's-1' });
  });

  it('ends at an address of the client', async () => {
    const pool = await start();
    const browser = new Browser();
    await signIn(pool, newVerifier(), ADA, browser);
    const client_id = pool.output('ClientId');
    const logout = (more: Record<string, string>) =>
      browser.open(`${pool.output('Domain')}/logout?${new URLSearchParams({ client_id, ...more })}`);
    expect((await logout({ logout_uri: 'http://evil.example/' })).status).toBe(400);
    expect((await logout({ logout_uri: LOGGED_OUT })).location).toBe(LOGGED_OUT);
    const after = await browser.open(authorizeUrl(pool, newVerifier()));
    expect(new URL(after.location).pathname).toBe('/_cognito/example/login');
  });

  it('with a temporary password asks for another one', async () => {
    const pool = await start();
    const [UserPoolId, Username, TemporaryPassword] = [pool.output('PoolId'), 'eve', 'for one time'];
    await pool.operator.send(new AdminCreateUserCommand({ UserPoolId, Username, TemporaryPassword }));
    const browser = new Browser();
    const asked = await signIn(pool, newVerifier(), { username: 'eve', password: TemporaryPassword }, browser);
    expect([asked.status, asked.text]).toEqual([200, expect.stringContaining('<title>Choose a password</title>')]);
    const different = await browser.submit(asked, pool.url, { password: 'my very own', repeated: 'my vary own' });
    expect(different.text).toContain('The two passwords are not the same.');
    const short = await browser.submit(different, pool.url, { password: 'short', repeated: 'short' });
    expect(short.text).toContain('Password not long enough');
    const done = await browser.submit(short, pool.url, { password: 'my very own', repeated: 'my very own' });
    expect(parametersOf(done.location)).toMatchObject({ code: expect.any(String) });
    const later = await signIn(pool, newVerifier(), { username: 'eve', password: 'my very own' });
    expect(later.status).toBe(302);
    expect((await signIn(pool, newVerifier(), { username: 'eve', password: TemporaryPassword })).status).toBe(200);
  });
});

describe('a client’s request', () => {
  it.each([
    ['of a client that does not exist', { client_id: 'nobody' }],
    ['with another address', { redirect_uri: `${CALLBACK}/` }],
    ['without an address', { redirect_uri: '' }],
  ])('%s is refused on a page, and leads nowhere', async (_, more) => {
    const pool = await start();
    const page = await new Browser().open(authorizeUrl(pool, newVerifier(), more));
    expect([page.status, page.headers.get('location')]).toEqual([400, null]);
    expect(page.text).toContain('role="alert"');
  });

  it.each([
    ['another kind of answer', { response_type: 'token' }, 'unsupported_response_type'],
    ['a scope that the client does not have', { scope: 'openid phone' }, 'invalid_scope'],
    ['no challenge', { code_challenge: '' }, 'invalid_request'],
    ['a challenge in plain text', { code_challenge_method: 'plain' }, 'invalid_request'],
  ])('for %s is refused at its own address', async (_, more, error) => {
    const pool = await start();
    const { status, location } = await new Browser().open(authorizeUrl(pool, newVerifier(), more));
    expect([status, location.split('?')[0]]).toEqual([302, CALLBACK]);
    expect(parametersOf(location)).toMatchObject({ error, state: 's-1' });
    expect(parametersOf(location)).not.toHaveProperty('code');
  });

  it('with a parameter twice is refused', async () => {
    const pool = await start();
    const { location } = await new Browser().open(`${authorizeUrl(pool, newVerifier())}&state=s-2`);
    expect(parametersOf(location)).toMatchObject({ error: 'invalid_request' });
  });
});

describe('a code', () => {
  const codeOf = async (pool: RunningPool, verifier: string) =>
    new URL((await signIn(pool, verifier, ADA)).location).searchParams.get('code') ?? '';
  const grant_type = 'authorization_code';

  it('works once', async () => {
    const pool = await start();
    const code_verifier = newVerifier();
    const code = await codeOf(pool, code_verifier);
    expect((await askTokens(pool, { grant_type, code, code_verifier })).status).toBe(200);
    const again = await askTokens(pool, { grant_type, code, code_verifier });
    expect([again.status, again.body]).toEqual([400, { error: 'invalid_grant' }]);
  });

  it.each([
    ['another verifier', { code_verifier: newVerifier() }, 'invalid_grant'],
    ['no verifier', { code_verifier: '' }, 'invalid_request'],
    ['another address', { redirect_uri: LOGGED_OUT }, 'invalid_grant'],
    ['another client', { client_id: 'nobody' }, 'invalid_client'],
    ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
  ])('is refused with %s', async (_, more, error) => {
    const pool = await start();
    const code_verifier = newVerifier();
    const code = await codeOf(pool, code_verifier);
    const reply = await askTokens(pool, { grant_type, code, code_verifier, ...more });
    expect([reply.status, reply.body]).toEqual([400, { error }]);
  });

  it('is refused after five minutes', async () => {
    let now = Date.now();
    const pool = await start({ now: () => now });
    const code_verifier = newVerifier();
    const code = await codeOf(pool, code_verifier);
    now += 5 * 60_000;
    expect((await askTokens(pool, { grant_type, code, code_verifier })).body).toEqual({ error: 'invalid_grant' });
  });
});
