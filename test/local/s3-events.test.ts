import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeEventKey, sequencerAfter } from '../../local/s3/notifications.ts';
import { bucketSpec, errorOf, QUEUE, region, startS3, type TestS3 } from './s3-fixture.ts';

const Bucket = 'events-bucket';
const everything = { queueArn: QUEUE, events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] };
let cloud: TestS3;
let client: S3Client;

beforeEach(async () => {
  cloud = await startS3();
  client = cloud.client();
});
afterEach(() => cloud.close());

const put = (Key: string, Body = 'text') => client.send(new PutObjectCommand({ Bucket, Key, Body }));
const remove = (Key: string, VersionId?: string) => client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const names = () => cloud.events().map(({ eventName, s3 }) => `${eventName} ${s3.object.key}`);

describe('events', () => {
  it('describe a written object in the form of version 2.1', async () => {
    cloud.s3.putBucket(bucketSpec(Bucket, { versioned: true, notifications: [everything] }));
    const { ETag, VersionId } = await put('reports/Grüße & more.md', 'twelve bytes');
    expect(cloud.sent.at(-1)).toMatchObject({ queueArn: QUEUE, sourceArn: `arn:aws:s3:::${Bucket}` });
    expect(cloud.events()).toEqual([
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'AWS:test' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: expect.any(String),
          bucket: { name: Bucket, ownerIdentity: { principalId: expect.any(String) }, arn: `arn:aws:s3:::${Bucket}` },
          object: {
            key: 'reports/Gr%C3%BC%C3%9Fe+%26+more.md',
            size: 12,
            eTag: ETag?.replaceAll('"', ''),
            versionId: VersionId,
            sequencer: expect.stringMatching(/^00[0-9A-F]{16}$/),
          },
        },
      },
    ]);
  });

  it('tell how an object came to be, and how it went', async () => {
    cloud.s3.putBucket(bucketSpec(Bucket, { notifications: [everything] }));
    await put('a');
    await client.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` }));
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'c' }));
    const part = { Bucket, Key: 'c', UploadId, PartNumber: 1 };
    const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: 'text' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'c', UploadId, MultipartUpload }));
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }, { Key: 'b' }] } }));
    await remove('never there');
    expect(names()).toEqual([
      'ObjectCreated:Put a',
      'ObjectCreated:Copy b',
      'ObjectCreated:CompleteMultipartUpload c',
      'ObjectRemoved:Delete a',
      'ObjectRemoved:Delete b',
    ]);
    expect(cloud.events().at(-1).s3.object).toEqual({ key: 'b', sequencer: expect.any(String) });
  });

  it('tell a delete marker from a removed version', async () => {
    cloud.s3.putBucket(bucketSpec(Bucket, { versioned: true, notifications: [everything] }));
    const { VersionId } = await put('a');
    const marker = await remove('a');
    await remove('a', VersionId);
    const [, marked, removed] = cloud.events();
    expect(marked).toMatchObject({
      eventName: 'ObjectRemoved:DeleteMarkerCreated',
      s3: { object: { key: 'a', versionId: marker.VersionId } },
    });
    expect(removed).toMatchObject({
      eventName: 'ObjectRemoved:Delete',
      s3: { object: { key: 'a', versionId: VersionId } },
    });
  });

  it('go to every queue whose events, prefix and suffix match', async () => {
    const other = `${QUEUE}-pdf`;
    const notifications = [
      { queueArn: QUEUE, events: ['s3:ObjectCreated:*'], prefix: 'documents/' },
      { queueArn: other, events: ['s3:ObjectCreated:Put'], prefix: 'documents/', suffix: '.pdf' },
    ];
    cloud.s3.putBucket(bucketSpec(Bucket, { notifications }));
    await put('documents/a.pdf');
    await put('documents/a.md');
    await put('elsewhere/a.pdf');
    await client.send(
      new CopyObjectCommand({ Bucket, Key: 'documents/b.pdf', CopySource: `${Bucket}/elsewhere/a.pdf` }),
    );
    await remove('documents/a.pdf');
    const received = (arn: string) =>
      cloud.sent
        .flatMap(({ queueArn, body }) => (queueArn === arn && body.Records ? body.Records : []))
        .map(record => record.s3.object.key);
    expect(received(QUEUE)).toEqual(['documents/a.pdf', 'documents/a.md', 'documents/b.pdf']);
    expect(received(other)).toEqual(['documents/a.pdf']);
  });

  it('are not sent for a write that was refused', async () => {
    cloud.s3.putBucket(bucketSpec(Bucket, { notifications: [everything] }));
    await put('a');
    const refused = client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'b', IfNoneMatch: '*' }));
    expect(await errorOf(refused)).toMatchObject({ status: 412 });
    expect(names()).toEqual(['ObjectCreated:Put a']);
  });

  it('have sequencers that grow with each change of a key', async () => {
    cloud.s3.putBucket(bucketSpec(Bucket, { versioned: true, notifications: [everything] }));
    for (let round = 0; round < 20; round++) {
      await put('a', `${round}`);
      await remove('a');
    }
    const sequencers = cloud.events().map(({ s3 }) => s3.object.sequencer);
    expect(sequencers).toHaveLength(40);
    expect([...sequencers].sort()).toEqual(sequencers);
    expect(new Set(sequencers).size).toBe(40);
  });

  it('that a queue refuses are logged, and the object stays', async () => {
    cloud.s3.putBucket(bucketSpec(Bucket, { notifications: [everything] }));
    cloud.refusing.add(QUEUE);
    await put('a');
    expect(cloud.lines).toEqual([expect.stringContaining(`${QUEUE} does not take it`)]);
    cloud.refusing.clear();
    await put('b');
    expect(names()).toEqual(['ObjectCreated:Put b']);
  });
});

describe('a destination', () => {
  it('is tried with a test event when it is new', () => {
    const spec = bucketSpec(Bucket, { notifications: [everything] });
    cloud.s3.putBucket(spec);
    expect(cloud.sent).toMatchObject([
      {
        queueArn: QUEUE,
        sourceArn: `arn:aws:s3:::${Bucket}`,
        body: { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket },
      },
    ]);
    cloud.s3.putBucket(spec);
    expect(cloud.sent).toHaveLength(1);
  });

  it('that cannot be sent to makes the bucket fail', async () => {
    cloud.refusing.add(QUEUE);
    const spec = bucketSpec(Bucket, { notifications: [everything] });
    expect(() => cloud.s3.putBucket(spec)).toThrow(
      /Unable to validate the following destination configurations.*uploads/,
    );
    expect(await errorOf(put('a'))).toMatchObject({ name: 'NoSuchBucket' });
  });
});

describe('a notification', () => {
  it('for events that are never sent makes the bucket fail', () => {
    const notifications = [{ queueArn: QUEUE, events: ['s3:ObjectRestore:*'] }];
    expect(() => cloud.s3.putBucket(bucketSpec(Bucket, { notifications }))).toThrow(
      /does not send s3:ObjectRestore:\*/,
    );
  });
});

describe('after a crash', () => {
  it('events that were recorded are sent, once the bucket is there again', async () => {
    const spec = bucketSpec(Bucket, { notifications: [everything] });
    cloud.s3.putBucket(spec);
    await put('a');
    const row = cloud.database.prepare('INSERT INTO s3_events (bucket, queue_arn, body) VALUES (?, ?, ?)');
    row.run(Bucket, QUEUE, JSON.stringify({ Records: [{ eventName: 'left behind', s3: { object: { key: 'x' } } }] }));
    await cloud.stop();

    cloud = await startS3({ directory: cloud.directory });
    expect(cloud.sent).toEqual([]); // its queue may not be there yet
    cloud.s3.putBucket(spec);
    expect(names()).toEqual(['left behind x']);
    client = cloud.client();
    await put('b');
    expect(names()).toEqual(['left behind x', 'ObjectCreated:Put b']);
  });

  it('an object and its event are there both, or neither', async () => {
    cloud.s3.putBucket(bucketSpec(Bucket, { notifications: [everything] }));
    cloud.database.exec(
      `CREATE TRIGGER no_events BEFORE INSERT ON s3_events BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    );
    expect(await errorOf(put('a'))).toMatchObject({ name: 'InternalError', status: 500 });
    expect(cloud.lines[0]).toContain('disk full');
    cloud.database.exec('DROP TRIGGER no_events');
    expect(
      await errorOf(client.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` }))),
    ).toMatchObject({
      name: 'NoSuchKey',
    });
    expect(names()).toEqual([]);
  });
});

describe('sequencerAfter', () => {
  const now = Date.UTC(2026, 10, 21);
  it('follows the clock in 18 digits', () => {
    expect(sequencerAfter(undefined, now)).toBe(`00${(now / 1000).toString(16).toUpperCase()}00000000`);
  });
  it('grows though the clock stands still or goes back', () => {
    const first = sequencerAfter(undefined, now);
    const second = sequencerAfter(first, now);
    const third = sequencerAfter(second, now - 3_600_000);
    expect(first < second && second < third).toBe(true);
    expect(third).toHaveLength(first.length);
  });
});

describe('encodeEventKey', () => {
  it.each([
    ['a b+c.txt', 'a+b%2Bc.txt'],
    ["it's (new)!~*.md", 'it%27s+%28new%29%21%7E*.md'],
    ['tenants/acme/100%.csv', 'tenants/acme/100%25.csv'],
  ])('writes %j as a form does', (key, encoded) => {
    expect(encodeEventKey(key)).toBe(encoded);
    expect(decodeURIComponent(encoded.replaceAll('+', ' '))).toBe(key);
  });
});
