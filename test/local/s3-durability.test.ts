import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SqsServer } from '../../local/contracts.ts';
import { createSqs } from '../../local/sqs/server.ts';
import { bucketSpec, errorOf, QUEUE, region, startS3, storedBodies, type TestS3 } from './s3-fixture.ts';

const Bucket = 'durable-bucket';
let cloud: TestS3;
let client: S3Client;

beforeEach(async () => {
  cloud = await startS3();
  cloud.s3.putBucket(bucketSpec(Bucket));
  client = cloud.client();
});
afterEach(() => cloud.close());

const put = (Key: string, Body: string | Uint8Array) => client.send(new PutObjectCommand({ Bucket, Key, Body }));
async function read(Key: string) {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToString();
}

describe('an upload that breaks off', () => {
  /** Sends half of what it announces, then drops the connection once `started` holds. */
  function breakOff(key: string, started: () => boolean) {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0';
    const headers = { authorization, 'x-amz-date': '20260101T000000Z', 'content-length': 2_000_000 };
    const sent = request(`${cloud.url}/${Bucket}/${key}`, { method: 'PUT', headers });
    sent.on('error', () => undefined); // the test itself ends the connection
    sent.write(Buffer.alloc(1_000_000));
    return vi.waitUntil(started, { timeout: 10_000 }).then(() => sent.destroy());
  }

  it('leaves no object and no file, and the object before it stays', async () => {
    await put('a', 'before');
    const before = storedBodies(cloud);
    await breakOff('a', () => storedBodies(cloud).length > before.length);
    await vi.waitUntil(() => storedBodies(cloud).length === before.length, { timeout: 10_000 });
    expect(await read('a')).toBe('before');
    expect(cloud.lines).toEqual([]); // nothing of the server's failed
  });
});

describe('a restart', () => {
  it('keeps objects, and removes what a crash left half done', async () => {
    await put('kept', 'text');
    const kept = storedBodies(cloud);
    await cloud.stop();
    writeFileSync(join(cloud.directory, 's3', 'temporary', 'half'), 'half');
    const folder = join(cloud.directory, 's3', 'bodies', kept[0]?.slice(0, 2) ?? '');
    writeFileSync(join(folder, 'complete-but-not-recorded'), 'text');

    cloud = await startS3({ directory: cloud.directory });
    client = cloud.client();
    expect(storedBodies(cloud)).toEqual(kept);
    expect(await read('kept')).toBe('text');
  });
});

describe('bodies', () => {
  it('go with their objects', async () => {
    for (let round = 0; round < 3; round++) await put('a', `${round}`);
    expect(storedBodies(cloud)).toHaveLength(1);
    await cloud.s3.deleteBucket(Bucket, { force: true });
    expect(storedBodies(cloud)).toEqual([]);
  });

  it('that are being read are read to their end, though the object is overwritten', async () => {
    const size = 8_000_000;
    await put('a', Buffer.alloc(size, 'old'));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'a' }));
    await put('a', 'new');
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Buffer.alloc(size, 'old'))).toBe(true);
    expect(await read('a')).toBe('new');
  });

  it('that are missing on disk are an error, not an empty object', async () => {
    await put('a', 'text');
    await cloud.s3.deleteBucket('no-such-bucket');
    cloud.database.exec("UPDATE s3_versions SET body = '00000000-lost'");
    expect(await errorOf(read('a'))).toMatchObject({ name: 'InternalError', status: 500 });
    expect(cloud.lines[0]).toContain('00000000-lost');
  });
});

describe('with the real queues', () => {
  it('events arrive as the policy of the queue allows', async () => {
    const queue = { visibilityTimeoutSeconds: 30, delaySeconds: 0, retentionSeconds: 3600, receiveWaitSeconds: 0 };
    let sqs: SqsServer | undefined;
    const wired = await startS3({
      makeSqs: deps => {
        sqs = createSqs({ ...deps, url: () => '', region });
        sqs.putQueue({ name: 'uploads', ...queue });
        return sqs;
      },
    });
    try {
      const spec = bucketSpec(Bucket, { notifications: [{ queueArn: QUEUE, events: ['s3:ObjectCreated:*'] }] });
      expect(() => wired.s3.putBucket(spec)).toThrow(/Unable to validate/);
      wired.iam.putResourcePolicy(QUEUE, {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 's3.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: QUEUE,
            Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${Bucket}` } },
          },
        ],
      });
      wired.s3.putBucket(spec);
      await wired.client().send(new PutObjectCommand({ Bucket, Key: 'a b.md', Body: 'text' }));
      const operator = { kind: 'operator', accessKeyId: 'test' } as const;
      const messages = await sqs?.receive(operator, QUEUE, 10, 0, AbortSignal.timeout(10_000));
      const [test, event] = (messages ?? []).map(({ body }) => JSON.parse(body));
      expect(test.Event).toBe('s3:TestEvent');
      expect(event.Records).toMatchObject([
        { eventName: 'ObjectCreated:Put', s3: { object: { key: 'a+b.md', size: 4 } } },
      ]);
    } finally {
      await wired.close();
    }
  });
});
