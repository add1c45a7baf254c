import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { TermStatistics } from '../lexical/term-statistics.ts';
import type { TermStatisticsStore } from '../ports.ts';

/** One object a tenant, under `statistics/`, a prefix that triggers nothing. */
const keyOf = (tenant: string): string => `statistics/${tenant}.bin`;

/** Its client's role needs s3:ListBucket on the prefix too: without it S3 answers 403 for an absent object. */
export function s3TermStatisticsStore(client: S3Client, bucketName: string): TermStatisticsStore {
  return {
    async read(tenant) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucketName, Key: keyOf(tenant) }));
        const bytes = await Body?.transformToByteArray();
        return bytes && TermStatistics.decode(bytes);
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async write(tenant, statistics) {
      const object = { Bucket: bucketName, Key: keyOf(tenant), Body: statistics.encode() };
      await client.send(new PutObjectCommand({ ...object, ContentType: 'application/octet-stream' }));
    },
  };
}
