import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3EmbeddingArchive } from '../../lambdas/adapters/s3-embedding-archive.ts';
import { inMemoryEmbeddingArchive } from '../fakes/embedding-archive.ts';
import { type LocalServices, startLocalServices } from '../support/local-services.ts';
import { embeddingArchiveContract } from './embedding-archive.ts';

describe('in memory', () => {
  embeddingArchiveContract(async () => inMemoryEmbeddingArchive());
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
    const name = `archive-${bucketCount}`;
    services.s3.putBucket({ name, versioned: true, notifications: [], cors: [] });
    return name;
  };
  embeddingArchiveContract(async () => s3EmbeddingArchive(services.clients.s3, makeBucketName()));

  describe('objects', () => {
    const documentId = 'c'.repeat(32);
    const entry = { hash: 'h'.repeat(32), embedding: [0.5, 0.25], reused: false };
    const ref = { documentId, version: 7, batch: 3 };
    const make = async () => {
      const Bucket = makeBucketName();
      const archive = s3EmbeddingArchive(services.clients.s3, Bucket);
      await archive.putPart(ref, { modelId: 'titan', dimension: 2, entries: [entry] });
      return { Bucket, archive };
    };

    it('lie under embeddings/, where nothing is ingested', async () => {
      const { Bucket, archive } = await make();
      await archive.putManifest(documentId, 7, { modelId: 'titan', dimension: 2, partSize: 32, hashes: [entry.hash] });
      const { Contents = [] } = await services.clients.s3.send(new ListObjectsV2Command({ Bucket }));
      expect(Contents.map(({ Key }) => Key)).toEqual([
        `embeddings/${documentId}/000007/manifest.json`,
        `embeddings/${documentId}/000007/part-000003.f32`,
      ]);
    });

    it('that are damaged count as absent', async () => {
      const { Bucket, archive } = await make();
      const Key = `embeddings/${documentId}/000007/part-000003.f32`;
      const { Body } = await services.clients.s3.send(new GetObjectCommand({ Bucket, Key }));
      const whole = Buffer.from((await Body?.transformToByteArray()) ?? []);
      const flipped = Buffer.from(whole);
      flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
      for (const damaged of [
        flipped,
        whole.subarray(0, -4),
        whole.subarray(0, 30),
        Buffer.from('{}'),
        Buffer.alloc(0),
      ]) {
        await services.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: damaged }));
        expect(await archive.getPart(ref)).toBeUndefined();
      }
      const manifest = `embeddings/${documentId}/000007/manifest.json`;
      for (const damaged of ['{"modelId":', '[]']) {
        await services.clients.s3.send(new PutObjectCommand({ Bucket, Key: manifest, Body: damaged }));
        expect(await archive.getManifest(documentId, 7)).toBeUndefined();
      }
    });
  });
});
