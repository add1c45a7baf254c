import pMap from 'p-map';
import { type SiteFile, siteFile } from './site-file.ts';

/** Where a site lies, and what stands in front of it. */
export interface SiteStore {
  keys(): Promise<string[]>;
  put(file: SiteFile): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
  /** Has every path fetched anew. @param reference the same for a call that is repeated */
  invalidate(reference: string): Promise<void>;
}

/** What the page has to know of its stack; it becomes `config.json`. */
export type SiteConfig = Readonly<Record<string, string>>;

export interface Publication {
  readonly published: number;
  readonly removed: number;
}

const ENTRY = 'index.html';
const CONFIG = 'config.json';
const UPLOADS_AT_A_TIME = 8;

/**
 * Puts a page in the place of an earlier one: what the page loads before the page itself, which is never seen without it,
 * and what is gone last.
 * @param files with an index.html among them
 * @param reference names this publication
 */
export async function publishSite(
  store: SiteStore,
  files: readonly SiteFile[],
  config: SiteConfig,
  reference: string,
): Promise<Publication> {
  const entry = files.find(({ key }) => key === ENTRY);
  if (!entry) throw new Error(`The page has no ${ENTRY}.`);
  const loaded = [...files.filter(file => file !== entry), siteFile(CONFIG, Buffer.from(JSON.stringify(config)))];
  await pMap(loaded, file => store.put(file), { concurrency: UPLOADS_AT_A_TIME });
  await store.put(entry);
  const published = new Set([...loaded, entry].map(({ key }) => key));
  const gone = (await store.keys()).filter(key => !published.has(key));
  await store.remove(gone);
  await store.invalidate(reference);
  return { published: published.size, removed: gone.length };
}

/** Takes the page away, so that its bucket can be deleted. @returns how many files there were */
export async function removeSite(store: SiteStore): Promise<number> {
  const keys = await store.keys();
  await store.remove(keys);
  return keys.length;
}
