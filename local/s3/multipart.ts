import { contentAttributes, headerSource, tagsOfHeader } from './attributes.ts';
import { authorizeObject, headerOf, queryInteger, type S3Call } from './call.ts';
import { type ChecksumAlgorithm, type ChecksumType, parseAlgorithm } from './checksums.ts';
import { requireBucket, type S3Context } from './context.ts';
import { copySource, sourceVersionHeader } from './copy-object.ts';
import { invalidArgument, noSuchUpload, S3Error } from './errors.ts';
import type { Part, Upload } from './multipart-catalog.ts';
import { receiveBody, requireAnnouncedChecksum, type StoredBody, storeBody } from './payload.ts';
import { rangeSelection } from './read-object.ts';
import { checksumElements, checksumHeaders, isoDate, ownerElement, quoted, replyEmpty, replyXml } from './reply.ts';
import { authorizePut, orRemove } from './write-object.ts';
import { element, optionalElement } from './xml.ts';

const MAX_PARTS = 10_000;
const MAX_PAGE = 1000;

export function createMultipartUpload(context: S3Context, call: S3Call): void {
  requireBucket(context, call.bucket);
  const tags = tagsOfHeader(headerOf(call, 'x-amz-tagging'));
  authorizePut(context, call, tags);
  const checksumAlgorithm = parseAlgorithm(headerOf(call, 'x-amz-checksum-algorithm'));
  const checksumType = checksumTypeOf(headerOf(call, 'x-amz-checksum-type'), checksumAlgorithm);
  const { headers, metadata } = contentAttributes(headerSource(call));
  const options = { headers, metadata, tags, checksumAlgorithm, checksumType };
  const { uploadId } = context.uploads.create(call.bucket, call.key, options);
  const result = element('InitiateMultipartUploadResult', [
    element('Bucket', call.bucket),
    element('Key', call.key),
    element('UploadId', uploadId),
  ]);
  replyXml(call, result, {
    'x-amz-checksum-algorithm': checksumAlgorithm,
    'x-amz-checksum-type': checksumAlgorithm && checksumType,
  });
}

/** CRC-64/NVME is only ever of the whole object, the SHA ones only of the parts; the other CRCs can be either. */
function checksumTypeOf(asked: string | undefined, algorithm: ChecksumAlgorithm | undefined): ChecksumType {
  const type = asked?.toUpperCase() ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (type !== 'FULL_OBJECT' && type !== 'COMPOSITE') {
    throw new S3Error('InvalidRequest', `Value for x-amz-checksum-type header is invalid: ${type}`);
  }
  const impossible =
    (type === 'COMPOSITE' && algorithm === 'CRC64NVME') || (type === 'FULL_OBJECT' && algorithm?.startsWith('SHA'));
  if (!impossible) return type;
  throw new S3Error(
    'InvalidRequest',
    `The ${type} checksum type cannot be used with the ${algorithm?.toLowerCase()} checksum algorithm.`,
  );
}

export async function uploadPart(context: S3Context, call: S3Call): Promise<void> {
  const { upload, number } = openPart(context, call);
  requireAnnouncedChecksum(call);
  const stored = await receiveBody(call, context.bodies, algorithmsOf(upload));
  const part = commitPart(context, upload, number, stored);
  replyEmpty(call, 200, { etag: quoted(part.etag), ...checksumHeaders(part.checksums, 'FULL_OBJECT') });
}

export async function uploadPartCopy(context: S3Context, call: S3Call): Promise<void> {
  const { upload, number } = openPart(context, call);
  const source = copySource(context, call);
  const range = copyRange(headerOf(call, 'x-amz-copy-source-range'), source.size);
  const bytes = context.bodies.read(source.body, range);
  const stored = await storeBody(context.bodies, { source: bytes }, { checksums: {} }, algorithmsOf(upload));
  const part = commitPart(context, upload, number, stored);
  const result = element('CopyPartResult', [
    element('LastModified', isoDate(part.modifiedAt)),
    element('ETag', quoted(part.etag)),
    ...checksumElements(part.checksums),
  ]);
  replyXml(call, result, sourceVersionHeader(context, source));
}

function openPart(context: S3Context, call: S3Call): { upload: Upload; number: number } {
  requireBucket(context, call.bucket);
  authorizeObject(context.iam, call, 's3:PutObject');
  const text = call.exchange.query.get('partNumber') ?? '';
  const number = Number(text);
  if (text === '' || !Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
    throw invalidArgument('partNumber', text, `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`);
  }
  return { upload: requireUpload(context, call), number };
}

/** @throws S3Error NoSuchUpload, also for an upload of another key */
export function requireUpload({ uploads }: S3Context, { exchange, bucket, key }: S3Call): Upload {
  const uploadId = exchange.query.get('uploadId') ?? '';
  const upload = uploads.find(uploadId);
  if (!upload || upload.bucket !== bucket || upload.key !== key) throw noSuchUpload(uploadId);
  return upload;
}

/** A part always gets the checksum that the whole object will have. */
const algorithmsOf = ({ options }: Upload) => (options.checksumAlgorithm ? [options.checksumAlgorithm] : []);

function commitPart(context: S3Context, { uploadId }: Upload, number: number, stored: StoredBody): Part {
  const { catalog, uploads, bodies } = context;
  const { part, released } = orRemove(context, stored.body, () =>
    catalog.transaction(() => {
      if (!uploads.find(uploadId)) throw noSuchUpload(uploadId); // aborted while the part was on its way
      return uploads.putPart(uploadId, { number, ...stored });
    }),
  );
  bodies.remove(released);
  return part;
}

function copyRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  if (header === undefined) return undefined;
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const valid = first !== '' && Number(first) <= Number(last) && Number(last) < size;
  if (!valid) {
    throw invalidArgument(
      'x-amz-copy-source-range',
      header,
      `The range must be bytes=first-last within the source's ${size} bytes.`,
    );
  }
  return rangeSelection(header, size);
}

export function abortMultipartUpload(context: S3Context, call: S3Call): void {
  requireBucket(context, call.bucket);
  authorizeObject(context.iam, call, 's3:AbortMultipartUpload');
  const { uploadId } = requireUpload(context, call);
  context.bodies.remove(context.catalog.transaction(() => context.uploads.remove(uploadId)));
  replyEmpty(call, 204);
}

export function listParts(context: S3Context, call: S3Call): void {
  requireBucket(context, call.bucket);
  authorizeObject(context.iam, call, 's3:ListMultipartUploadParts');
  const { uploadId, options } = requireUpload(context, call);
  const marker = queryInteger(call, 'part-number-marker', 0, MAX_PARTS);
  const maxParts = queryInteger(call, 'max-parts', MAX_PAGE, MAX_PAGE);
  const found = context.uploads.parts(uploadId, marker, maxParts + 1);
  const parts = found.slice(0, maxParts);
  const result = element('ListPartsResult', [
    element('Bucket', call.bucket),
    element('Key', call.key),
    element('UploadId', uploadId),
    ownerElement('Initiator'),
    ownerElement(),
    element('StorageClass', 'STANDARD'),
    element('PartNumberMarker', marker),
    element('NextPartNumberMarker', parts.at(-1)?.number ?? 0),
    element('MaxParts', maxParts),
    element('IsTruncated', found.length > parts.length),
    optionalElement('ChecksumAlgorithm', options.checksumAlgorithm),
    optionalElement('ChecksumType', options.checksumAlgorithm && options.checksumType),
    ...parts.map(part =>
      element('Part', [
        element('PartNumber', part.number),
        element('LastModified', isoDate(part.modifiedAt)),
        element('ETag', quoted(part.etag)),
        element('Size', part.size),
        ...checksumElements(part.checksums),
      ]),
    ),
  ]);
  replyXml(call, result);
}
