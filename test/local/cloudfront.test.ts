import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { afterEach, describe, expect, it } from 'vitest';
import { type RunningSite, startSite } from './cloudfront-fixture.ts';

let site: RunningSite;
afterEach(() => site?.close());

const PAGE = `<!doctype html>${'<p>words</p>'.repeat(200)}`;
const HTML = { ContentType: 'text/html; charset=utf-8' };

/** Unlike `fetch`, says what it accepts, and leaves the body as it came. */
async function raw(path: string, headers: Record<string, string>) {
  const sent = request(`${site.outputs.Url}${path}`, { headers }).end();
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject);
  });
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

describe('a site', () => {
  it('has its local address, and its bucket that of the local S3, wherever they stand', async () => {
    site = await startSite();
    const { outputs, url, bucket } = site;
    expect(outputs.Url).toMatch(new RegExp(`^${url}/_site/d[a-z0-9]{13}/$`));
    expect(outputs.Policy).toBe(`connect-src 'self' ${url}/${bucket}/; img-src ${outputs.Url?.slice(0, -1)}`);
  });

  it('serves objects of its bucket, the default root object for its root, and names in UTF-8', async () => {
    site = await startSite();
    await site.put('index.html', PAGE, HTML);
    await site.put('assets/größe 1.js', 'export {}', { ContentType: 'text/javascript', CacheControl: 'max-age=9' });
    const root = await site.get('');
    expect([root.status, root.headers.get('content-type'), await root.text()]).toEqual([200, HTML.ContentType, PAGE]);
    const script = await site.get('assets/gr%C3%B6%C3%9Fe%201.js?v=1');
    expect([script.headers.get('cache-control'), await script.text()]).toEqual(['max-age=9', 'export {}']);
    expect((await site.get('%FF')).status).toBe(400);
  });

  it('leads an address without its slash to the root, so that relative addresses are right', async () => {
    site = await startSite();
    const response = await fetch(site.outputs.Url?.slice(0, -1) ?? '', { redirect: 'manual' });
    expect(response.status).toBe(301);
    expect(`${site.url}${response.headers.get('location')}`).toBe(site.outputs.Url);
  });

  it('answers HEAD like GET without the body, and refuses other methods', async () => {
    site = await startSite();
    await site.put('a.txt', 'hello');
    const head = await site.get('a.txt', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', '']);
    expect((await site.get('a.txt', { method: 'POST' })).status).toBe(403);
  });

  it('puts its headers on every answer, over those of the object where they override', async () => {
    site = await startSite();
    await site.put('a.txt', 'hello', { CacheControl: 'max-age=9', Metadata: { secret: 'x', open: 'y' } });
    const expected = {
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=60; includeSubDomains',
      'x-own': 'own',
    };
    const found = Object.fromEntries((await site.get('a.txt')).headers);
    expect(found).toMatchObject({ ...expected, 'cache-control': 'max-age=9', 'x-amz-meta-open': 'y' });
    expect(found).not.toHaveProperty('x-amz-meta-secret');
    const missing = Object.fromEntries((await site.get('none.txt')).headers);
    expect(missing).toMatchObject({ ...expected, 'cache-control': 'no-store' });
  });

  it('compresses text for those who accept it, Brotli first, and marks the ETag weak', async () => {
    site = await startSite();
    await site.put('index.html', PAGE, HTML);
    await site.put('image.png', Buffer.alloc(5000), { ContentType: 'image/png' });
    await site.put('short.txt', 'short', { ContentType: 'text/plain' });
    const brotli = await raw('', { 'accept-encoding': 'gzip, deflate, br' });
    expect(brotli.headers).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Encoding' });
    expect(brotli.headers.etag).toMatch(/^W\/"/);
    expect(brotliDecompressSync(brotli.body).toString()).toBe(PAGE);
    const gzip = await raw('', { 'accept-encoding': 'gzip, br;q=0' });
    expect(gunzipSync(gzip.body).toString()).toBe(PAGE);
    for (const path of ['image.png', 'short.txt']) {
      expect((await raw(path, { 'accept-encoding': 'gzip, br' })).headers).not.toHaveProperty('content-encoding');
    }
    expect((await raw('', {})).headers).not.toHaveProperty('content-encoding');
  });

  it('does not compress when it is not asked to', async () => {
    site = await startSite({ behaviour: { Compress: false } });
    await site.put('index.html', PAGE, HTML);
    expect((await raw('', { 'accept-encoding': 'br' })).body.toString()).toBe(PAGE);
  });

  it('answers 304 to those who have it, by a weak ETag, a strong one or the date', async () => {
    site = await startSite();
    await site.put('index.html', PAGE, HTML);
    const { headers } = await raw('', { 'accept-encoding': 'br' });
    const etag = headers.etag ?? '';
    for (const condition of [etag, etag.slice(2), `"other", ${etag}`]) {
      const unchanged = await raw('', { 'if-none-match': condition });
      expect([unchanged.status, unchanged.body.length]).toEqual([304, 0]);
    }
    expect((await raw('', { 'if-modified-since': headers['last-modified'] ?? '' })).status).toBe(304);
    expect((await raw('', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('serves a range, the whole when it has changed, and 416 behind the end', async () => {
    site = await startSite();
    await site.put('a.txt', '0123456789');
    const range = (Range: string, more = {}) => site.get('a.txt', { headers: { Range, ...more } });
    const part = await range('bytes=2-4');
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234']);
    expect(await (await range('bytes=-3')).text()).toBe('789');
    expect((await range('bytes=2-4', { 'If-Range': '"other"' })).status).toBe(200);
    const behind = await range('bytes=10-');
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  });

  it('reads the bucket as its policy allows this distribution, and no other', async () => {
    site = await startSite({ source: 'arn:aws:cloudfront::000000000000:distribution/EOTHER' });
    await site.put('index.html', PAGE, HTML);
    const refused = await site.get('');
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
  });

  it('reads a private bucket not at all without an origin access control', async () => {
    site = await startSite({ origin: { OriginAccessControlId: '' } });
    await site.put('index.html', PAGE, HTML);
    expect((await site.get('')).status).toBe(403);
    expect((await fetch(`${site.url}/${site.bucket}/index.html`)).status).toBe(403);
  });

  it('answers 403 for what is not there, since it may not list, or the page that is to stand for it', async () => {
    site = await startSite();
    expect((await site.get('none')).status).toBe(403);
    await site.close();
    const rule = { ErrorCode: 403, ResponseCode: 404, ResponsePagePath: '/lost.html', ErrorCachingMinTTL: 60 };
    site = await startSite({ config: { CustomErrorResponses: [rule] } });
    expect((await site.get('none')).status).toBe(403);
    await site.put('lost.html', 'Lost?', HTML);
    const lost = await site.get('none');
    expect([lost.status, await lost.text()]).toEqual([404, 'Lost?']);
  });

  it('tells what it records, and refuses what it cannot play', async () => {
    site = await startSite();
    expect(site.recorded).toContain('AWS::CloudFront::Distribution DistributionConfig.PriceClass');
    const custom = { origin: { DomainName: 'example.com' } };
    await expect(startSite(custom)).rejects.toThrow('The origin must be a bucket');
    await expect(startSite({ behaviour: { FunctionAssociations: [{ EventType: 'viewer-request' }] } })).rejects.toThrow(
      'DistributionConfig.DefaultCacheBehavior.FunctionAssociations is not supported',
    );
    await expect(startSite({ behaviour: { ResponseHeadersPolicyId: 'managed' } })).rejects.toThrow('managed');
    await expect(startSite({ config: { Enabled: false } })).rejects.toThrow('not enabled');
  });
});

describe('an invalidation', () => {
  const command = (DistributionId: string, ...Items: string[]) =>
    new CreateInvalidationCommand({
      DistributionId,
      InvalidationBatch: { CallerReference: 'once & again', Paths: { Quantity: Items.length, Items } },
    });

  it('is complete at once', async () => {
    site = await startSite();
    const { Invalidation } = await site.operator.send(command(site.id, '/index.html', '/a&b/*'));
    expect(Invalidation).toMatchObject({
      Status: 'Completed',
      InvalidationBatch: { CallerReference: 'once & again', Paths: { Quantity: 2, Items: ['/index.html', '/a&b/*'] } },
    });
  });

  it('needs the right to it, on this distribution', async () => {
    site = await startSite();
    const allow = (Resource: string) =>
      site.functionClient({ Effect: 'Allow', Action: 'cloudfront:CreateInvalidation', Resource });
    const arn = `arn:aws:cloudfront::000000000000:distribution/${site.id}`;
    await expect(allow(`${arn}X`).send(command(site.id, '/*'))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('publisher-function may not cloudfront:CreateInvalidation'),
    });
    expect((await allow(arn).send(command(site.id, '/*'))).Invalidation?.Status).toBe('Completed');
  });

  it('is refused for what is not there, and for paths that are none', async () => {
    site = await startSite();
    await expect(site.operator.send(command('ENONE', '/*'))).rejects.toMatchObject({ name: 'NoSuchDistribution' });
    await expect(site.operator.send(command(site.id, 'index.html'))).rejects.toMatchObject({ name: 'InvalidArgument' });
  });
});
