import { extname } from 'node:path';

/** One file of the page, as it is published. */
export interface SiteFile {
  /** Its path below the site's address, with slashes. */
  readonly key: string;
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly cacheControl: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** What esbuild puts into a name; such a file never changes. */
const HASHED = /-[A-Z0-9]{8}\.[a-z0-9]+$/;

/** @throws Error for a kind of file whose type is not known: served as anything else, a browser would refuse it */
export function siteFile(key: string, content: Uint8Array): SiteFile {
  const contentType = CONTENT_TYPES[extname(key)];
  if (contentType === undefined) throw new Error(`${key}: lambdas/web-site/site-file.ts does not know its type`);
  const cacheControl = HASHED.test(key) ? 'public, max-age=31536000, immutable' : 'no-cache';
  return { key, content, contentType, cacheControl };
}
