import { type CfnResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { RULES_KEY } from '../lambdas/ingest/rules.ts';
import { acknowledge } from './acknowledge.ts';
import type { GroundworkFunction } from './groundwork-function.ts';

/** Where embeddings are archived: no folder of documents, so that nothing is ingested from it. */
const archivePrefix = 'embeddings/';

/** The folders whose objects are documents; nothing is ever written under them by the stack itself. */
const documentPrefixes = ['documents/', 'incoming/', 'tenants/'] as const;
/** Where objects of the drop box are filed: what is put there is not ingested, but a deletion is heard of. */
const filingPrefixes = ['processed/', 'failed/'] as const;

/** What functions keep for themselves: no object under it triggers ingestion. */
const statisticsPrefix = 'statistics/';

const everyPrefix = [...documentPrefixes, ...filingPrefixes];
const tenantFolders = (...folders: readonly string[]) => folders.map(folder => `tenants/*/${folder}/`);

export interface DocumentBucketProps {
  /** @default retain */
  readonly onRemoval?: 'retain' | 'destroy';
}

type SomeFunction = GroundworkFunction<Record<string, string>>;

/** The bucket that is the truth, and the bucket of its access logs. */
export class DocumentBucket extends Construct {
  readonly bucket: Bucket;
  readonly accessLogs: Bucket;

  constructor(scope: Construct, id: string, { onRemoval = 'retain' }: DocumentBucketProps) {
    super(scope, id);
    const common = {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: onRemoval === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      ...common,
      lifecycleRules: [{ expiration: Duration.days(90) }],
    });
    this.bucket = new Bucket(this, 'Documents', {
      ...common,
      versioned: true,
      serverAccessLogsBucket: this.accessLogs,
      lifecycleRules: [
        { id: 'abandoned-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
        // Kept long enough that a document in processing can still be read after it was overwritten.
        { id: 'old-versions', noncurrentVersionExpiration: Duration.days(90), expiredObjectDeleteMarker: true },
        // What S3 calls noncurrent here was replaced or removed with its version: nothing reads it again.
        { id: 'old-embeddings', prefix: archivePrefix, noncurrentVersionExpiration: Duration.days(1) },
      ],
      cors: [
        {
          // Uploads and links are presigned, so the signature decides, not the page they come from.
          allowedOrigins: ['*'],
          allowedMethods: [HttpMethods.GET, HttpMethods.HEAD, HttpMethods.PUT, HttpMethods.POST],
          allowedHeaders: ['*'],
          exposedHeaders: ['ETag', 'x-amz-version-id'],
          maxAge: 3600,
        },
      ],
    });
  }

  /**
   * Sends the events of every document folder to `queue`. Set on the bucket itself, because the construct library's way
   * brings a custom resource with a function of its own. The queue's policy must stand before, or S3 refuses.
   */
  notify(queue: Queue): void {
    const resource = this.bucket.node.defaultChild as CfnBucket; // a Bucket's default child is its CfnBucket
    const notified = (event: string, prefix: string) => ({
      event,
      queue: queue.queueArn,
      filter: { s3Key: { rules: [{ name: 'prefix', value: prefix }] } },
    });
    resource.notificationConfiguration = {
      queueConfigurations: [
        ...documentPrefixes.flatMap(prefix => [
          notified('s3:ObjectCreated:*', prefix),
          notified('s3:ObjectRemoved:*', prefix),
        ]),
        ...filingPrefixes.map(prefix => notified('s3:ObjectRemoved:*', prefix)),
      ],
    };
    const policy = queue.node.tryFindChild('Policy');
    if (policy) resource.node.addDependency(policy);
  }

  /** Reading documents, also an older version of one, and telling an absent object from a forbidden one. */
  grantRead(reader: SomeFunction): void {
    this.#allowOn(reader, everyPrefix, ['s3:GetObject', 's3:GetObjectVersion']);
    reader.allow(['s3:ListBucket'], [this.bucket.bucketArn]);
  }

  /** Presigned links that open a document. */
  grantLink(linker: SomeFunction): void {
    this.#allowOn(linker, everyPrefix, ['s3:GetObject', 's3:GetObjectVersion']);
  }

  /** Presigned uploads, and deletion on behalf of a client. */
  grantChange(changer: SomeFunction): void {
    this.#allowOn(changer, documentPrefixes, ['s3:PutObject']);
    this.#allowOn(changer, everyPrefix, ['s3:DeleteObject']);
  }

  /** Moving objects out of the drop box, with their tags, and reporting on those that failed. */
  grantFiling(filer: SomeFunction): void {
    const read = ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging', 's3:GetObjectVersionTagging'];
    this.#allowOn(
      filer,
      ['incoming/', 'failed/', 'processed/', ...tenantFolders('incoming', 'failed', 'processed')],
      [...read, 's3:DeleteObject'],
    );
    this.#allowOn(
      filer,
      ['processed/', 'failed/', ...tenantFolders('processed', 'failed')],
      ['s3:PutObject', 's3:PutObjectTagging'],
    );
    filer.allow(['s3:ListBucket'], [this.bucket.bucketArn]);
  }

  /** The ingestion rules, their older versions too; whether there are any takes the listing that `grantRead` gives. */
  grantRules(reader: SomeFunction): void {
    reader.allow(['s3:GetObject', 's3:GetObjectVersion'], [this.bucket.arnForObjects(RULES_KEY)]);
    reader.allow(['s3:ListBucketVersions'], [this.bucket.bucketArn], { StringEquals: { 's3:prefix': RULES_KEY } });
  }

  /** The statistics of words, one object a tenant; telling an absent one from a forbidden one needs the listing. */
  grantStatistics(grantee: SomeFunction, actions: readonly ('s3:GetObject' | 's3:PutObject')[]): void {
    grantee.allow(actions, [this.bucket.arnForObjects(`${statisticsPrefix}*`)]);
    // Without a condition on the prefix: reading an object has none, and an absent one would be answered as forbidden.
    grantee.allow(['s3:ListBucket'], [this.bucket.bucketArn]);
    acknowledgeObjects(grantee, this.bucket, `${statisticsPrefix}*`);
  }

  /** Storing embeddings and reading them again, also such that may not be there. */
  grantArchive(archiver: SomeFunction): void {
    this.#allowOnArchive(archiver, ['s3:GetObject', 's3:PutObject']);
  }

  /** Removing a version's embeddings. */
  grantArchiveRemoval(remover: SomeFunction): void {
    this.#allowOnArchive(remover, ['s3:DeleteObject']);
  }

  #allowOnArchive(grantee: SomeFunction, actions: readonly string[]): void {
    grantee.allow(actions, [this.bucket.arnForObjects(`${archivePrefix}*`)]);
    grantee.allow(['s3:ListBucket'], [this.bucket.bucketArn]);
    acknowledgeObjects(grantee, this.bucket, `${archivePrefix}*`, 'A version has as many objects as it has batches.');
  }

  #allowOn(grantee: SomeFunction, prefixes: readonly string[], actions: readonly string[]): void {
    grantee.allow(
      actions,
      prefixes.map(prefix => this.bucket.arnForObjects(`${prefix}*`)),
    );
    for (const prefix of prefixes) acknowledgeObjects(grantee, this.bucket, `${prefix}*`);
  }
}

/** A bucket's objects have no names yet when the policy is written. */
export function acknowledgeObjects(
  grantee: SomeFunction,
  bucket: Bucket,
  pattern: string,
  reason = 'The objects are what users upload: only their prefix is known.',
): void {
  const resource = bucket.node.defaultChild as CfnResource; // a Bucket's default child is its CfnBucket
  const logicalId = Stack.of(bucket).getLogicalId(resource);
  acknowledge(grantee, `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/${pattern}]`, reason);
}
