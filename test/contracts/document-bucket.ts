import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DocumentBucket } from '../../lambdas/ports.ts';

export interface TestBucket {
  readonly bucket: DocumentBucket;
  /** Stores an object. @returns its version id */
  put(key: string, content: string): Promise<string>;
  /** Deletes one version for good. */
  erase(key: string, s3VersionId: string): Promise<void>;
}

const key = 'documents/s3/Prix + coûts (2026).md';
const md5 = (content: string) => createHash('md5').update(content).digest('hex');
const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

/** What every versioned ingest bucket must do. `makeBucket` gives an empty one. */
export function documentBucketContract(makeBucket: () => Promise<TestBucket>) {
  let test: TestBucket;
  beforeEach(async () => {
    test = await makeBucket();
  });

  it('describes the newest object of a key, with the eTag as events give it', async () => {
    await test.put(key, 'first');
    const s3VersionId = await test.put(key, 'second');
    expect(await test.bucket.head(key)).toEqual({ eTag: md5('second'), size: 6, s3VersionId });
  });

  it('describes and reads an older version', async () => {
    const s3VersionId = await test.put(key, 'first');
    await test.put(key, 'second');
    expect(await test.bucket.head(key, s3VersionId)).toEqual({ eTag: md5('first'), size: 5, s3VersionId });
    expect(text(await test.bucket.read(key, s3VersionId))).toBe('first');
    expect(text(await test.bucket.read(key))).toBe('second');
  });

  it('gives an object piece by piece, with its size', async () => {
    const content = 'One line of many.\n'.repeat(20_000);
    const s3VersionId = await test.put(key, content);
    await test.put(key, 'second');
    const body = await test.bucket.open(key, s3VersionId);
    const pieces: Uint8Array[] = [];
    for await (const piece of body?.pieces ?? []) pieces.push(piece);
    expect(body?.size).toBe(content.length);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces).toString()).toBe(content);
    expect(await test.bucket.open('documents/absent.md')).toBeUndefined();
  });

  it('finds nothing at a key that was never written', async () => {
    expect(await test.bucket.head('documents/absent.md')).toBeUndefined();
    expect(await test.bucket.read('documents/absent.md')).toBeUndefined();
  });

  it('finds nothing at a removed key, but still the version before', async () => {
    const s3VersionId = await test.put(key, 'first');
    await test.bucket.remove(key);
    expect(await test.bucket.head(key)).toBeUndefined();
    expect(await test.bucket.read(key)).toBeUndefined();
    expect(text(await test.bucket.read(key, s3VersionId))).toBe('first');
  });

  it('finds nothing at a version that was deleted for good', async () => {
    const s3VersionId = await test.put(key, 'first');
    await test.put(key, 'second');
    await test.erase(key, s3VersionId);
    expect(await test.bucket.head(key, s3VersionId)).toBeUndefined();
    expect(await test.bucket.read(key, s3VersionId)).toBeUndefined();
    expect(text(await test.bucket.read(key))).toBe('second');
  });

  it('lists the objects under a prefix in the order of their keys, in pages', async () => {
    for (const name of ['b.md', 'a b+c.md', 'Ä.md', 'sub/x.md']) await test.put(`documents/${name}`, `text of ${name}`);
    await test.put('documents/gone.md', 'gone');
    await test.bucket.remove('documents/gone.md');
    await test.put('tenants/other.md', 'other');
    await test.put('documents/b.md', 'newer');
    const keys: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await test.bucket.list('documents/', { limit: 2, cursor });
      expect(page.objects.length).toBeLessThanOrEqual(2);
      keys.push(...page.objects.map(object => object.key));
      cursor = page.cursor;
    } while (cursor);
    expect(keys).toEqual(['documents/a b+c.md', 'documents/b.md', 'documents/sub/x.md', 'documents/Ä.md']);
    const { objects } = await test.bucket.list('documents/b', { limit: 10 });
    expect(objects).toEqual([{ key: 'documents/b.md', eTag: md5('newer'), size: 5 }]);
    expect(await test.bucket.list('nowhere/', { limit: 10 })).toEqual({ objects: [] });
  });

  it('knows the versions of an object, newest first, and of no other', async () => {
    const first = await test.put(key, 'first');
    const second = await test.put(key, 'second');
    await test.bucket.remove(key);
    const third = await test.put(key, 'third');
    await test.put(`${key}.bak`, 'another');
    expect(await test.bucket.versions(key, 10)).toEqual([third, second, first]);
    expect(await test.bucket.versions('documents/absent.md', 10)).toEqual([]);
  });

  describe('copying', () => {
    const target = 'processed/Prix + coûts (2026).md';

    it('takes exactly the version named, onto nothing or onto what was there before', async () => {
      const s3VersionId = await test.put(key, 'first');
      await test.put(key, 'second');
      const copied = await test.bucket.copy({ key, s3VersionId }, target, undefined);
      expect(copied).toEqual({ s3VersionId: (await test.bucket.head(target))?.s3VersionId });
      expect(text(await test.bucket.read(target))).toBe('first');
      expect(await test.bucket.copy({ key }, target, md5('first'))).toMatchObject({ s3VersionId: expect.any(String) });
      expect(text(await test.bucket.read(target))).toBe('second');
    });

    it('leaves a target alone that is another than was expected, or is there at all', async () => {
      await test.put(key, 'first');
      expect(await test.bucket.copy({ key }, target, md5('other'))).toMatch(/changed|absent/);
      await test.put(target, 'mine');
      expect(await test.bucket.copy({ key }, target, undefined)).toBe('changed');
      expect(await test.bucket.copy({ key }, target, md5('other'))).toBe('changed');
      expect(text(await test.bucket.read(target))).toBe('mine');
    });

    it('finds nothing to copy where there is nothing', async () => {
      expect(await test.bucket.copy({ key: 'incoming/absent.md' }, target, undefined)).toBe('absent');
    });
  });

  it('deletes an object only as it is known', async () => {
    await test.put(key, 'first');
    expect(await test.bucket.removeIf(key, md5('other'))).toBe(false);
    expect(text(await test.bucket.read(key))).toBe('first');
    expect(await test.bucket.removeIf(key, md5('first'))).toBe(true);
    expect(await test.bucket.head(key)).toBeUndefined();
    expect(await test.bucket.removeIf('incoming/absent.md', md5('first'))).toBe(false);
  });

  it('writes a text', async () => {
    const written = await test.bucket.write('failed/a.error.json', '{}', 'application/json');
    expect(written).toEqual({ eTag: md5('{}') });
    expect(text(await test.bucket.read('failed/a.error.json'))).toBe('{}');
  });

  it('writes a text only onto what is known to be there', async () => {
    const write = (onto: string | undefined, content: string) =>
      test.bucket.writeOnto(onto, 'documents/a.md.metadata.json', content, 'application/json');
    expect(await write(md5('first'), 'second')).toBe('changed');
    expect(await write(undefined, 'first')).toEqual({ eTag: md5('first') });
    expect(await write(undefined, 'second')).toBe('changed');
    expect(await write(md5('other'), 'second')).toBe('changed');
    expect(await write(md5('first'), 'second')).toEqual({ eTag: md5('second') });
    expect(text(await test.bucket.read('documents/a.md.metadata.json'))).toBe('second');
  });

  it('takes the removal of an absent object as done', async () => {
    await test.bucket.remove('documents/absent.md');
    expect(await test.bucket.head('documents/absent.md')).toBeUndefined();
  });
}
