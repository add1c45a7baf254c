import { glob, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { documentKeyOfSidecar } from '../lambdas/ingest/sidecar.ts';
import { CommandError, EXIT } from './command-error.ts';
import { UsageError } from './parse-arguments.ts';

/** A file to be a document. */
export interface LocalFile {
  readonly path: string;
  /** Where it belongs in the bucket. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970; with `size` it tells whether the file is still the one that was hashed. */
  readonly modifiedMs: number;
  /** The path of its `.metadata.json`. */
  readonly sidecar?: string;
}

export interface LocalFiles {
  readonly files: readonly LocalFile[];
  /** In the bucket, all of them lie below it, and a mirror owns it; ends with a slash. */
  readonly folder: string;
}

const MAGIC = /[*?[\]{}]/;

/**
 * The files of a folder, of a pattern, or one file. Those below a folder `handbook` belong under `documents/handbook/`; a
 * prefix stands in place of the folder's name. Hidden files and folders are left alone, as they are in the bucket.
 * @param prefix ends with a slash, or is empty
 * @throws CommandError when there is nothing, UsageError when two files have one key
 */
export async function findFiles(sources: readonly string[], prefix: string | undefined): Promise<LocalFiles> {
  const files = new Map<string, LocalFile>();
  const folders = new Set<string>();
  for (const source of sources) {
    const { base, names } = await namesOf(source);
    const folder = `documents/${prefix ?? base.name}`;
    folders.add(folder);
    const sidecars = new Set(names.filter(name => documentKeyOfSidecar(name) !== undefined));
    for (const name of names) {
      if (sidecars.has(name)) continue;
      const path = join(base.path, name);
      const key = `${folder}${name.split(sep).join('/')}`.normalize('NFC'); // macOS has letters and accents apart
      const other = files.get(key);
      if (other && other.path !== path) throw new UsageError(`${other.path} and ${path} would both be ${key}.`);
      const { size, mtimeMs: modifiedMs } = await stat(path);
      const sidecar = sidecars.has(`${name}.metadata.json`) ? `${path}.metadata.json` : undefined;
      files.set(key, { path, key, size, modifiedMs, ...(sidecar !== undefined && { sidecar }) });
    }
  }
  const [folder = 'documents/'] = folders.size === 1 ? folders : [];
  return { files: [...files.values()].sort((a, b) => (a.key < b.key ? -1 : 1)), folder };
}

interface Names {
  readonly base: { readonly path: string; readonly name: string };
  /** Relative to the base. */
  readonly names: readonly string[];
}

async function namesOf(source: string): Promise<Names> {
  const found = await stat(source).catch(() => undefined); // a pattern, or nothing
  if (found?.isFile()) {
    const path = resolve(source);
    const name = basename(path);
    const beside = await stat(`${path}.metadata.json`).catch(() => undefined); // most files have none
    return { base: { path: join(path, '..'), name: '' }, names: beside ? [name, `${name}.metadata.json`] : [name] };
  }
  if (found?.isDirectory()) return { base: baseOf(source), names: await filesBelow(source, '**/*') };
  if (!MAGIC.test(source)) throw new CommandError(`There is no file or folder ${source}.`, EXIT.notFound);
  const segments = source.split(/[/\\]/);
  const magic = segments.findIndex(segment => MAGIC.test(segment));
  const path = segments.slice(0, magic).join('/') || (source.startsWith('/') ? '/' : '.');
  const names = await filesBelow(path, segments.slice(magic).join('/'));
  if (names.length === 0) throw new CommandError(`No file is like ${source}.`, EXIT.notFound);
  return {
    base: path === '.' ? { path: resolve(path), name: '' } : baseOf(path),
    names: await withSidecars(path, names),
  };
}

function baseOf(path: string): Names['base'] {
  const name = basename(resolve(path));
  return { path: resolve(path), name: name === '' ? '' : `${name}/` };
}

async function filesBelow(path: string, pattern: string): Promise<string[]> {
  const cwd = resolve(path);
  const entries = await Array.fromAsync(glob(pattern, { cwd, withFileTypes: true }));
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(cwd, join(entry.parentPath, entry.name)))
    .filter(name => !name.split(sep).some(segment => segment.startsWith('.')));
}

/** A pattern such as `*.pdf` does not name the sidecars, and who may read a file goes with the file. */
async function withSidecars(path: string, names: readonly string[]): Promise<string[]> {
  const all = new Set(names);
  for (const name of names) {
    const sidecar = `${name}.metadata.json`;
    if (await stat(join(path, sidecar)).catch(() => undefined)) all.add(sidecar);
  }
  return [...all];
}
