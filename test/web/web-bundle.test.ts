import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWebSite } from '../../lib/web-bundle.ts';

/** Of the issue: what the chat route may load before it can be used, compressed. */
const MOST_BYTES = 250 * 1024;

describe('the built page', () => {
  let folder: string;
  let index: string;
  const read = (name: string) => readFile(join(folder, name));
  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'groundwork-web-')), 'site');
    await buildWebSite(join(import.meta.dirname, '..', '..'), folder);
    index = (await read('index.html')).toString();
  });
  afterAll(() => rm(join(folder, '..'), { recursive: true }));

  /** Addresses in index.html of what is loaded with it. */
  const loadedFirst = () => [...index.matchAll(/(?:href|src)="([^"]+)"/g)].flatMap(([, address]) => address ?? []);

  it('is an index.html without a script or style of its own', () => {
    expect(index.match(/<style|<script(?![^>]* src=)| style=| on\w+=/g)).toBeNull();
  });

  it('names its files by what they hold, relative to index.html', async () => {
    expect(loadedFirst().length).toBeGreaterThan(3);
    for (const address of loadedFirst()) {
      expect(address).toMatch(/^assets\/[\w-]+-[A-Z0-9]{8}\.(js|css|svg)$/);
      expect((await read(address)).length).toBeGreaterThan(0);
    }
  });

  it('makes no code of text and puts no style element into the page', async () => {
    const scripts = (await readdir(join(folder, 'assets'))).filter(name => name.endsWith('.js'));
    for (const name of scripts) {
      const script = (await read(join('assets', name))).toString();
      expect(script.match(/\beval\(|new Function\(|\.prepend\(style\)/g), name).toBeNull();
    }
  });

  it('can be used after less than 250 KB, compressed', async () => {
    const language = (await readdir(join(folder, 'assets'))).filter(name => name.startsWith('de-'));
    const names = [...loadedFirst(), ...language.map(name => join('assets', name)), 'index.html'];
    const files = await Promise.all(names.map(read));
    const sum = (compress: (file: Buffer) => Buffer) => files.reduce((bytes, file) => bytes + compress(file).length, 0);
    const sizes = { gzip: sum(gzipSync), brotli: sum(brotliCompressSync) };
    console.log(
      `first load: ${Math.round(sizes.gzip / 1024)} KB gzip, ${Math.round(sizes.brotli / 1024)} KB brotli, ${files.length} files`,
    );
    expect(language).toHaveLength(1);
    expect(sizes.gzip).toBeLessThan(MOST_BYTES);
  });
});
