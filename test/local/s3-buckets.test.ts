import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
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

describe('buckets', () => {
  it('are listed, located and described', async () => {
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain(Bucket);
    expect((await client.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('eu-central-1');
    expect((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('eu-central-1');
    expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    cloud.s3.putBucket(bucketSpec('versioned-bucket', { versioned: true }));
    const versioning = new GetBucketVersioningCommand({ Bucket: 'versioned-bucket' });
    expect((await client.send(versioning)).Status).toBe('Enabled');
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
    await client.send(new PutObjectCommand({ Bucket, Key: 'by-host', Body: 'text' }));
    const headers = { host: `${Bucket}.localhost:4566` };
    expect((await rawRequest(cloud, 'GET', '/by-host', headers)).body).toBe('text');
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
