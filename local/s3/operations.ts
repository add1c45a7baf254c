import { getBucketLocation, getBucketVersioning, headBucket, listBuckets, preflight } from './buckets.ts';
import { headerOf, type S3Call } from './call.ts';
import { completeMultipartUpload } from './complete-multipart.ts';
import type { Operation } from './context.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-object.ts';
import { notImplemented } from './errors.ts';
import { listMultipartUploads, listObjects, listObjectVersions } from './listing.ts';
import { abortMultipartUpload, createMultipartUpload, listParts, uploadPart, uploadPartCopy } from './multipart.ts';
import { postObject } from './post-object.ts';
import { getObject, headObject } from './read-object.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './tagging.ts';
import { putObject } from './write-object.ts';

/** Query parameters that name another operation than the plain one. */
const SUBRESOURCES = [
  ...[
    'accelerate',
    'acl',
    'analytics',
    'attributes',
    'cors',
    'delete',
    'encryption',
    'intelligent-tiering',
    'inventory',
  ],
  ...['legal-hold', 'lifecycle', 'location', 'logging', 'metadataTable', 'metrics', 'notification', 'object-lock'],
  ...[
    'ownershipControls',
    'policy',
    'policyStatus',
    'publicAccessBlock',
    'renameObject',
    'replication',
    'requestPayment',
  ],
  ...[
    'restore',
    'retention',
    'select',
    'session',
    'tagging',
    'torrent',
    'uploadId',
    'uploads',
    'versioning',
    'versions',
  ],
  'website',
];

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET service': listBuckets,
  'HEAD bucket': headBucket,
  'GET bucket': listObjects,
  'GET bucket?location': getBucketLocation,
  'GET bucket?uploads': listMultipartUploads,
  'GET bucket?versioning': getBucketVersioning,
  'GET bucket?versions': listObjectVersions,
  'POST bucket': postObject,
  'POST bucket?delete': deleteObjects,
  'OPTIONS bucket': preflight,
  'OPTIONS object': preflight,
  'GET object': getObject,
  'HEAD object': headObject,
  'PUT object': putObject,
  'PUT object from a copy source': copyObject,
  'DELETE object': deleteObject,
  'GET object?tagging': getObjectTagging,
  'PUT object?tagging': putObjectTagging,
  'DELETE object?tagging': deleteObjectTagging,
  'POST object?uploads': createMultipartUpload,
  'GET object?uploadId': listParts,
  'PUT object?uploadId': uploadPart,
  'PUT object?uploadId from a copy source': uploadPartCopy,
  'POST object?uploadId': completeMultipartUpload,
  'DELETE object?uploadId': abortMultipartUpload,
};

/** @throws S3Error NotImplemented that names the operation */
export function operationOf(call: S3Call): Operation {
  const name = operationName(call);
  const operation = OPERATIONS[name];
  if (operation) return operation;
  const hint = name === 'PUT bucket' || name === 'DELETE bucket' ? ' (buckets come and go with the template)' : '';
  throw notImplemented(`${name}${hint}`);
}

function operationName(call: S3Call): string {
  const { method, query } = call.exchange;
  const level = call.bucket === '' ? 'service' : call.key === '' ? 'bucket' : 'object';
  if (method === 'OPTIONS') return `OPTIONS ${level}`;
  const subresource = SUBRESOURCES.find(name => query.has(name));
  const copies = method === 'PUT' && level === 'object' && headerOf(call, 'x-amz-copy-source') !== undefined;
  return `${method} ${level}${subresource ? `?${subresource}` : ''}${copies ? ' from a copy source' : ''}`;
}
