import { authorizeBucket, type S3Call } from './call.ts';
import { requireBucket, type S3Context } from './context.ts';
import { preflightHeaders } from './cors.ts';
import { isoDate, ownerElement, replyEmpty, replyXml } from './reply.ts';
import { element } from './xml.ts';

export function listBuckets({ catalog, iam }: S3Context, call: S3Call): void {
  iam.authorize(call.exchange.caller, 's3:ListAllMyBuckets', '*');
  const buckets = catalog
    .buckets()
    .map(({ name, createdAt }) =>
      element('Bucket', [element('Name', name), element('CreationDate', isoDate(createdAt))]),
    );
  replyXml(call, element('ListAllMyBucketsResult', [ownerElement(), element('Buckets', buckets)]));
}

export function headBucket(context: S3Context, call: S3Call): void {
  requireBucket(context, call.bucket);
  authorizeBucket(context.iam, call, 's3:ListBucket');
  replyEmpty(call, 200, { 'x-amz-bucket-region': context.region, 'x-amz-access-point-alias': 'false' });
}

/** us-east-1 is the region that has no name here. */
export function getBucketLocation(context: S3Context, call: S3Call): void {
  requireBucket(context, call.bucket);
  authorizeBucket(context.iam, call, 's3:GetBucketLocation');
  replyXml(call, element('LocationConstraint', context.region === 'us-east-1' ? '' : context.region));
}

export function getBucketVersioning(context: S3Context, call: S3Call): void {
  const { versioning } = requireBucket(context, call.bucket);
  authorizeBucket(context.iam, call, 's3:GetBucketVersioning');
  const status = versioning === 'Unversioned' ? [] : [element('Status', versioning)];
  replyXml(call, element('VersioningConfiguration', status));
}

/** A browser asks before it sends; nobody has to be authorized for that. */
export function preflight({ catalog }: S3Context, call: S3Call): void {
  replyEmpty(call, 200, preflightHeaders(catalog.bucket(call.bucket)?.spec.cors, call.exchange));
}
