/** What the page has to know of the stack that serves it: `config.json` beside index.html. */
export interface SiteConfig {
  /** Ends with a slash. */
  readonly restUrl: string;
  readonly issuer: string;
  /** Of the login pages and the token endpoint; without a slash at the end. */
  readonly authUrl: string;
  readonly clientId: string;
  readonly region: string;
  readonly stage: string;
}

/** @throws Error when the stack's publish step has not written it */
export async function loadConfig(): Promise<SiteConfig> {
  const reply = await fetch('config.json', { cache: 'no-cache' });
  if (!reply.ok) throw new Error(`config.json: ${reply.status}`);
  const config: SiteConfig = await reply.json(); // of our own origin, written by the stack
  return { ...config, authUrl: config.authUrl.replace(/\/$/, ''), restUrl: config.restUrl.replace(/\/?$/, '/') };
}

/** Where the login pages send the browser back to: the page itself, wherever it is served. */
export const pageUrl = (location: Pick<Location, 'origin' | 'pathname'>): string =>
  location.origin + location.pathname.replace(/[^/]*$/, '');
