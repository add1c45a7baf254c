import { type CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { DeleteObjectsCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { SiteStore } from '../web-site/publish.ts';

/** S3 takes so many keys in one deletion. */
const MAX_KEYS = 1_000;

/** A site in a bucket behind a CloudFront distribution. */
export function cloudFrontSiteStore(
  { s3, cloudFront }: { readonly s3: S3Client; readonly cloudFront: CloudFrontClient },
  { bucketName, distributionId }: { readonly bucketName: string; readonly distributionId: string },
): SiteStore {
  const Bucket = bucketName;
  return {
    async keys() {
      const keys: string[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket }))
        keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
      return keys;
    },

    async put({ key, content, contentType, cacheControl }) {
      const described = { ContentType: contentType, CacheControl: cacheControl };
      await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: content, ...described }));
    },

    async remove(keys) {
      for (let start = 0; start < keys.length; start += MAX_KEYS) {
        const Objects = keys.slice(start, start + MAX_KEYS).map(Key => ({ Key }));
        const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
        const failure = Errors?.[0];
        if (failure) throw new Error(`${failure.Key} could not be deleted from ${Bucket}: ${failure.Message}`);
      }
    },

    async invalidate(reference) {
      const Paths = { Quantity: 1, Items: ['/*'] };
      const InvalidationBatch = { CallerReference: reference, Paths };
      await cloudFront.send(new CreateInvalidationCommand({ DistributionId: distributionId, InvalidationBatch }));
    },
  };
}
