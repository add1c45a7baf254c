import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Files of bytes under generated names: no key ever becomes a path. A file never changes once it has its name. */
export interface BodyStore {
  /**
   * Writes a whole body: to a temporary file, flushed and renamed when complete, so that neither a failing source nor a
   * crash leaves half a body.
   * @returns the body's name; the caller records it in the database, or removes it
   */
  write(source: AsyncIterable<Uint8Array>): Promise<string>;
  /** Opens at once, so that the body may be removed while it is still being read. @param end inclusive */
  read(name: string, range?: { start: number; end: number }): Readable;
  remove(names: readonly string[]): void;
  /** Removes what a crash left behind: temporary files, and bodies that no record names. */
  sweep(isRecorded: (name: string) => boolean): void;
}

export function openBodyStore(directory: string): BodyStore {
  const temporary = join(directory, 'temporary');
  const bodies = join(directory, 'bodies');
  for (const folder of [temporary, bodies]) mkdirSync(folder, { recursive: true });
  // Spread over 256 folders, since some file systems grow slow with very many entries in one.
  const pathOf = (name: string) => join(bodies, name.slice(0, 2), name);

  return {
    async write(source) {
      const name = randomUUID();
      const draft = join(temporary, name);
      try {
        await writeFlushed(draft, source);
      } catch (error) {
        rmSync(draft, { force: true });
        throw error;
      }
      mkdirSync(join(bodies, name.slice(0, 2)), { recursive: true });
      renameSync(draft, pathOf(name));
      return name;
    },
    read(name, range) {
      const fd = openSync(pathOf(name), 'r');
      return createReadStream('', { fd, highWaterMark: 256 * 1024, ...range });
    },
    remove(names) {
      for (const name of names) rmSync(pathOf(name), { force: true });
    },
    sweep(isRecorded) {
      for (const name of readdirSync(temporary)) rmSync(join(temporary, name));
      for (const folder of readdirSync(bodies)) {
        const lost = readdirSync(join(bodies, folder)).filter(name => !isRecorded(name));
        for (const name of lost) rmSync(join(bodies, folder, name));
      }
    },
  };
}

async function writeFlushed(path: string, source: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(source);
    await file.datasync();
  } finally {
    await file.close();
  }
}
