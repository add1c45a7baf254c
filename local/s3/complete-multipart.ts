import { headerOf, type S3Call } from './call.ts';
import {
  CHECKSUM_ALGORITHMS,
  type Checksums,
  checksumElement,
  checksumHeader,
  compositeChecksum,
  compositeEtag,
} from './checksums.ts';
import { writeConditionOf } from './conditions.ts';
import { requireBucket, type S3Context } from './context.ts';
import { noSuchUpload, S3Error } from './errors.ts';
import { requireUpload } from './multipart.ts';
import type { Part, Upload } from './multipart-catalog.ts';
import { receiveText, requireChecksums, type StoredBody, storeBody } from './payload.ts';
import { checksumElements, quoted, replyXml, versionIdHeader } from './reply.ts';
import { authorizePut, commitObject, orRemove } from './write-object.ts';
import {
  childrenOf,
  childText,
  element,
  malformedXml,
  optionalElement,
  parseXml,
  requiredChildText,
  type XmlNode,
} from './xml.ts';

const MAX_PARTS = 10_000;
/** 5 MiB, of every part but the last. */
const MIN_PART_BYTES = 5 * 1024 ** 2;

/** A part as the client lists it. */
interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksums: Checksums;
}

export async function completeMultipartUpload(context: S3Context, call: S3Call): Promise<void> {
  const bucket = requireBucket(context, call.bucket);
  authorizePut(context, call, []);
  const upload = requireUpload(context, call);
  const listed = parseListedParts(await receiveText(call, 'object'));
  const parts = selectParts(context, upload, listed);
  requireObjectSize(call, parts);

  const joined = await joinParts(context, upload, parts);
  const checksums = orRemove(context, joined.body, () => objectChecksums(call, upload, parts, joined));
  const { headers, metadata, tags, checksumType } = upload.options;
  const version = commitObject(context, call, {
    stored: { ...joined, etag: compositeEtag(parts.map(part => part.etag)) },
    attributes: { headers, metadata, tags, checksums, checksumType, partSizes: parts.map(part => part.size) },
    event: 'ObjectCreated:CompleteMultipartUpload',
    condition: writeConditionOf(call),
    alongside: () => {
      if (!context.uploads.find(upload.uploadId)) throw noSuchUpload(upload.uploadId); // aborted, or completed twice
      return context.uploads.remove(upload.uploadId);
    },
  });
  const result = element('CompleteMultipartUploadResult', [
    element('Location', `${context.url()}/${call.bucket}/${encodeURIComponent(call.key).replaceAll('%2F', '/')}`),
    element('Bucket', call.bucket),
    element('Key', call.key),
    element('ETag', quoted(version.etag)),
    ...checksumElements(checksums),
    optionalElement('ChecksumType', Object.keys(checksums).length > 0 ? checksumType : undefined),
  ]);
  replyXml(call, result, { 'x-amz-version-id': versionIdHeader(bucket, version) });
}

function parseListedParts(text: string): ListedPart[] {
  const listed = childrenOf(parseXml(text, 'CompleteMultipartUpload'), 'Part').map(parseListedPart);
  if (listed.length === 0 || listed.length > MAX_PARTS) throw malformedXml(`Give 1 to ${MAX_PARTS} parts.`);
  for (const [index, { number }] of listed.entries()) {
    const previous = listed[index - 1];
    if (previous && previous.number >= number) {
      throw new S3Error(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    }
  }
  return listed;
}

function parseListedPart(node: XmlNode): ListedPart {
  const number = Number(requiredChildText(node, 'PartNumber'));
  if (!Number.isInteger(number) || number < 1) throw malformedXml('PartNumber must be a positive integer.');
  const checksums: Checksums = {};
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = childText(node, checksumElement(algorithm));
    if (value) checksums[algorithm] = value;
  }
  return { number, etag: requiredChildText(node, 'ETag').replaceAll('"', ''), checksums };
}

/** The uploaded parts that the client lists; those it leaves out go with the upload. */
function selectParts({ uploads }: S3Context, { uploadId }: Upload, listed: readonly ListedPart[]): Part[] {
  const uploaded = new Map(uploads.parts(uploadId, 0, MAX_PARTS).map(part => [part.number, part]));
  return listed.map(({ number, etag, checksums }, index) => {
    const part = uploaded.get(number);
    if (!part || part.etag !== etag || !agree(checksums, part.checksums)) throw invalidPart(uploadId, number, etag);
    if (part.size < MIN_PART_BYTES && index < listed.length - 1) throw partTooSmall(part);
    return part;
  });
}

const agree = (listed: Checksums, uploaded: Checksums) =>
  CHECKSUM_ALGORITHMS.every(algorithm => listed[algorithm] === undefined || listed[algorithm] === uploaded[algorithm]);

const invalidPart = (uploadId: string, number: number, etag: string) =>
  new S3Error(
    'InvalidPart',
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { details: { UploadId: uploadId, PartNumber: String(number), ETag: etag } },
  );

const partTooSmall = ({ number, etag, size }: Part) =>
  new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    details: {
      ProposedSize: String(size),
      MinSizeAllowed: String(MIN_PART_BYTES),
      PartNumber: String(number),
      ETag: etag,
    },
  });

function requireObjectSize(call: S3Call, parts: readonly Part[]): void {
  const claimed = headerOf(call, 'x-amz-mp-object-size');
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (claimed === undefined || Number(claimed) === size) return;
  throw new S3Error(
    'InvalidRequest',
    `The provided 'x-amz-mp-object-size' header value ${claimed} does not match what was computed: ${size}`,
  );
}

function joinParts(
  { bodies, uploads }: S3Context,
  { uploadId, options }: Upload,
  parts: readonly Part[],
): Promise<StoredBody> {
  async function* bytes() {
    for (const part of parts) {
      if (!uploads.hasBody(part.body)) throw noSuchUpload(uploadId); // aborted meanwhile, or the part sent again
      yield* bodies.read(part.body) as AsyncIterable<Buffer>; // no encoding is set: buffers
    }
  }
  const whole = options.checksumType === 'FULL_OBJECT' && options.checksumAlgorithm;
  return storeBody(bodies, { source: bytes() }, { checksums: {} }, whole ? [whole] : []);
}

/** @throws S3Error BadDigest when the client's checksum of the object is another */
function objectChecksums(call: S3Call, { options }: Upload, parts: readonly Part[], joined: StoredBody): Checksums {
  const algorithm = options.checksumAlgorithm;
  if (!algorithm) return {};
  const checksums =
    options.checksumType === 'FULL_OBJECT'
      ? joined.checksums
      : {
          [algorithm]: compositeChecksum(
            algorithm,
            parts.map(part => part.checksums[algorithm] ?? ''),
          ),
        };
  const claimed = headerOf(call, checksumHeader(algorithm));
  if (claimed !== undefined) requireChecksums({ [algorithm]: claimed }, checksums);
  return checksums;
}
