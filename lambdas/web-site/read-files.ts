import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type SiteFile, siteFile } from './site-file.ts';

/** Every file of a folder and the folders in it, as a page's. */
export async function readFiles(folder: string): Promise<SiteFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(
    paths.sort().map(async path => siteFile(relative(folder, path).split(sep).join('/'), await readFile(path))),
  );
}
