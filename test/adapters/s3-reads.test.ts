import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3Reads } from '../../lambdas/adapters/s3-reads.ts';
import { s3TermStatisticsStore } from '../../lambdas/adapters/s3-term-statistics-store.ts';
import { TermCounter } from '../../lambdas/lexical/term-statistics.ts';
import { type LocalServices, startLocalServices } from '../support/local-services.ts';

const bucket = 'documents';

describe('reads of the bucket', () => {
  let services: LocalServices;
  beforeAll(async () => {
    services = await startLocalServices();
    services.s3.putBucket({ name: bucket, versioned: true, notifications: [], cors: [] });
  });
  afterAll(() => services.close());
  const reads = () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: 'a/b+c=' };
    return s3Reads(bucket, { endpoint: services.url, region: 'us-east-1', credentials });
  };

  it.each(['documents/a b.md', 'documents/été (1)/100% & more+.md'])('link to the very version of %s', async Key => {
    const put = (Body: string) => services.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    const { VersionId } = await put('first');
    await put('second');
    const read = async (version?: string) => (await fetch(await reads().links.presignGet(Key, version, 60))).text();
    expect(await read(VersionId)).toBe('first');
    expect(await read()).toBe('second');
  });

  it('give the statistics that were written, and none where none are', async () => {
    const counter = new TermCounter(1_000);
    counter.add('a lantern at the harbour');
    const statistics = counter.finish(2_000, 100);
    await s3TermStatisticsStore(services.clients.s3, bucket).write('acme', statistics);
    expect((await reads().statistics.read('acme'))?.encode()).toEqual(statistics.encode());
    expect(await reads().statistics.read('globex')).toBeUndefined();
  });
});
