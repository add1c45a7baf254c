import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { TermStatistics } from '../lexical/term-statistics.ts';
import type { TermStatisticsStore } from '../ports.ts';
import { statisticsKeyOf } from './s3-reads.ts';

/** Its client's role needs s3:ListBucket on the prefix too: without it S3 answers 403 for an absent object. */
export function s3TermStatisticsStore(client: S3Client, bucketName: string): TermStatisticsStore {
  return {
    async read(tenant) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucketName, Key: statisticsKeyOf(tenant) }));
        const bytes = await Body?.transformToByteArray();
        return bytes && TermStatistics.decode(bytes);
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async write(tenant, statistics) {
      const object = { Bucket: bucketName, Key: statisticsKeyOf(tenant), Body: statistics.encode() };
      await client.send(new PutObjectCommand({ ...object, ContentType: 'application/octet-stream' }));
    },
  };
}
