/** A browser as far as signing in needs one: cookies by path, no redirects followed, forms filled in. */
import { createHash, randomBytes } from 'node:crypto';
import { DomUtils, parseDocument } from 'htmlparser2';
import { CALLBACK, type RunningPool } from './cognito-fixture.ts';

type Document = ReturnType<typeof parseDocument>;
export interface Page {
  readonly status: number;
  readonly location: string;
  readonly headers: Headers;
  readonly text: string;
  readonly document: Document;
}

export class Browser {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>();
  /** As they were set, with their attributes. */
  readonly setCookies: string[] = [];

  async open(address: string | URL, init: RequestInit = {}): Promise<Page> {
    const url = new URL(address);
    const sent = [...this.#cookies].filter(([, { path }]) => url.pathname.startsWith(path));
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      ...init,
      headers: { ...init.headers, cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const text = await response.text();
    const location = new URL(response.headers.get('location') ?? url, url).href;
    return { status: response.status, location, headers: response.headers, text, document: parseDocument(text) };
  }
  /** Sends the page's form with what it holds, changed by `fields`. */
  submit(page: Page, base: string, fields: Record<string, string>): Promise<Page> {
    const [form] = DomUtils.getElementsByTagName('form', page.document);
    if (!form) throw new Error(`There is no form on this page: ${page.text}`);
    const inputs = DomUtils.getElementsByTagName('input', form);
    const held = inputs.map(({ attribs }) => [attribs.name ?? '', attribs.value ?? '']);
    const body = new URLSearchParams({ ...Object.fromEntries(held), ...fields });
    return this.open(new URL(form.attribs.action ?? '', base), { method: 'POST', body });
  }
  #keep(line: string): void {
    this.setCookies.push(line);
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split('=');
    const path = attributes.find(attribute => attribute.startsWith('Path='))?.slice('Path='.length) ?? '/';
    this.#cookies.set(name, { value, path });
  }
}

export const newVerifier = () => randomBytes(32).toString('base64url');
const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

/** The address at which a client has a user sign in; an empty value leaves a parameter out. */
export function authorizeUrl(
  { output }: Pick<RunningPool, 'output'>,
  verifier: string,
  more: Record<string, string> = {},
) {
  const parameters = {
    ...{ response_type: 'code', client_id: output('ClientId'), redirect_uri: CALLBACK, scope: 'openid email' },
    ...{ state: 's-1', code_challenge: challengeOf(verifier), code_challenge_method: 'S256', ...more },
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  return `${output('Domain')}/oauth2/authorize?${new URLSearchParams(given)}`;
}

/** Signs in on the hosted page. @returns where that led */
export async function signIn(
  pool: Pick<RunningPool, 'output' | 'url'>,
  verifier: string,
  fields: Record<string, string>,
  browser = new Browser(),
): Promise<Page> {
  const { location } = await browser.open(authorizeUrl(pool, verifier));
  return browser.submit(await browser.open(location), pool.url, fields);
}

/** What the token endpoint answers: tokens, or an error. */
export interface TokenSet {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  readonly error?: string;
  readonly error_description?: string;
}

/** Asks the token endpoint, as the pool's client unless a field says otherwise. */
export async function askTokens({ output }: Pick<RunningPool, 'output'>, fields: Record<string, string>) {
  const body = new URLSearchParams({ client_id: output('ClientId'), redirect_uri: CALLBACK, ...fields });
  const response = await fetch(`${output('Domain')}/oauth2/token`, {
    ...{ method: 'POST', body, signal: AbortSignal.timeout(20_000) },
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as TokenSet };
}

/** The whole way from the client's request to its tokens. */
export async function tokensOf(
  pool: Pick<RunningPool, 'output' | 'url'>,
  fields: Record<string, string>,
): Promise<TokenSet> {
  const verifier = newVerifier();
  const { location, text } = await signIn(pool, verifier, fields);
  const code = new URL(location).searchParams.get('code');
  if (!code) throw new Error(`Nobody was signed in: ${text}`);
  const { body } = await askTokens(pool, { grant_type: 'authorization_code', code, code_verifier: verifier });
  return body;
}
