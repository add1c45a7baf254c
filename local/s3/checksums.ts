import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { createCrc32c, createCrc64Nvme } from './crc.ts';
import { S3Error } from './errors.ts';

export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];
/** Base64 of each checksum that is known; of a multipart object `COMPOSITE` ones end in `-<number of parts>`. */
export type Checksums = Partial<Record<ChecksumAlgorithm, string>>;
/** Whether a checksum is of the object's bytes, or of the checksums of its parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Digest {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

const BYTES: Record<ChecksumAlgorithm, number> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 };

export function createDigest(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case 'CRC32':
      return createCrc32();
    case 'CRC32C':
      return createCrc32c();
    case 'CRC64NVME':
      return createCrc64Nvme();
    case 'SHA1':
      return createHash('sha1');
    case 'SHA256':
      return createHash('sha256');
  }
}

function createCrc32(): Digest {
  let state = 0;
  return {
    update(chunk) {
      state = crc32(chunk, state);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(state);
      return bytes;
    },
  };
}

export const checksumHeader = (algorithm: ChecksumAlgorithm) => `x-amz-checksum-${algorithm.toLowerCase()}`;
export const checksumElement = (algorithm: ChecksumAlgorithm) => `Checksum${algorithm}`;

/** @returns undefined when `name` is absent @throws S3Error InvalidRequest for an algorithm that does not exist */
export function parseAlgorithm(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined) return undefined;
  const algorithm = CHECKSUM_ALGORITHMS.find(known => known === name.toUpperCase());
  if (algorithm) return algorithm;
  throw new S3Error(
    'InvalidRequest',
    `Checksum algorithm provided is unsupported: ${name}. Use one of ${CHECKSUM_ALGORITHMS.join(', ')}.`,
  );
}

/** The algorithm that a header such as `x-amz-checksum-crc32` carries a value of. */
export const algorithmOfHeader = (header: string): ChecksumAlgorithm | undefined =>
  CHECKSUM_ALGORITHMS.find(algorithm => checksumHeader(algorithm) === header.toLowerCase());

/** @throws S3Error InvalidRequest unless `value` is base64 of as many bytes as the algorithm gives */
export function requireChecksumForm(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === BYTES[algorithm] && bytes.toString('base64') === value) return;
  throw new S3Error('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`);
}

/** The checksum of a multipart object as the checksum of its parts' checksums, e.g. `AbC1==-3`. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, partChecksums: readonly string[]): string {
  const digest = createDigest(algorithm);
  for (const checksum of partChecksums) digest.update(Buffer.from(checksum, 'base64'));
  return `${digest.digest().toString('base64')}-${partChecksums.length}`;
}

/** The ETag of a multipart object, without quotes: MD5 of its parts' MD5s, e.g. `0cc1…-3`. */
export function compositeEtag(partEtags: readonly string[]): string {
  const digest = createHash('md5');
  for (const etag of partEtags) digest.update(Buffer.from(etag, 'hex'));
  return `${digest.digest('hex')}-${partEtags.length}`;
}
