import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { handleRequest } from '../../lambdas/web-site/custom-resource.ts';
import { publishSite } from '../../lambdas/web-site/publish.ts';
import { readFiles } from '../../lambdas/web-site/read-files.ts';
import { siteFile } from '../../lambdas/web-site/site-file.ts';
import { inMemorySiteStore } from '../fakes/site-store.ts';

const files = (...keys: string[]) => keys.map(key => siteFile(key, Buffer.from(key)));
const page = files('assets/main-AAAAAAAA.js', 'assets/style-BBBBBBBB.css', 'index.html');
const config = { restUrl: 'https://api.test/v1/', stage: 'dev' };

describe('publishing a page', () => {
  it('puts what the page loads before the page itself, and removes what is gone only after it', async () => {
    const { store, steps } = inMemorySiteStore();
    await publishSite(store, files('assets/main-OLDOLDOL.js', 'index.html'), config, 'first');
    steps.length = 0;
    expect(await publishSite(store, page, config, 'second')).toEqual({ published: 4, removed: 1 });
    expect(steps.slice(0, 3).sort()).toEqual([
      'put assets/main-AAAAAAAA.js',
      'put assets/style-BBBBBBBB.css',
      'put config.json',
    ]);
    expect(steps.slice(3)).toEqual(['put index.html', 'remove assets/main-OLDOLDOL.js', 'invalidate second']);
  });

  it('lets browsers keep for ever what has a hash in its name, and ask for the rest', async () => {
    const { store, files: published } = inMemorySiteStore();
    await publishSite(store, page, config, 'first');
    const described = [...published.values()].map(({ key, contentType, cacheControl }) => [
      key,
      contentType,
      cacheControl,
    ]);
    const forEver = 'public, max-age=31536000, immutable';
    expect(described.sort()).toEqual([
      ['assets/main-AAAAAAAA.js', 'text/javascript; charset=utf-8', forEver],
      ['assets/style-BBBBBBBB.css', 'text/css; charset=utf-8', forEver],
      ['config.json', 'application/json', 'no-cache'],
      ['index.html', 'text/html; charset=utf-8', 'no-cache'],
    ]);
    expect(JSON.parse(Buffer.from(published.get('config.json')?.content ?? '').toString())).toEqual(config);
  });

  it('refuses files without a page, and kinds of files that it does not know, before it puts anything', async () => {
    const { store, steps } = inMemorySiteStore();
    await expect(publishSite(store, files('a.js'), config, 'first')).rejects.toThrow('no index.html');
    expect(() => files('a.exe')).toThrow('a.exe');
    expect(steps).toEqual([]);
  });
});

describe('the custom resource', () => {
  const stores = new Map<string, ReturnType<typeof inMemorySiteStore>>();
  const storeOf = (bucket: string, distribution: string) => {
    const known = stores.get(`${bucket} ${distribution}`) ?? inMemorySiteStore();
    stores.set(`${bucket} ${distribution}`, known);
    return known.store;
  };
  const ports = { readFiles: async () => page, storeOf };
  const properties = { ServiceToken: 'arn', BucketName: 'site', DistributionId: 'E1', Config: config, Files: 'hash' };
  const common = {
    ...{ ServiceToken: 'arn', ResponseURL: 'https://cloudformation.test', StackId: 'stack', RequestId: 'request' },
    ...{ LogicalResourceId: 'Page', ResourceType: 'Custom::WebSite' },
  };
  const request = (RequestType: 'Create' | 'Update' | 'Delete', more: object = {}) =>
    ({
      ...common,
      ...{ RequestType, ResourceProperties: properties, OldResourceProperties: properties, PhysicalResourceId: 'site' },
      ...more,
    }) as CloudFormationCustomResourceEvent; // a request of each kind has some of these

  it('publishes at a create and at an update, and takes all away at a delete', async () => {
    const created = await handleRequest(ports, request('Create', { PhysicalResourceId: undefined }));
    expect(created).toEqual({ status: 'SUCCESS', physicalId: 'site', attributes: { Published: '4', Removed: '0' } });
    const { store } = stores.get('site E1') ?? inMemorySiteStore();
    await store.put(siteFile('left.txt', Buffer.from('x')));
    expect(await handleRequest(ports, request('Update'))).toMatchObject({ attributes: { Removed: '1' } });
    const removed = await handleRequest(ports, request('Delete'));
    expect(removed).toMatchObject({ status: 'SUCCESS', physicalId: 'site' });
    expect(await store.keys()).toEqual([]);
  });

  it('fails with the reason, keeping its id, and touches no bucket for what was not created', async () => {
    const broken = { ...ports, readFiles: () => Promise.reject(new Error('no files')) };
    const outcome = await handleRequest(broken, request('Create', { PhysicalResourceId: undefined }));
    expect(outcome).toMatchObject({ status: 'FAILED', reason: 'no files' });
    expect(await handleRequest(broken, request('Update'))).toMatchObject({ physicalId: 'site', reason: 'no files' });
    const { store } = stores.get('site E1') ?? inMemorySiteStore();
    await store.put(siteFile('index.html', Buffer.from('x')));
    const never = await handleRequest(ports, request('Delete', { PhysicalResourceId: outcome.physicalId }));
    expect(never.status).toBe('SUCCESS');
    expect(await store.keys()).toEqual(['index.html']);
    const wrong = { ResourceProperties: { ...properties, BucketName: '' } };
    expect(await handleRequest(ports, request('Update', wrong))).toMatchObject({ status: 'FAILED' });
  });
});

describe('reading the files of a bundle', () => {
  let folder = '';
  afterEach(() => rm(folder, { recursive: true }));

  it('names each by its path', async () => {
    folder = await mkdtemp(join(tmpdir(), 'site-files-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), 'page');
    await writeFile(join(folder, 'assets', 'main-AAAAAAAA.js'), 'script');
    const found = (await readFiles(folder)).map(({ key, content }) => [key, Buffer.from(content).toString()]);
    expect(found).toEqual([
      ['assets/main-AAAAAAAA.js', 'script'],
      ['index.html', 'page'],
    ]);
  });
});
