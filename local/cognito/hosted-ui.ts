/** The pages on which users sign in to a client, and out of them. No script runs on them. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Exchange } from '../contracts.ts';
import type { Accounts } from './accounts.ts';
import type { Attempts } from './attempts.ts';
import {
  type Authorization,
  AuthorizationError,
  AuthorizationRefused,
  type Codes,
  parseAuthorization,
  withParameters,
} from './authorization.ts';
import type { Directory } from './directory.ts';
import type { Grants, SignedIn } from './grants.ts';
import { CognitoError, type MadeUpUser, type User } from './model.ts';
import { loginPage, newPasswordPage, type Page, pageHeaders, refusalPage, renderPage } from './pages.ts';
import { passwordFits } from './passwords.ts';
import { ownName, type Pool, type Pools } from './pools.ts';

export interface HostedUiOptions {
  readonly pools: Pools;
  readonly directory: Directory;
  readonly accounts: Accounts;
  readonly grants: Grants;
  readonly codes: Codes;
  readonly attempts: Attempts;
  readonly madeUpUsers: () => readonly MadeUpUser[];
  readonly now: () => number;
}

const SESSION_COOKIE = 'cognito';
const CSRF_COOKIE = 'XSRF-TOKEN';
const SESSION_SECONDS = 3600;
const CHALLENGE_MS = 3 * 60_000;
const WRONG = 'Incorrect username or password.';

/** One request to the hosted pages of a pool. */
interface Visit {
  readonly exchange: Exchange;
  readonly pool: Pool;
  /** `/_cognito/<domain>` */
  readonly base: string;
  readonly cookies: Readonly<Record<string, string>>;
}
/** A visit of somebody who is to sign in. */
interface LoginVisit extends Visit {
  readonly authorization: Authorization;
  /** Of this browser. */
  readonly csrf: string;
}
interface Challenge {
  readonly poolId: string;
  readonly username: string;
  readonly expiresAt: number;
}

/** @returns what answers `authorize`, `login`, `new-password` and `logout` below a pool's domain */
export function createHostedUi(options: HostedUiOptions) {
  const { pools, directory, accounts, grants, codes, attempts, madeUpUsers, now } = options;
  /** Users who have to choose a password, by what their form carries. */
  const challenges = new Map<string, Challenge>();

  const sessionOf = ({ pool, cookies }: Visit): SignedIn | undefined => {
    const session = grants.session(cookies[SESSION_COOKIE] ?? '');
    const user = session?.poolId === pool.id ? directory.user(pool.id, session.username) : undefined;
    return user?.enabled && user.sub === session?.sub ? session : undefined;
  };

  const sendBack = (visit: Visit, authorization: Authorization, signedIn: SignedIn, cookies: string[] = []) => {
    const { redirectUri, state } = authorization;
    const code = codes.issue({ authorization, signedIn });
    redirect(visit.exchange, withParameters(redirectUri, { code, state }), cookies);
  };

  function authorize(visit: Visit): void {
    const { exchange, pool, base } = visit;
    const authorization = parseAuthorization(pools, pool, exchange.query);
    const { prompt, redirectUri, state } = authorization;
    const session = prompt === 'login' ? undefined : sessionOf(visit);
    if (session) {
      sendBack(visit, authorization, session);
      return;
    }
    if (prompt === 'none') throw new AuthorizationError(redirectUri, 'login_required', 'Nobody is signed in', state);
    redirect(exchange, `${base}/login?${exchange.query}`);
  }

  async function login(visit: LoginVisit): Promise<void> {
    const { exchange } = visit;
    if (exchange.method !== 'POST') {
      const madeUp = madeUpUsers().find(({ username }) => username === exchange.query.get('fill'));
      return replyLogin(visit, madeUp ?? {});
    }
    const form = await formOf(exchange);
    if (!isOwnForm(form, visit)) return replyLogin(visit, { error: 'The page was open for too long. Try again.' });
    const username = form.get('username')?.trim() ?? '';
    const outcome = await check(visit.pool, username, form.get('password') ?? '');
    if (typeof outcome === 'string') return replyLogin(visit, { username, error: outcome });
    if (outcome.status === 'CONFIRMED') return enter(visit, outcome);
    for (const [id, { expiresAt }] of challenges) if (expiresAt <= now()) challenges.delete(id);
    const challenge = randomBytes(32).toString('base64url');
    challenges.set(challenge, { poolId: visit.pool.id, username: outcome.username, expiresAt: now() + CHALLENGE_MS });
    replyNewPassword(visit, challenge);
  }

  /** @returns the user, or what to tell; as much work for a user who does not exist */
  async function check(pool: Pool, username: string, password: string): Promise<User | string> {
    const user = pools.userNamed(pool, username);
    // A user is one, by whichever name.
    const name = `${pool.id} ${user?.username ?? ownName(pool, username)}`;
    if (attempts.isLocked(name)) return 'Too many wrong passwords. Wait a while and try again.';
    const fits = await passwordFits(password, user?.passwordHash);
    if (fits && user?.enabled) {
      attempts.succeed(name);
      return user;
    }
    attempts.fail(name);
    return WRONG;
  }

  async function newPassword(visit: LoginVisit): Promise<void> {
    const form = await formOf(visit.exchange);
    const id = form.get('challenge') ?? '';
    const challenge = challenges.get(id);
    const isOpen = challenge?.poolId === visit.pool.id && challenge.expiresAt > now();
    const user = isOpen ? directory.user(challenge.poolId, challenge.username) : undefined;
    if (!isOwnForm(form, visit) || !user) {
      challenges.delete(id);
      return replyLogin(visit, { error: 'The page was open for too long. Sign in again.' });
    }
    const password = form.get('password') ?? '';
    if (password !== form.get('repeated')) return replyNewPassword(visit, id, 'The two passwords are not the same.');
    try {
      const changed = await accounts.setPassword(visit.pool, user, password, true);
      challenges.delete(id);
      enter(visit, changed);
    } catch (error) {
      if (!(error instanceof CognitoError)) throw error;
      replyNewPassword(visit, id, error.message);
    }
  }

  function enter(visit: LoginVisit, { poolId, username, sub }: User): void {
    const signedIn = { poolId, username, sub, authTime: Math.floor(now() / 1000) };
    const value = grants.openSession(signedIn, now() + SESSION_SECONDS * 1000);
    sendBack(visit, visit.authorization, signedIn, [cookie(visit, SESSION_COOKIE, value, SESSION_SECONDS)]);
  }

  function logout(visit: Visit): void {
    const { exchange, pool, cookies, base } = visit;
    const client = pools.client(pool.id, exchange.query.get('client_id') ?? '');
    if (!client) throw new AuthorizationRefused('The client does not exist.');
    const logoutUri = exchange.query.get('logout_uri');
    if (logoutUri === null) parseAuthorization(pools, pool, exchange.query);
    else if (!client.logoutUrls.includes(logoutUri)) {
      throw new AuthorizationRefused('The address to go to is none of the client’s.');
    }
    grants.closeSession(cookies[SESSION_COOKIE] ?? '');
    const gone = [cookie(visit, SESSION_COOKIE, '', 0)];
    redirect(exchange, logoutUri ?? `${base}/login?${exchange.query}`, gone);
  }

  function replyLogin(visit: LoginVisit, filled: { username?: string; password?: string; error?: string }): void {
    const { client, redirectUri } = visit.authorization;
    const { csrf } = visit;
    const page = { action: actionOf(visit, 'login'), csrf, formTarget: redirectUri, madeUpUsers: madeUpUsers() };
    const { username, password, error } = filled;
    replyPage(visit, 200, loginPage({ ...page, username, password, error, otherProviders: client.otherProviders }));
  }

  function replyNewPassword(visit: LoginVisit, challenge: string, error?: string): void {
    const { csrf, authorization } = visit;
    const action = actionOf(visit, 'new-password');
    replyPage(visit, 200, newPasswordPage({ action, csrf, challenge, error, formTarget: authorization.redirectUri }));
  }

  const pages: Readonly<Record<string, (visit: Visit) => Promise<void> | void>> = {
    'oauth2/authorize': authorize,
    login: visit => login(asLoginVisit(pools, visit)),
    'new-password': visit => newPassword(asLoginVisit(pools, visit)),
    logout,
  };

  return async (exchange: Exchange, pool: Pool, base: string, name: string): Promise<boolean> => {
    const page = Object.hasOwn(pages, name) ? pages[name] : undefined;
    if (!page) return false;
    const visit = { exchange, pool, base, cookies: cookiesOf(exchange) };
    try {
      await page(visit);
    } catch (error) {
      if (error instanceof AuthorizationError) redirect(exchange, error.location);
      else if (error instanceof AuthorizationRefused) replyPage(visit, 400, refusalPage(error.message));
      else throw error;
    }
    return true;
  };
}

/** Each browser has a value of its own, which its forms must carry. */
function asLoginVisit(pools: Pools, visit: Visit): LoginVisit {
  const authorization = parseAuthorization(pools, visit.pool, withoutFill(visit.exchange.query));
  const known = visit.cookies[CSRF_COOKIE] ?? '';
  const csrf = /^[\w-]{43}$/.test(known) ? known : randomBytes(32).toString('base64url');
  return { ...visit, authorization, csrf };
}

function withoutFill(query: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(query);
  rest.delete('fill');
  return rest;
}

const actionOf = ({ base, exchange }: Visit, page: string) => `${base}/${page}?${withoutFill(exchange.query)}`;

async function formOf({ body }: Exchange): Promise<URLSearchParams> {
  return new URLSearchParams((await body(16 * 1024)).toString('utf8'));
}

/** Whether the form comes from a page that this browser was given: another site's form cannot know the value. */
function isOwnForm(form: URLSearchParams, { cookies }: Visit): boolean {
  const [given, expected] = [form.get('_csrf'), cookies[CSRF_COOKIE]].map(value => Buffer.from(value ?? ''));
  return !!given?.length && given.length === expected?.length && timingSafeEqual(given, expected);
}

function cookiesOf({ headers }: Exchange): Record<string, string> {
  const pairs = (headers.cookie ?? '').split(';').map(pair => pair.trim().split('='));
  return Object.fromEntries(pairs.map(([name = '', ...value]) => [name, value.join('=')]));
}

const cookie = ({ base }: Visit, name: string, value: string, seconds: number) =>
  `${name}=${value}; Path=${base}; Max-Age=${seconds}; HttpOnly; SameSite=Lax`;

function redirect({ response }: Exchange, location: string, cookies: readonly string[] = []): void {
  response.writeHead(302, {
    ...{ location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'content-length': 0 },
    ...(cookies.length > 0 && { 'set-cookie': [...cookies] }),
  });
  response.end();
}

function replyPage(visit: Visit & { readonly csrf?: string }, status: number, page: Page): void {
  const { exchange, csrf } = visit;
  const html = Buffer.from(renderPage(page));
  const cookies = csrf === undefined ? {} : { 'set-cookie': cookie(visit, CSRF_COOKIE, csrf, SESSION_SECONDS) };
  exchange.response.writeHead(status, { ...pageHeaders(page), ...cookies, 'content-length': html.length });
  exchange.response.end(html);
}
