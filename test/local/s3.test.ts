import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  ChecksumAlgorithm,
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketSpec, errorOf, rawRequest, startS3, type TestS3 } from './s3-fixture.ts';

const Bucket = 'plain-bucket';
let cloud: TestS3;
let client: S3Client;

beforeAll(async () => {
  cloud = await startS3();
  cloud.s3.putBucket(bucketSpec(Bucket));
  client = cloud.client();
});
afterAll(() => cloud.close());

const raw = (method: string, path: string, headers?: Record<string, string>, body?: string) =>
  rawRequest(cloud, method, path, headers, body);
const put = (Key: string, Body: string | Uint8Array = Key, extra = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...extra }));
/** The whole reply: a body that is not read would hold its connection. */
async function get(Key: string, extra = {}) {
  const reply = await client.send(new GetObjectCommand({ Bucket, Key, ...extra }));
  return { ...reply, bytes: (await reply.Body?.transformToByteArray()) ?? new Uint8Array() };
}
const read = async (Key: string, extra = {}) => Buffer.from((await get(Key, extra)).bytes).toString();

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
