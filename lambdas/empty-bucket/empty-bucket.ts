import { DeleteObjectsCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';

/**
 * Removes every object, version and delete marker of a bucket.
 * @returns how many were removed
 * @throws Error naming the first object that S3 did not delete
 */
export async function emptyBucket(client: S3Client, bucket: string): Promise<number> {
  let removed = 0;
  for (;;) {
    // What was listed is deleted before the next page is asked for, so that is always the first one.
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (found.length === 0) return removed;
    const Objects = found.map(({ Key, VersionId }) => ({ Key, VersionId }));
    const { Errors } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    const failure = Errors?.[0];
    if (failure) throw new Error(`${failure.Key} could not be deleted from ${bucket}: ${failure.Message}`);
    removed += found.length;
  }
}
