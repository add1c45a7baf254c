import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isSameFile, md5Of } from '../../cli/entity-tag.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'groundwork-tag-'));
});
afterEach(() => rm(folder, { recursive: true }));

const MEBIBYTE = 1024 * 1024;
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();

/** As S3 makes it from parts. */
function tagInParts(content: Buffer, partSize: number): string {
  const parts: Buffer[] = [];
  for (let from = 0; from < content.length; from += partSize) parts.push(md5(content.subarray(from, from + partSize)));
  return `${md5(Buffer.concat(parts)).toString('hex')}-${parts.length}`;
}

it('knows a file by its MD5, or by the MD5s of the parts that usual tools make', async () => {
  const path = join(folder, 'file');
  const content = Buffer.alloc(17 * MEBIBYTE, 'groundwork');
  await writeFile(path, content);
  const whole = await md5Of(path);
  expect(whole).toBe(md5(content).toString('hex'));
  const same = (eTag: string) => isSameFile(path, content.length, whole, eTag);
  expect(await same(whole)).toBe(true);
  for (const size of [5, 8, 16]) expect(await same(tagInParts(content, size * MEBIBYTE))).toBe(true);
  expect(await same(tagInParts(content, 7 * MEBIBYTE))).toBe(false);
  expect(await same(tagInParts(Buffer.alloc(content.length, 'other'), 8 * MEBIBYTE))).toBe(false);
  expect(await same('0'.repeat(32))).toBe(false);
});

it('knows parts that fill the file to its end', async () => {
  const path = join(folder, 'file');
  const content = Buffer.alloc(16 * MEBIBYTE, 'x');
  await writeFile(path, content);
  expect(await isSameFile(path, content.length, await md5Of(path), tagInParts(content, 8 * MEBIBYTE))).toBe(true);
});
