import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketSpec, errorOf, startS3, type TestS3 } from './s3-fixture.ts';

const Bucket = 'guarded-bucket';
const bucketArn = `arn:aws:s3:::${Bucket}`;
const objects = `${bucketArn}/docs/*`;
const here = { Bucket, Key: 'docs/a' };
let cloud: TestS3;
let version: string | undefined;

beforeAll(async () => {
  cloud = await startS3();
  cloud.s3.putBucket(bucketSpec(Bucket, { versioned: true }));
  const operator = cloud.client();
  ({ VersionId: version } = await operator.send(new PutObjectCommand({ ...here, Body: 'text' })));
  await operator.send(new PutObjectCommand({ Bucket, Key: 'docs/tagged', Body: 'text', Tagging: 'k=v' }));
  await operator.send(new PutObjectCommand({ Bucket, Key: 'other/a', Body: 'text' }));
});
afterAll(() => cloud.close());

let roles = 0;
const allowed = (Action: string | string[], Resource: string | string[] = objects, Condition = {}) => {
  const credentials = cloud.role(`role-${roles++}`, [{ Effect: 'Allow', Action, Resource, Condition }]);
  return cloud.client({ credentials });
};
const denied = { name: 'AccessDenied', status: 403 };

describe('a role', () => {
  const calls: [action: string, call: (client: S3Client) => Promise<unknown>, resource?: string][] = [
    ['s3:GetObject', client => client.send(new HeadObjectCommand(here))],
    ['s3:GetObjectVersion', client => client.send(new HeadObjectCommand({ ...here, VersionId: version }))],
    ['s3:PutObject', client => client.send(new PutObjectCommand({ Bucket, Key: 'docs/new', Body: 'x' }))],
    ['s3:PutObject', client => client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'docs/new' }))],
    ['s3:DeleteObject', client => client.send(new DeleteObjectCommand({ Bucket, Key: 'docs/gone' }))],
    [
      's3:DeleteObjectVersion',
      client => client.send(new DeleteObjectCommand({ Bucket, Key: 'docs/gone', VersionId: 'v' })),
    ],
    ['s3:GetObjectTagging', client => client.send(new GetObjectTaggingCommand(here))],
    ['s3:PutObjectTagging', client => client.send(new PutObjectTaggingCommand({ ...here, Tagging: { TagSet: [] } }))],
    ['s3:ListBucket', client => client.send(new ListObjectsV2Command({ Bucket })), bucketArn],
    ['s3:ListBucketVersions', client => client.send(new ListObjectVersionsCommand({ Bucket })), bucketArn],
    ['s3:ListAllMyBuckets', client => client.send(new ListBucketsCommand({})), '*'],
  ];

  it.each(calls)('with %s alone may do just that', async (action, call, resource = objects) => {
    await call(allowed(action, resource));
    const others = [...new Set(calls.map(([name]) => name))].filter(name => name !== action);
    const refused = await errorOf(call(allowed(others, [bucketArn, objects])));
    // The SDK cannot read a reason from the reply to HEAD, which has no body.
    expect(refused.status).toBe(403);
    if (refused.name === 'AccessDenied') expect(refused.message).toContain(`may not ${action}`);
  });

  it('needs permission for the parts of an upload, and to abort it', async () => {
    const { UploadId } = await cloud.client().send(new CreateMultipartUploadCommand(here));
    const of = { ...here, UploadId };
    expect(await errorOf(allowed('s3:PutObject').send(new ListPartsCommand(of)))).toMatchObject(denied);
    await allowed('s3:ListMultipartUploadParts').send(new ListPartsCommand(of));
    expect(await errorOf(allowed('s3:PutObject').send(new AbortMultipartUploadCommand(of)))).toMatchObject(denied);
    await allowed('s3:AbortMultipartUpload').send(new AbortMultipartUploadCommand(of));
  });

  it('may not write where its resource does not reach', async () => {
    const write = new PutObjectCommand({ Bucket, Key: 'other/a', Body: 'x'.repeat(3_000_000) });
    const refused = await errorOf(allowed('s3:*').send(write));
    expect(refused).toMatchObject(denied);
    expect(refused.message).toContain(`${bucketArn}/other/a`);
  });

  it('needs permission of its own to write tags, also by copying them', async () => {
    const tagged = new PutObjectCommand({ Bucket, Key: 'docs/t', Body: 'x', Tagging: 'k=v' });
    expect(await errorOf(allowed('s3:PutObject').send(tagged))).toMatchObject(denied);
    await allowed(['s3:PutObject', 's3:PutObjectTagging']).send(tagged);
    const copy = new CopyObjectCommand({ Bucket, Key: 'docs/t', CopySource: `${Bucket}/docs/tagged` });
    expect(await errorOf(allowed(['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging']).send(copy))).toMatchObject(
      denied,
    );
    await allowed(['s3:GetObject', 's3:PutObject', 's3:*Tagging']).send(copy);
  });

  it('needs to read the source of a copy', async () => {
    const copy = new CopyObjectCommand({ Bucket, Key: 'docs/copy', CopySource: `${Bucket}/other/a` });
    expect(await errorOf(allowed(['s3:GetObject', 's3:PutObject']).send(copy))).toMatchObject(denied);
  });

  it('learns that a key is missing only when it may list', async () => {
    const absent = new GetObjectCommand({ Bucket, Key: 'docs/absent' });
    expect(await errorOf(allowed('s3:GetObject').send(absent))).toMatchObject(denied);
    const lister = allowed(['s3:GetObject', 's3:ListBucket'], [objects, bucketArn]);
    expect(await errorOf(lister.send(absent))).toMatchObject({ name: 'NoSuchKey', status: 404 });
  });

  it('lists only under the prefix that its condition names', async () => {
    const client = allowed('s3:ListBucket', bucketArn, { StringLike: { 's3:prefix': 'docs/*' } });
    await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'docs/' }));
    expect(await errorOf(client.send(new ListObjectsV2Command({ Bucket, Prefix: 'other/' })))).toMatchObject(denied);
    expect(await errorOf(client.send(new ListObjectsV2Command({ Bucket })))).toMatchObject(denied);
  });

  it('deletes of many keys just those that it may', async () => {
    const Objects = [{ Key: 'docs/many' }, { Key: 'other/many' }];
    const { Deleted, Errors } = await allowed('s3:DeleteObject').send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
    );
    expect(Deleted).toMatchObject([{ Key: 'docs/many' }]);
    expect(Errors).toMatchObject([{ Key: 'other/many', Code: 'AccessDenied' }]);
  });
});

describe('an anonymous caller', () => {
  const request = (path: string, init: RequestInit = {}) =>
    fetch(cloud.url + path, { signal: AbortSignal.timeout(10_000), ...init });

  it('may do nothing', async () => {
    expect((await request(`/${Bucket}/docs/a`)).status).toBe(403);
    expect((await request(`/${Bucket}/docs/a`, { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await request(`/${Bucket}`)).status).toBe(403);
  });

  it('may read what the bucket policy opens, but not dress it as another type', async () => {
    cloud.s3.putBucket(bucketSpec('public-bucket'));
    await cloud.client().send(new PutObjectCommand({ Bucket: 'public-bucket', Key: 'a', Body: 'open' }));
    const Resource = 'arn:aws:s3:::public-bucket/*';
    cloud.iam.putResourcePolicy('arn:aws:s3:::public-bucket', {
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource }],
    });
    expect(await (await request('/public-bucket/a')).text()).toBe('open');
    expect((await request('/public-bucket/a?response-content-type=text/html')).status).toBe(400);
  });
});
