import { describe, expect, it } from 'vitest';
import {
  type Entry,
  type FileEntry,
  type FolderEntry,
  filesIn,
  filesOfInput,
} from '../../web/documents/folder-files.ts';

const fileAt = (name: string): FileEntry => ({
  ...{ name, isFile: true, isDirectory: false },
  file: found => found(new File(['x'], name)),
});

/** As Chromium does: some entries at a time. */
function folderAt(name: string, entries: readonly Entry[]): FolderEntry {
  const left = [...entries];
  return {
    ...{ name, isFile: false, isDirectory: true },
    createReader: () => ({ readEntries: found => found(left.splice(0, 2)) }),
  };
}

const pathsOf = async (entries: readonly Entry[]) =>
  (await Array.fromAsync(filesIn(entries))).map(({ file, folder }) => folder + file.name);

describe('what is dropped', () => {
  it('is every file, with the folders that it lies in', async () => {
    const year = folderAt('2026', ['a.md', 'b.md', 'c.md', 'd.md', 'e.md'].map(fileAt));
    const dropped = [folderAt('handbook', [fileAt('intro.md'), year]), fileAt('alone.pdf')];
    expect(await pathsOf(dropped)).toEqual([
      'handbook/intro.md',
      ...['a', 'b', 'c', 'd', 'e'].map(name => `handbook/2026/${name}.md`),
      'alone.pdf',
    ]);
  });

  it('is not what systems leave in folders', async () => {
    const git = folderAt('.git', [fileAt('config')]);
    const dropped = [folderAt('x', [fileAt('.DS_Store'), fileAt('Thumbs.db'), git, fileAt('a.md.metadata.json')])];
    expect(await pathsOf(dropped)).toEqual(['x/a.md.metadata.json']);
  });

  it('fails when a file cannot be read', async () => {
    const broken: FileEntry = {
      ...fileAt('a.md'),
      file: (_, failed) => failed(new DOMException('gone', 'NotFoundError')),
    };
    await expect(pathsOf([broken])).rejects.toThrow('gone');
  });
});

describe('what is chosen', () => {
  const chosen = (path: string) =>
    Object.defineProperty(new File([''], path.split('/').at(-1) ?? ''), 'webkitRelativePath', {
      value: path.includes('/') ? path : '',
    });

  it('has its folder, when a folder was chosen', () => {
    const found = filesOfInput(['a.md', 'x/b.md', 'x/y/c.md', 'x/.git/config', 'x/.hidden'].map(chosen));
    expect(found.map(({ folder, file }) => [folder, file.name])).toEqual([
      ['', 'a.md'],
      ['x/', 'b.md'],
      ['x/y/', 'c.md'],
    ]);
  });
});
