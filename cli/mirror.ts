import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { parseSidecar } from '../lambdas/ingest/sidecar.ts';
import { CommandError } from './command-error.ts';
import { isSameFile, md5Of } from './entity-tag.ts';
import type { LocalFile } from './local-files.ts';
import type { Document } from './shapes.ts';

/** What of a file differs from what the bucket holds. */
export interface Difference {
  readonly file: boolean;
  readonly sidecar: boolean;
  /** Of the file, hex. */
  readonly md5: string;
}

/** Remembers hashes of files that did not change, for a run that looks again and again. */
export class FileHashes {
  readonly #known = new Map<string, { readonly stamp: string; readonly md5: string }>();

  async md5({ path, size, modifiedMs }: LocalFile): Promise<string> {
    const stamp = `${size} ${modifiedMs}`;
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.md5;
    const md5 = await md5Of(path);
    this.#known.set(path, { stamp, md5 });
    return md5;
  }
}

/**
 * Compares by size and checksum, and a sidecar by what it says, as the list of documents shows it.
 * @throws CommandError when the sidecar cannot be used: who may read the file would not be known
 */
export async function compare(
  file: LocalFile,
  document: Document | undefined,
  hashes: FileHashes,
): Promise<Difference> {
  const md5 = await hashes.md5(file);
  const { eTag, size } = document ?? {};
  const same = eTag !== undefined && size === file.size && (await isSameFile(file.path, size, md5, eTag));
  return { file: !same, sidecar: await sidecarDiffers(file, document), md5 };
}

async function sidecarDiffers({ sidecar }: LocalFile, document: Document | undefined): Promise<boolean> {
  if (sidecar === undefined) return false;
  const said = parseSidecar(await readFile(sidecar));
  if (typeof said === 'string') throw new CommandError(`${sidecar} cannot be used: ${said}`);
  return !document || !isDeepStrictEqual([said.groups, said.attributes], [document.allowedGroups, document.attributes]);
}

/** Documents of the folder that no file stands for any more. */
export function surplus(documents: ReadonlyMap<string, Document>, files: readonly LocalFile[]): Document[] {
  const kept = new Set(files.map(({ key }) => key));
  return [...documents.values()].filter(({ key }) => !kept.has(key));
}
