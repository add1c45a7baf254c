import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3DocumentBucket } from '../../lambdas/adapters/s3-document-bucket.ts';
import { s3Reads } from '../../lambdas/adapters/s3-reads.ts';
import { inMemoryDocumentBucket } from '../fakes/document-bucket.ts';
import { type LocalServices, startLocalServices } from '../support/local-services.ts';
import { documentBucketContract } from './document-bucket.ts';

describe('in memory', () => {
  documentBucketContract(async () => {
    const bucket = inMemoryDocumentBucket();
    return {
      bucket,
      put: async (key, content) => bucket.put(key, content),
      erase: async (key, s3VersionId) => bucket.erase(key, s3VersionId),
    };
  });
});

describe('S3', () => {
  let services: LocalServices;
  let bucketCount = 0;
  beforeAll(async () => {
    services = await startLocalServices();
  });
  afterAll(() => services.close());

  const makeBucketName = () => {
    bucketCount += 1;
    const name = `documents-${bucketCount}`;
    services.s3.putBucket({ name, versioned: true, notifications: [], cors: [] });
    return name;
  };

  documentBucketContract(async () => {
    const { s3 } = services.clients;
    const Bucket = makeBucketName();
    return {
      bucket: s3DocumentBucket(s3, Bucket),
      async put(Key, Body) {
        const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
        if (VersionId === undefined) throw new Error('The bucket keeps no versions');
        return VersionId;
      },
      async erase(Key, VersionId) {
        await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
      },
    };
  });

  describe('links', () => {
    const request = (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });

    it('open exactly the version they were made for', async () => {
      const Bucket = makeBucketName();
      const put = (Body: string) =>
        services.clients.s3.send(new PutObjectCommand({ Bucket, Key: 'documents/a b.md', Body }));
      const { VersionId } = await put('first');
      await put('second');
      const url = await s3DocumentBucket(services.clients.s3, Bucket).presignGet('documents/a b.md', VersionId, 60);
      expect(await (await request(url)).text()).toBe('first');
    });

    it.each([
      ['page.html', 'text/html', undefined, 'attachment'],
      ['drawing.svg', 'image/svg+xml', undefined, 'attachment'],
      ['no-extension', 'text/html', undefined, 'attachment'],
      ['constructor.__proto__', 'text/html', undefined, 'attachment'],
      ['page.html.md', 'text/html', 'text/plain; charset=utf-8', null],
      ['notes.TXT', 'text/html', 'text/plain; charset=utf-8', null],
      ['paper.pdf', 'text/html', 'application/pdf', null],
    ])('run nothing of %s, which was written as %s', async (name, ContentType, type = ContentType, disposition) => {
      const Bucket = makeBucketName();
      const { s3, url: endpoint } = { s3: services.clients.s3, url: services.url };
      const Key = `documents/${name}`;
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: '<script>alert(1)</script>', ContentType }));
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const links = [
        s3DocumentBucket(s3, Bucket),
        s3Reads(Bucket, { endpoint, region: 'us-east-1', credentials }).links,
      ];
      for (const link of links) {
        const { headers } = await request(await link.presignGet(Key, undefined, 60));
        expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual([type, disposition]);
      }
    });

    it('take an upload up to the size allowed, and none above it', async () => {
      const bucket = s3DocumentBucket(services.clients.s3, makeBucketName());
      const form = await bucket.presignPost('documents/a.md', { maxBytes: 10, expiresSeconds: 60 });
      const upload = (content: string) => {
        const body = new FormData();
        for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
        body.append('file', new Blob([content]));
        return request(form.url, { method: 'POST', body });
      };
      expect((await upload('more than ten bytes')).status).toBe(400);
      expect(await bucket.head('documents/a.md')).toBeUndefined();
      expect((await upload('ten bytes.')).ok).toBe(true);
      expect(Buffer.from((await bucket.read('documents/a.md')) ?? []).toString()).toBe('ten bytes.');
    });
  });
});
