import { CustomResource } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeObjects } from './document-bucket.ts';
import { GroundworkFunction } from './groundwork-function.ts';

/**
 * Lets a stack that may be destroyed be destroyed whole: CloudFormation deletes only empty buckets, so a function
 * removes every object and version first.
 */
export function emptyOnRemoval(
  scope: Construct,
  id: string,
  props: { buckets: readonly Bucket[]; bundle: string; logRetentionDays: number },
): void {
  const construct = new Construct(scope, id);
  const cleaner = new GroundworkFunction(construct, 'Cleaner', {
    description: 'Empties the buckets when the stack is destroyed',
    bundle: props.bundle,
    memoryMegabytes: 256,
    timeoutSeconds: 900,
    logRetentionDays: props.logRetentionDays,
    environment: {},
  });
  props.buckets.forEach((bucket, position) => {
    cleaner.allow(['s3:ListBucketVersions'], [bucket.bucketArn]);
    cleaner.allow(['s3:DeleteObject', 's3:DeleteObjectVersion'], [bucket.arnForObjects('*')]);
    acknowledgeObjects(cleaner, bucket, '*');
    const marker = new CustomResource(construct, `Bucket${position}`, {
      resourceType: 'Custom::EmptyBucketOnDelete',
      serviceToken: cleaner.function.functionArn,
      properties: { BucketName: bucket.bucketName },
    });
    // The function and its role must still stand while the bucket is emptied.
    marker.node.addDependency(cleaner);
    // The bucket's policy goes before: without it S3 delivers no more access logs into the emptied bucket.
    bucket.policy?.node.addDependency(marker);
  });
}
