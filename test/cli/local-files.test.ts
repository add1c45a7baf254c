import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findFiles } from '../../cli/local-files.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'groundwork-files-'));
  for (const name of [
    'book/a.md',
    'book/deep/b.pdf',
    'book/deep/b.pdf.metadata.json',
    'book/.git/c.md',
    'book/.d.md',
  ]) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), name);
  }
});
afterEach(() => rm(root, { recursive: true }));

const keysOf = async (sources: readonly string[], prefix?: string) => {
  const { files, folder } = await findFiles(
    sources.map(source => `${root}/${source}`),
    prefix,
  );
  return { folder, keys: files.map(({ key, sidecar }) => (sidecar ? `${key} with sidecar` : key)) };
};

it('puts a folder under its name, with sidecars, without what is hidden', async () => {
  expect(await keysOf(['book'])).toEqual({
    folder: 'documents/book/',
    keys: ['documents/book/a.md', 'documents/book/deep/b.pdf with sidecar'],
  });
});

it('takes a prefix in place of the name', async () => {
  expect(await keysOf(['book/'], 'x/y/')).toEqual({
    folder: 'documents/x/y/',
    keys: ['documents/x/y/a.md', 'documents/x/y/deep/b.pdf with sidecar'],
  });
  expect(await keysOf(['book'], '')).toMatchObject({ folder: 'documents/' });
});

it('finds a file, a pattern, and the sidecars beside them', async () => {
  expect((await keysOf(['book/deep/b.pdf'])).keys).toEqual(['documents/b.pdf with sidecar']);
  expect((await keysOf(['book/**/*.pdf'])).keys).toEqual(['documents/book/deep/b.pdf with sidecar']);
  expect(await keysOf(['book/a.md', 'book/deep'])).toEqual({
    folder: 'documents/',
    keys: ['documents/a.md', 'documents/deep/b.pdf with sidecar'],
  });
});

it('writes letters with accents in one way', async () => {
  await writeFile(join(root, 'book', 'e\u0301tude.md'), '');
  expect((await keysOf(['book'])).keys).toContain('documents/book/\u00e9tude.md');
});

it('refuses what is not there, and two files of one key', async () => {
  await expect(keysOf(['none'])).rejects.toMatchObject({ exitCode: 3 });
  await expect(keysOf(['book/*.xyz'])).rejects.toMatchObject({ exitCode: 3 });
  await mkdir(join(root, 'other'));
  await writeFile(join(root, 'other', 'a.md'), '');
  await expect(keysOf(['book/a.md', 'other/a.md'])).rejects.toThrow(/would both be documents\/a\.md/);
});
