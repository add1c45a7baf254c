import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketSpec, errorOf, rawRequest, startS3, type TestS3 } from './s3-fixture.ts';

const Bucket = 'plain-bucket';
const Versioned = 'versioned-bucket';
let cloud: TestS3;
let client: S3Client;

beforeAll(async () => {
  cloud = await startS3();
  cloud.s3.putBucket(bucketSpec(Bucket));
  cloud.s3.putBucket(bucketSpec(Versioned, { versioned: true }));
  client = cloud.client();
});
afterAll(() => cloud.close());

describe('listings', () => {
  const Listed = 'listed-bucket';
  const keys = ['a/1', 'a/2', 'b', 'b/1', 'c d', 'z/😀', 'z/\uffee', 'é'];
  beforeAll(async () => {
    cloud.s3.putBucket(bucketSpec(Listed));
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: Listed, Key, Body: Key }));
  });
  const byBytes = [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));

  /** All pages of a listing, with the number of entries in each. */
  async function pages(query: { Prefix?: string; Delimiter?: string; MaxKeys?: number; StartAfter?: string }) {
    const found = { keys: [] as string[], prefixes: [] as string[], sizes: [] as number[] };
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(new ListObjectsV2Command({ Bucket: Listed, ...query, ContinuationToken }));
      found.keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
      found.prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''));
      found.sizes.push(page.KeyCount ?? -1);
      ContinuationToken = page.NextContinuationToken;
      expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
    } while (ContinuationToken);
    return found;
  }

  it.each([1, 2, 3, 1000])('give every key once in byte order, %i a page', async MaxKeys => {
    expect((await pages({ MaxKeys })).keys).toEqual(byBytes);
  });

  it.each([1, 2, 3, 1000])('name a common prefix once, %i a page', async MaxKeys => {
    const found = await pages({ MaxKeys, Delimiter: '/' });
    expect(found.keys).toEqual(['b', 'c d', 'é']);
    expect(found.prefixes).toEqual(['a/', 'b/', 'z/']);
    expect(Math.max(...found.sizes)).toBeLessThanOrEqual(MaxKeys);
  });

  it('skip a common prefix of more keys than a page holds', async () => {
    cloud.s3.putBucket(bucketSpec('wide-bucket'));
    const keys = [...Array.from({ length: 30 }, (_, n) => `many/${n}`), 'next'];
    await Promise.all(keys.map(Key => client.send(new PutObjectCommand({ Bucket: 'wide-bucket', Key, Body: 'x' }))));
    const page = await client.send(new ListObjectsV2Command({ Bucket: 'wide-bucket', Delimiter: '/', MaxKeys: 2 }));
    expect(page.CommonPrefixes).toEqual([{ Prefix: 'many/' }]);
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(['next']);
    expect(page.IsTruncated).toBe(false);
  });

  it('go by prefix and by the key to start after', async () => {
    expect((await pages({ Prefix: 'a/' })).keys).toEqual(['a/1', 'a/2']);
    expect((await pages({ Prefix: 'b' })).keys).toEqual(['b', 'b/1']);
    expect((await pages({ StartAfter: 'b' })).keys).toEqual(byBytes.slice(byBytes.indexOf('b') + 1));
    expect((await pages({ Prefix: 'z/', Delimiter: '/', StartAfter: 'z/\uffee' })).keys).toEqual(['z/😀']);
    expect((await pages({ Prefix: 'nothing' })).keys).toEqual([]);
  });

  it('are encoded on request', async () => {
    const { Contents } = await client.send(
      new ListObjectsV2Command({ Bucket: Listed, Prefix: 'c', EncodingType: 'url' }),
    );
    expect(Contents?.[0]?.Key).toBe('c%20d');
  });

  it('page by marker in version 1', async () => {
    const list = (Marker?: string) =>
      client.send(new ListObjectsCommand({ Bucket: Listed, Delimiter: '/', MaxKeys: 2, Marker }));
    const first = await list();
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'b', CommonPrefixes: [{ Prefix: 'a/' }] });
    const second = await list(first.NextMarker);
    expect(second).toMatchObject({ NextMarker: 'c d', CommonPrefixes: [{ Prefix: 'b/' }] });
    const third = await list(second.NextMarker);
    expect(third).toMatchObject({ IsTruncated: false, CommonPrefixes: [{ Prefix: 'z/' }] });
    expect(third.Contents?.map(({ Key }) => Key)).toEqual(['é']);
  });

  it('refuse a token that is none', async () => {
    const wrong = new ListObjectsV2Command({ Bucket: Listed, ContinuationToken: '!' });
    expect(await errorOf(client.send(wrong))).toMatchObject({ name: 'InvalidArgument' });
  });
});

describe('versions', () => {
  const putVersion = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket: Versioned, Key, Body }));
  const readVersion = async (Key: string, VersionId?: string) =>
    (await client.send(new GetObjectCommand({ Bucket: Versioned, Key, VersionId }))).Body?.transformToString();
  const remove = (Key: string, VersionId?: string) =>
    client.send(new DeleteObjectCommand({ Bucket: Versioned, Key, VersionId }));

  it('are all kept, and each can be read and removed', async () => {
    const one = await putVersion('kept', 'one');
    const two = await putVersion('kept', 'two');
    expect(one.VersionId).not.toBe(two.VersionId);
    expect(await readVersion('kept')).toBe('two');
    expect(await readVersion('kept', one.VersionId)).toBe('one');
    await remove('kept', two.VersionId);
    expect(await readVersion('kept')).toBe('one');
    expect(await errorOf(readVersion('kept', two.VersionId))).toMatchObject({ name: 'NoSuchVersion', status: 404 });
  });

  it('stay behind a delete marker, whose removal brings the object back', async () => {
    const { VersionId } = await putVersion('hidden', 'text');
    const marker = await remove('hidden');
    expect(marker).toMatchObject({ DeleteMarker: true });
    expect(await errorOf(readVersion('hidden'))).toMatchObject({ name: 'NoSuchKey', status: 404 });
    expect(await errorOf(readVersion('hidden', marker.VersionId))).toMatchObject({
      name: 'MethodNotAllowed',
      status: 405,
    });
    expect(await readVersion('hidden', VersionId)).toBe('text');
    const listed = await client.send(new ListObjectsV2Command({ Bucket: Versioned, Prefix: 'hidden' }));
    expect(listed.KeyCount).toBe(0);
    expect(await remove('hidden', marker.VersionId)).toMatchObject({ DeleteMarker: true });
    expect(await readVersion('hidden')).toBe('text');
  });

  it.each([1, 2, 1000])('are listed newest first, %i a page', async MaxKeys => {
    const Prefix = `list${MaxKeys}/`;
    const a1 = await putVersion(`${Prefix}a`, '1');
    const a2 = await putVersion(`${Prefix}a`, '2');
    const b1 = await putVersion(`${Prefix}b`, '1');
    const marker = await remove(`${Prefix}b`);
    const found: (string | undefined)[] = [];
    let KeyMarker: string | undefined;
    let VersionIdMarker: string | undefined;
    do {
      const query = { Bucket: Versioned, Prefix, MaxKeys, KeyMarker, VersionIdMarker };
      const page = await client.send(new ListObjectVersionsCommand(query));
      for (const { VersionId } of page.Versions ?? []) found.push(VersionId);
      for (const { VersionId, IsLatest } of page.DeleteMarkers ?? []) {
        expect(IsLatest).toBe(true);
        found.push(VersionId);
      }
      KeyMarker = page.NextKeyMarker;
      VersionIdMarker = page.NextVersionIdMarker;
    } while (KeyMarker);
    expect(found.filter(id => id !== marker.VersionId)).toEqual([a2.VersionId, a1.VersionId, b1.VersionId]);
    expect(found).toContain(marker.VersionId);
  });

  it('stay when versioning is suspended, and new writes replace only each other', async () => {
    const Name = 'suspended-bucket';
    const write = (Body: string) => client.send(new PutObjectCommand({ Bucket: Name, Key: 'k', Body }));
    cloud.s3.putBucket(bucketSpec(Name, { versioned: true }));
    const { VersionId } = await write('versioned');
    cloud.s3.putBucket(bucketSpec(Name));
    expect((await client.send(new GetBucketVersioningCommand({ Bucket: Name }))).Status).toBe('Suspended');
    await write('null one');
    await write('null two');
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket: Name }));
    expect(Versions?.map(version => version.VersionId)).toEqual(['null', VersionId]);
  });
});

describe('DeleteObjects', () => {
  it('answers for each key, or only for failures when quiet', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'd1', Body: 'x' }));
    const Objects = [{ Key: 'd1' }, { Key: 'never there' }];
    const loud = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(loud.Deleted).toEqual(Objects);
    const quiet = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    expect(quiet.Deleted).toBeUndefined();
  });

  it('refuses a document that is none, or that nothing protects', async () => {
    const md5 = (body: string) => ({ 'content-md5': createHash('md5').update(body).digest('base64') });
    for (const body of ['<Delete>', '<Other/>', '<Delete></Delete>', 'text']) {
      const { status, body: answer } = await rawRequest(cloud, 'POST', `/${Bucket}?delete`, md5(body), body);
      expect(status).toBe(400);
      expect(answer).toContain('<Code>MalformedXML</Code>');
    }
    const bare = await rawRequest(
      cloud,
      'POST',
      `/${Bucket}?delete`,
      {},
      '<Delete><Object><Key>a</Key></Object></Delete>',
    );
    expect(bare.body).toContain('<Code>InvalidRequest</Code>');
  });
});
