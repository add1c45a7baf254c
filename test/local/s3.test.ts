import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  ChecksumAlgorithm,
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketSpec, errorOf, startS3, type TestS3 } from './s3-fixture.ts';

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

const put = (Key: string, Body: string | Uint8Array = Key, extra = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...extra }));
/** The whole reply: a body that is not read would hold its connection. */
async function get(Key: string, extra = {}) {
  const reply = await client.send(new GetObjectCommand({ Bucket, Key, ...extra }));
  return { ...reply, bytes: (await reply.Body?.transformToByteArray()) ?? new Uint8Array() };
}
const read = async (Key: string, extra = {}) => Buffer.from((await get(Key, extra)).bytes).toString();

/** A raw request as the operator, for what SDK clients do not send. */
function raw(method: string, path: string, headers: Record<string, string> = {}, body = '') {
  const authorization =
    'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0';
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const signed = { authorization, 'x-amz-date': '20260101T000000Z', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const sent = request(
      cloud.url,
      { method, path, headers: { ...signed, ...headers }, timeout: 10_000 },
      async response => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer within 10 s')));
    sent.on('error', reject);
    sent.end(Buffer.from(body)); // a string would change how node encodes the headers
  });
}

describe('an object', () => {
  it('comes back byte for byte with its headers and metadata', async () => {
    const bytes = new Uint8Array(300_000).map((_, index) => (index * 31) % 256);
    const written = await put('report.pdf', bytes, {
      ContentType: 'application/pdf',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="report.pdf"',
      ContentLanguage: 'de',
      Metadata: { owner: 'legal' },
    });
    const got = await get('report.pdf', { ChecksumMode: 'ENABLED' });
    expect(got.bytes).toEqual(bytes);
    expect(got.ETag).toBe(`"${createHash('md5').update(bytes).digest('hex')}"`);
    expect(got.ETag).toBe(written.ETag);
    expect(got).toMatchObject({
      ContentType: 'application/pdf',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="report.pdf"',
      ContentLanguage: 'de',
      ContentLength: 300_000,
      Metadata: { owner: 'legal' },
      ChecksumType: 'FULL_OBJECT',
    });
    expect(got.ChecksumCRC32).toBe(written.ChecksumCRC32);
  });

  it('keeps the bytes of a stream that comes aws-chunked with a trailing checksum', async () => {
    const Body = Readable.from(
      Array.from({ length: 20 }, () => Buffer.alloc(10_000, 'x')),
      { objectMode: false },
    );
    const put = new PutObjectCommand({ Bucket, Key: 'streamed', Body, ContentLength: 200_000 });
    const { ChecksumCRC32 } = await client.send(put);
    expect(ChecksumCRC32).toBeDefined();
    expect(await read('streamed')).toBe('x'.repeat(200_000));
    expect((await get('streamed')).ContentEncoding).toBeUndefined();
  });

  it.each(Object.values(ChecksumAlgorithm).filter(name => ['CRC32', 'CRC32C', 'SHA1', 'SHA256'].includes(name)))(
    'is verified by %s, which it keeps',
    async algorithm => {
      const written = await put(`sum-${algorithm}`, 'The quick brown fox jumps over it', {
        ChecksumAlgorithm: algorithm,
      });
      const head = new HeadObjectCommand({ Bucket, Key: `sum-${algorithm}`, ChecksumMode: 'ENABLED' });
      const name = `Checksum${algorithm}` as 'ChecksumSHA1';
      expect(written[name]).toBeDefined();
      expect((await client.send(head))[name]).toBe(written[name]);
    },
  );

  it.each([
    ['CRC32', 'AAAAAA=='],
    ['CRC64NVME', 'AAAAAAAAAAA='],
    ['SHA256', Buffer.alloc(32).toString('base64')],
  ])('with a wrong %s is refused and not stored', async (algorithm, value) => {
    const wrong = put('wrong', 'text', { [`Checksum${algorithm}`]: value });
    expect(await errorOf(wrong)).toMatchObject({ name: 'BadDigest', status: 400 });
    expect(await errorOf(get('wrong'))).toMatchObject({ name: 'NoSuchKey' });
  });

  it('with a wrong Content-MD5 is refused', async () => {
    const ContentMD5 = createHash('md5').update('other').digest('base64');
    expect(await errorOf(put('wrong', 'text', { ContentMD5 }))).toMatchObject({ name: 'BadDigest', status: 400 });
    expect(await errorOf(put('wrong', 'text', { ContentMD5: 'short' }))).toMatchObject({ name: 'InvalidDigest' });
  });

  it('with a wrong payload hash is refused', async () => {
    const headers = { 'x-amz-content-sha256': createHash('sha256').update('other').digest('hex') };
    const { status, body } = await raw('PUT', `/${Bucket}/wrong`, headers, 'text');
    expect(status).toBe(400);
    expect(body).toContain('<Code>XAmzContentSHA256Mismatch</Code>');
  });

  it('is answered in ranges', async () => {
    await put('alphabet', 'abcdefghij');
    expect(await read('alphabet', { Range: 'bytes=2-4' })).toBe('cde');
    expect(await read('alphabet', { Range: 'bytes=7-' })).toBe('hij');
    expect(await read('alphabet', { Range: 'bytes=-3' })).toBe('hij');
    expect(await read('alphabet', { Range: 'bytes=5-100' })).toBe('fghij');
    const part = await get('alphabet', { Range: 'bytes=0-0' });
    expect(part).toMatchObject({ ContentRange: 'bytes 0-0/10', ContentLength: 1 });
    expect(part.$metadata.httpStatusCode).toBe(206);
    expect(await errorOf(get('alphabet', { Range: 'bytes=10-' }))).toMatchObject({ name: 'InvalidRange', status: 416 });
  });

  it('is answered by conditions', async () => {
    const { ETag } = await put('conditional', 'text');
    const { LastModified } = await get('conditional');
    const earlier = new Date(Number(LastModified) - 60_000);
    expect(await read('conditional', { IfMatch: ETag })).toBe('text');
    expect(await errorOf(get('conditional', { IfMatch: '"other"' }))).toMatchObject({ status: 412 });
    expect(await errorOf(get('conditional', { IfNoneMatch: ETag }))).toMatchObject({ status: 304 });
    expect(await read('conditional', { IfNoneMatch: '"other"' })).toBe('text');
    expect(await errorOf(get('conditional', { IfModifiedSince: LastModified }))).toMatchObject({ status: 304 });
    expect(await read('conditional', { IfModifiedSince: earlier })).toBe('text');
    expect(await errorOf(get('conditional', { IfUnmodifiedSince: earlier }))).toMatchObject({ status: 412 });
  });

  it('is written on conditions', async () => {
    const { ETag } = await put('once', 'first', { IfNoneMatch: '*' });
    expect(await errorOf(put('once', 'second', { IfNoneMatch: '*' }))).toMatchObject({ name: 'PreconditionFailed' });
    expect(await errorOf(put('once', 'second', { IfMatch: '"other"' }))).toMatchObject({ name: 'PreconditionFailed' });
    expect(await errorOf(put('absent', 'x', { IfMatch: ETag }))).toMatchObject({ name: 'NoSuchKey' });
    expect(await read('once')).toBe('first');
    await put('once', 'second', { IfMatch: ETag });
    expect(await read('once')).toBe('second');
  });

  it('is created once by many writers that demand its absence', async () => {
    const writers = Array.from({ length: 8 }, (_, n) => put('race', `${n}`.repeat(50_000), { IfNoneMatch: '*' }));
    const results = await Promise.allSettled(writers);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is what was last written, and nothing once deleted', async () => {
    await put('changing', 'one');
    await put('changing', 'two');
    expect(await read('changing')).toBe('two');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'changing' }));
    expect(await errorOf(get('changing'))).toMatchObject({ name: 'NoSuchKey', status: 404 });
    const again = await client.send(new DeleteObjectCommand({ Bucket, Key: 'changing' }));
    expect(again.$metadata.httpStatusCode).toBe(204);
  });

  it('may be empty', async () => {
    await put('empty', new Uint8Array());
    expect(await get('empty')).toMatchObject({ ContentLength: 0, ETag: '"d41d8cd98f00b204e9800998ecf8427e"' });
  });

  it('keeps metadata that is not ASCII, in the form of RFC 2047', async () => {
    const headers = { 'x-amz-meta-title': Buffer.from('Grüße').toString('latin1') };
    await raw('PUT', `/${Bucket}/unicode-metadata`, headers, 'x');
    const { Metadata } = await get('unicode-metadata');
    expect(Metadata?.title).toBe(`=?UTF-8?B?${Buffer.from('Grüße').toString('base64')}?=`);
  });

  it('refuses metadata of more than 2 KB', async () => {
    const huge = put('huge', 'x', { Metadata: { note: 'x'.repeat(2100) } });
    expect(await errorOf(huge)).toMatchObject({ name: 'MetadataTooLarge', status: 400 });
  });

  it('carries tags, which can be changed', async () => {
    await put('tagged', 'x', { Tagging: 'team=legal&year=2026' });
    expect((await get('tagged')).TagCount).toBe(2);
    const tags = async () => (await client.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet;
    expect(await tags()).toEqual([
      { Key: 'team', Value: 'legal' },
      { Key: 'year', Value: '2026' },
    ]);
    const TagSet = [{ Key: 'a<b', Value: 'x & y' }];
    await client.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet } }));
    expect(await tags()).toEqual(TagSet);
    await client.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'tagged' }));
    expect(await tags()).toEqual([]);
    const many = Array.from({ length: 11 }, (_, n) => `k${n}=v`).join('&');
    expect(await errorOf(put('tagged', 'x', { Tagging: many }))).toMatchObject({ name: 'InvalidTag' });
  });
});

describe('keys', () => {
  const keys = [
    'a b+c%20d.txt',
    'folder//double/',
    '/leading',
    '../../etc/passwd',
    './here/./..',
    'grüße/😀.md',
    'quote"<>&\'.txt',
    '%2e%2e%2f',
    '~!$()*,;:@=?#[]',
    'line\nbreak',
    'k'.repeat(1024),
  ];

  it.each(keys)('round-trip: %j', async key => {
    await raw('PUT', `/${Bucket}/${encodeURIComponent(key).replaceAll('%2F', '/')}`, {}, key);
    expect((await raw('GET', `/${Bucket}/${encodeURIComponent(key)}`)).body).toBe(key);
    const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix: key }));
    expect(listed.Contents?.map(({ Key }) => Key)).toEqual([key]);
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }] } }));
    expect((await raw('GET', `/${Bucket}/${encodeURIComponent(key)}`)).status).toBe(404);
  });

  it('are told apart however much paths would join them', async () => {
    for (const key of ['x/y', 'x//y', 'x/./y']) await raw('PUT', `/${Bucket}/${key}`, {}, key);
    for (const key of ['x/y', 'x//y', 'x/./y']) expect((await raw('GET', `/${Bucket}/${key}`)).body).toBe(key);
  });

  it('longer than 1024 bytes, or not UTF-8, are refused', async () => {
    expect((await raw('PUT', `/${Bucket}/${'k'.repeat(1025)}`)).body).toContain('<Code>KeyTooLongError</Code>');
    expect((await raw('PUT', `/${Bucket}/%ff`)).body).toContain('<Code>InvalidURI</Code>');
  });
});

describe('a copy', () => {
  it('takes metadata and tags along, or replaces them', async () => {
    await put('source', 'text', { ContentType: 'text/plain', Metadata: { a: '1' }, Tagging: 'k=v' });
    const CopySource = `${Bucket}/source`;
    await client.send(new CopyObjectCommand({ Bucket, Key: 'copied', CopySource }));
    expect(await get('copied')).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' }, TagCount: 1 });

    const replaced = { MetadataDirective: 'REPLACE', Metadata: { b: '2' }, TaggingDirective: 'REPLACE' } as const;
    await client.send(new CopyObjectCommand({ Bucket, Key: 'replaced', CopySource, ...replaced }));
    const got = await get('replaced');
    expect(got).toMatchObject({ ContentType: 'binary/octet-stream', Metadata: { b: '2' } });
    expect(got.TagCount).toBeUndefined();
    expect(Buffer.from(got.bytes).toString()).toBe('text');
  });

  it('finds a source whose key needs encoding', async () => {
    await put('größe + 100%/a b', 'text');
    const CopySource = `/${Bucket}/${encodeURIComponent('größe + 100%/a b')}`;
    await client.send(new CopyObjectCommand({ Bucket, Key: 'decoded', CopySource }));
    expect(await read('decoded')).toBe('text');
  });

  it('onto itself must change something', async () => {
    const { ETag } = await put('same', 'text');
    const self = { Bucket, Key: 'same', CopySource: `${Bucket}/same` };
    expect(await errorOf(client.send(new CopyObjectCommand(self)))).toMatchObject({ name: 'InvalidRequest' });
    await client.send(new CopyObjectCommand({ ...self, MetadataDirective: 'REPLACE', ContentType: 'text/html' }));
    expect(await get('same')).toMatchObject({ ContentType: 'text/html', ETag });
  });

  it('obeys conditions on its source', async () => {
    await put('source', 'text');
    const copy = { Bucket, Key: 'conditional-copy', CopySource: `${Bucket}/source` };
    const refused = client.send(new CopyObjectCommand({ ...copy, CopySourceIfMatch: '"other"' }));
    expect(await errorOf(refused)).toMatchObject({ name: 'PreconditionFailed' });
    const absent = client.send(new CopyObjectCommand({ ...copy, CopySource: `${Bucket}/absent` }));
    expect(await errorOf(absent)).toMatchObject({ name: 'NoSuchKey' });
  });
});

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
    await put('d1');
    const Objects = [{ Key: 'd1' }, { Key: 'never there' }];
    const loud = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(loud.Deleted).toEqual(Objects);
    const quiet = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    expect(quiet.Deleted).toBeUndefined();
  });

  it('refuses a document that is none, or that nothing protects', async () => {
    const md5 = (body: string) => ({ 'content-md5': createHash('md5').update(body).digest('base64') });
    for (const body of ['<Delete>', '<Other/>', '<Delete></Delete>', 'text']) {
      const { status, body: answer } = await raw('POST', `/${Bucket}?delete`, md5(body), body);
      expect(status).toBe(400);
      expect(answer).toContain('<Code>MalformedXML</Code>');
    }
    const bare = await raw('POST', `/${Bucket}?delete`, {}, '<Delete><Object><Key>a</Key></Object></Delete>');
    expect(bare.body).toContain('<Code>InvalidRequest</Code>');
  });
});

describe('buckets', () => {
  it('are listed, located and described', async () => {
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain(Bucket);
    expect((await client.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('eu-central-1');
    expect((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('eu-central-1');
    expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    expect((await client.send(new GetBucketVersioningCommand({ Bucket: Versioned }))).Status).toBe('Enabled');
  });

  it('that do not exist are named in the error', async () => {
    const absent = { Bucket: 'absent-bucket' };
    expect(await errorOf(client.send(new ListObjectsV2Command(absent)))).toMatchObject({ name: 'NoSuchBucket' });
    const write = new PutObjectCommand({ ...absent, Key: 'k', Body: 'x'.repeat(2_000_000) });
    expect(await errorOf(client.send(write))).toMatchObject({ name: 'NoSuchBucket', status: 404 });
  });

  it('are deleted only when empty, or by force', async () => {
    cloud.s3.putBucket(bucketSpec('going-bucket', { versioned: true }));
    const object = { Bucket: 'going-bucket', Key: 'k' };
    await client.send(new PutObjectCommand({ ...object, Body: 'x' }));
    await client.send(new DeleteObjectCommand(object));
    await expect(cloud.s3.deleteBucket('going-bucket')).rejects.toThrow(/still holds/);
    await cloud.s3.deleteBucket('going-bucket', { force: true });
    expect(await errorOf(client.send(new HeadBucketCommand({ Bucket: 'going-bucket' })))).toMatchObject({
      status: 404,
    });
  });

  it('are not made by calls: what is not there is named', async () => {
    const error = await errorOf(client.send(new CreateBucketCommand({ Bucket: 'new-bucket' })));
    expect(error).toMatchObject({ name: 'NotImplemented', status: 501 });
    expect(error.message).toContain('PUT bucket');
    expect(() => cloud.s3.putBucket(bucketSpec('No_Name'))).toThrow(/no bucket name/);
  });

  it('can be named by the host', async () => {
    await put('by-host', 'text');
    expect((await raw('GET', '/by-host', { host: `${Bucket}.localhost:4566` })).body).toBe('text');
  });
});

describe('CORS', () => {
  const rule = {
    allowedOrigins: ['https://*.example.com'],
    allowedMethods: ['PUT', 'GET'],
    allowedHeaders: ['content-*'],
    exposedHeaders: ['ETag'],
    maxAgeSeconds: 300,
  };
  const asked = { origin: 'https://app.example.com', 'access-control-request-method': 'PUT' };
  beforeAll(() => cloud.s3.putBucket(bucketSpec('cors-bucket', { cors: [rule] })));
  const fetchBucket = (init: RequestInit) =>
    fetch(`${cloud.url}/cors-bucket/k`, { signal: AbortSignal.timeout(10_000), ...init });

  it('answers a preflight by the rules of the bucket', async () => {
    const headers = { ...asked, 'access-control-request-headers': 'Content-Type' };
    const allowed = await fetchBucket({ method: 'OPTIONS', headers });
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(allowed.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(allowed.headers.get('access-control-allow-headers')).toBe('content-type');
    expect(allowed.headers.get('access-control-max-age')).toBe('300');
  });

  it.each([
    ['another origin', { ...asked, origin: 'https://example.org' }],
    ['another method', { ...asked, 'access-control-request-method': 'DELETE' }],
    ['another header', { ...asked, 'access-control-request-headers': 'x-custom' }],
  ])('refuses %s', async (_, headers) => {
    const refused = await fetchBucket({ method: 'OPTIONS', headers });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('lets a page read replies and errors alike', async () => {
    const denied = await fetchBucket({ headers: { origin: asked.origin } });
    expect(denied.status).toBe(403);
    expect(denied.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(denied.headers.get('access-control-expose-headers')).toBe('ETag');
  });
});
