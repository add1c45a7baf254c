import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import { cloudFrontSiteStore } from '../../lambdas/adapters/cloudfront-site-store.ts';
import { siteFile } from '../../lambdas/web-site/site-file.ts';
import { inMemorySiteStore } from '../fakes/site-store.ts';
import { type RunningSite, startSite } from '../local/cloudfront-fixture.ts';
import { siteStoreContract } from './site-store.ts';

describe('a site store in memory', () => {
  siteStoreContract(async () => {
    const { store, files } = inMemorySiteStore();
    return { store, read: async key => Buffer.from(files.get(key)?.content ?? '').toString() || undefined };
  });
});

describe('a site store of S3 and CloudFront', () => {
  let site: RunningSite | undefined;
  afterEach(() => site?.close());

  async function start() {
    site = await startSite();
    const { url, bucket, id, get } = site;
    const credentials = { accessKeyId: 'me', secretAccessKey: 'me' };
    const config = { endpoint: url, region: 'eu-west-1', credentials, maxAttempts: 1 };
    const clients = { s3: new S3Client({ ...config, forcePathStyle: true }), cloudFront: new CloudFrontClient(config) };
    return { store: cloudFrontSiteStore(clients, { bucketName: bucket, distributionId: id }), get };
  }

  siteStoreContract(async () => {
    const { store, get } = await start();
    return {
      store,
      async read(key) {
        const response = await get(key);
        return response.ok ? response.text() : undefined;
      },
    };
  });

  it('keeps type and caching of a file', async () => {
    const { store, get } = await start();
    await store.put(siteFile('assets/main-ABCDEFGH.js', Buffer.from('export {}')));
    const { headers } = await get('assets/main-ABCDEFGH.js');
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('removes more keys than one call takes', async () => {
    const { store } = await start();
    const keys = Array.from({ length: 1001 }, (_, number) => `${number}.txt`);
    await store.put(siteFile('1000.txt', Buffer.from('the last')));
    await store.remove(keys);
    expect(await store.keys()).toEqual([]);
  });
});
