import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketSpec, errorOf, startS3, storedBodies, type TestS3 } from './s3-fixture.ts';

const Bucket = 'parts-bucket';
const MIN_PART = 5 * 1024 * 1024;
const first = Buffer.alloc(MIN_PART, 'first ');
const last = Buffer.from('the last part may be small');
const whole = Buffer.concat([first, last]);
let cloud: TestS3;
let client: S3Client;

beforeAll(async () => {
  cloud = await startS3();
  cloud.s3.putBucket(bucketSpec(Bucket, { versioned: true }));
  client = cloud.client();
});
afterAll(() => cloud.close());

const md5 = (data: Uint8Array) => createHash('md5').update(data).digest();
const base64Crc32 = (data: Uint8Array) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(data));
  return bytes.toString('base64');
};

async function create(Key: string, options: Partial<CreateMultipartUploadCommandInput> = {}) {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...options }));
  return { Bucket, Key, UploadId };
}
type UploadOf = Awaited<ReturnType<typeof create>>;

async function upload(of: UploadOf, PartNumber: number, Body: Uint8Array, extra = {}): Promise<CompletedPart> {
  const part = await client.send(new UploadPartCommand({ ...of, PartNumber, Body, ...extra }));
  const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA256 } = part;
  return { PartNumber, ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA256 };
}
const complete = (of: UploadOf, Parts: CompletedPart[], extra = {}) =>
  client.send(new CompleteMultipartUploadCommand({ ...of, MultipartUpload: { Parts }, ...extra }));
const head = (Key: string, extra = {}) =>
  client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED', ...extra }));
async function read(Key: string, extra = {}) {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...extra }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe('a multipart upload', () => {
  it('becomes one object with the ETag of its parts, and the headers it was created with', async () => {
    const of = await create('joined', { ContentType: 'text/plain', Metadata: { a: '1' }, Tagging: 'k=v' });
    const parts = [await upload(of, 1, first), await upload(of, 7, last)];
    const done = await complete(of, parts);
    const etag = md5(Buffer.concat([md5(first), md5(last)])).toString('hex');
    expect(done.ETag).toBe(`"${etag}-2"`);
    expect(done.VersionId).toBeDefined();
    expect(await head('joined')).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' }, ETag: done.ETag });
    expect((await read('joined')).equals(whole)).toBe(true);
    expect((await read('joined', { Range: `bytes=${MIN_PART - 2}-${MIN_PART + 1}` })).toString()).toBe(
      whole.subarray(MIN_PART - 2, MIN_PART + 2).toString(),
    );
  });

  it('can be read part by part', async () => {
    const of = await create('by-part');
    await complete(of, [await upload(of, 1, first), await upload(of, 2, last)]);
    expect((await read('by-part', { PartNumber: 2 })).equals(last)).toBe(true);
    expect(await head('by-part', { PartNumber: 1 })).toMatchObject({ PartsCount: 2, ContentLength: MIN_PART });
    expect(await errorOf(head('by-part', { PartNumber: 3 }))).toMatchObject({ status: 416 });
  });

  it('has a composite checksum by default', async () => {
    const of = await create('composite', { ChecksumAlgorithm: 'CRC32' });
    const parts = [await upload(of, 1, first), await upload(of, 2, last)];
    const done = await complete(of, parts);
    const raw = parts.map(part => Buffer.from(part.ChecksumCRC32 ?? '', 'base64'));
    expect(done.ChecksumCRC32).toBe(`${base64Crc32(Buffer.concat(raw))}-2`);
    expect(await head('composite')).toMatchObject({ ChecksumCRC32: done.ChecksumCRC32, ChecksumType: 'COMPOSITE' });
  });

  it('has a checksum of the whole object when asked for', async () => {
    const of = await create('full', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const parts = [await upload(of, 1, first), await upload(of, 2, last)];
    const wrong = complete(of, parts, { ChecksumCRC32: base64Crc32(last) });
    expect(await errorOf(wrong)).toMatchObject({ name: 'BadDigest' });
    const done = await complete(of, parts, { ChecksumCRC32: base64Crc32(whole), MpuObjectSize: whole.length });
    expect(done).toMatchObject({ ChecksumCRC32: base64Crc32(whole), ChecksumType: 'FULL_OBJECT' });
  });

  it('refuses kinds of checksums that do not exist', async () => {
    const composite = create('x', { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' });
    expect(await errorOf(composite)).toMatchObject({ name: 'InvalidRequest' });
    const full = create('x', { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' });
    expect(await errorOf(full)).toMatchObject({ name: 'InvalidRequest' });
  });

  it('refuses lists that are out of order, unknown or changed', async () => {
    const of = await create('strict');
    const [one, two] = [await upload(of, 1, first), await upload(of, 2, last)];
    expect(await errorOf(complete(of, [two, one]))).toMatchObject({ name: 'InvalidPartOrder' });
    expect(await errorOf(complete(of, [one, { ...two, ETag: one.ETag }]))).toMatchObject({ name: 'InvalidPart' });
    expect(await errorOf(complete(of, [one, { ...two, PartNumber: 3 }]))).toMatchObject({ name: 'InvalidPart' });
    const wrongSum = { ...one, ChecksumCRC32: base64Crc32(last) };
    expect(await errorOf(complete(of, [wrongSum, two]))).toMatchObject({ name: 'InvalidPart' });
    expect(await errorOf(complete(of, []))).toMatchObject({ name: 'MalformedXML' });
    const size = complete(of, [one, two], { MpuObjectSize: 1 });
    expect(await errorOf(size)).toMatchObject({ name: 'InvalidRequest' });
    await complete(of, [one, two]);
  });

  it('refuses a small part that is not the last', async () => {
    const of = await create('small');
    const parts = [await upload(of, 1, last), await upload(of, 2, last)];
    expect(await errorOf(complete(of, parts))).toMatchObject({ name: 'EntityTooSmall', status: 400 });
  });

  it('takes the last upload of a part', async () => {
    const of = await create('again');
    await upload(of, 1, Buffer.from('wrong'));
    await complete(of, [await upload(of, 1, last)]);
    expect((await read('again')).equals(last)).toBe(true);
  });

  it('refuses a part with a wrong checksum', async () => {
    const of = await create('checked', { ChecksumAlgorithm: 'CRC32' });
    const wrong = upload(of, 1, last, { ChecksumCRC32: base64Crc32(first) });
    expect(await errorOf(wrong)).toMatchObject({ name: 'BadDigest' });
    expect(await errorOf(upload(of, 0, last))).toMatchObject({ name: 'InvalidArgument' });
  });

  it('copies parts from another object', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'source of parts', Body: whole }));
    const of = await create('copied');
    const CopySource = `${Bucket}/${encodeURIComponent('source of parts')}`;
    const copy = async (PartNumber: number, CopySourceRange: string) => {
      const command = new UploadPartCopyCommand({ ...of, PartNumber, CopySource, CopySourceRange });
      return { PartNumber, ETag: (await client.send(command)).CopyPartResult?.ETag };
    };
    const parts = [await copy(1, `bytes=0-${MIN_PART - 1}`), await copy(2, `bytes=${MIN_PART}-${whole.length - 1}`)];
    expect(await errorOf(copy(3, `bytes=0-${whole.length}`))).toMatchObject({ name: 'InvalidArgument' });
    await complete(of, parts);
    expect((await read('copied')).equals(whole)).toBe(true);
  });

  it('is listed with its parts until it ends', async () => {
    const of = await create('open/é b', { ChecksumAlgorithm: 'SHA256' });
    for (const number of [1, 2, 3]) await upload(of, number, last);
    const list = new ListMultipartUploadsCommand({ Bucket, Prefix: 'open/' });
    expect((await client.send(list)).Uploads).toMatchObject([{ Key: 'open/é b', UploadId: of.UploadId }]);

    const page = await client.send(new ListPartsCommand({ ...of, MaxParts: 2 }));
    expect(page.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([1, 2]);
    expect(page).toMatchObject({ IsTruncated: true, ChecksumAlgorithm: 'SHA256' });
    const rest = await client.send(new ListPartsCommand({ ...of, PartNumberMarker: page.NextPartNumberMarker }));
    expect(rest.Parts).toMatchObject([{ PartNumber: 3, Size: last.length }]);

    await client.send(new AbortMultipartUploadCommand(of));
    expect((await client.send(list)).Uploads).toBeUndefined();
    expect(await errorOf(upload(of, 4, last))).toMatchObject({ name: 'NoSuchUpload', status: 404 });
  });

  it('pages through uploads by key and id', async () => {
    const made = [await create('page/a'), await create('page/a'), await create('page/b')];
    const found: (string | undefined)[] = [];
    let KeyMarker: string | undefined;
    let UploadIdMarker: string | undefined;
    do {
      const query = { Bucket, Prefix: 'page/', MaxUploads: 1, KeyMarker, UploadIdMarker };
      const page = await client.send(new ListMultipartUploadsCommand(query));
      found.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
      KeyMarker = page.NextKeyMarker;
      UploadIdMarker = page.NextUploadIdMarker;
    } while (KeyMarker);
    expect(found).toEqual(made.map(({ UploadId }) => UploadId));
  });

  it('belongs to its key', async () => {
    const of = await create('mine');
    expect(await errorOf(upload({ ...of, Key: 'yours' }, 1, last))).toMatchObject({ name: 'NoSuchUpload' });
  });

  it('ends once, by whichever call comes first', async () => {
    const of = await create('contested');
    const parts = [await upload(of, 1, first), await upload(of, 2, last)];
    const abort = client.send(new AbortMultipartUploadCommand(of));
    const results = await Promise.allSettled([complete(of, parts), complete(of, parts), abort]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ name: 'NoSuchUpload' });
    }
    expect(cloud.lines).toEqual([]);
  });

  it('leaves nothing on disk when it is aborted, nor its parts when it is complete', async () => {
    const before = storedBodies(cloud);
    const aborted = await create('aborted');
    await upload(aborted, 1, last);
    await client.send(new AbortMultipartUploadCommand(aborted));
    const completed = await create('completed');
    const listed = await upload(completed, 1, last);
    await upload(completed, 2, last); // is not listed
    await complete(completed, [listed]);
    expect(storedBodies(cloud)).toHaveLength(before.length + 1);
  });
});
