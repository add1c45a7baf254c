import { createHash } from 'node:crypto';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { BodyStore } from './bodies.ts';
import { headerOf, type S3Call } from './call.ts';
import {
  algorithmOfHeader,
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  type Checksums,
  checksumHeader,
  createDigest,
  parseAlgorithm,
  requireChecksumForm,
} from './checksums.ts';
import { S3Error } from './errors.ts';

/** 5 GiB, of one PUT, part or copy. */
const MAX_BODY_BYTES = 5 * 1024 ** 3;
const MAX_DOCUMENT_BYTES = 4 * 1024 ** 2;

/** What the client says of the bytes it sends; each is checked. */
interface Claims {
  /** Base64 */
  readonly md5?: string;
  /** Hex, of the body as it is sent. */
  readonly sha256?: string;
  readonly checksums: Checksums;
  /** The algorithm whose value follows the body. */
  readonly trailer?: ChecksumAlgorithm;
  readonly size?: number;
}

/** What was received and checked. */
interface Received {
  readonly size: number;
  /** MD5 in hex, without quotes. */
  readonly etag: string;
  /** Those the client sent, and those asked for. */
  readonly checksums: Checksums;
}

export interface StoredBody extends Received {
  /** Its name in the body store. */
  readonly body: string;
}

/** Reads the request's body into the store, checked against its headers. */
export const receiveBody = (
  call: S3Call,
  bodies: BodyStore,
  wanted: readonly ChecksumAlgorithm[] = [],
): Promise<StoredBody> => storeBody(bodies, payloadOf(call), claimsOf(call), wanted);

/** Bytes that are no request body: a form's file, a copy, joined parts. */
export async function storeBody(
  bodies: BodyStore,
  { source, trailers }: { source: AsyncIterable<Buffer>; trailers?: ReadonlyMap<string, string> },
  claims: Claims,
  wanted: readonly ChecksumAlgorithm[] = [],
): Promise<StoredBody> {
  const meter = createMeter(claims, wanted);
  async function* checked() {
    for await (const chunk of source) {
      meter.update(chunk);
      yield chunk;
    }
    meter.finish(trailers); // throws before the body gets its name
  }
  const body = await bodies.write(checked());
  return { body, ...meter.received() };
}

/**
 * A small body, such as an XML document, checked like any other.
 * @param checksumsOf whether the request's `x-amz-checksum-…` are of this body, or of the object it speaks of
 */
export async function receiveText(call: S3Call, checksumsOf: 'body' | 'object' = 'body'): Promise<string> {
  const claims = { ...claimsOf(call), ...(checksumsOf === 'object' ? { checksums: {} } : {}) };
  const { source, trailers } = payloadOf(call);
  const meter = createMeter(claims, []);
  const chunks: Buffer[] = [];
  for await (const chunk of source) {
    meter.update(chunk);
    if (meter.size() > MAX_DOCUMENT_BYTES) {
      throw new S3Error(
        'MaxMessageLengthExceeded',
        `The request's document is longer than ${MAX_DOCUMENT_BYTES} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  meter.finish(trailers);
  return Buffer.concat(chunks).toString('utf8');
}

/** The request's bytes as they arrive. Stopping early leaves the connection open, so that the reply can be read. */
export const requestBytes = ({ exchange }: Pick<S3Call, 'exchange'>): AsyncIterable<Buffer> =>
  exchange.request.iterator({ destroyOnReturn: false });

function payloadOf(call: S3Call): { source: AsyncIterable<Buffer>; trailers: Map<string, string> } {
  const trailers = new Map<string, string>();
  const bytes = requestBytes(call);
  return { source: isAwsChunked(call) ? decodeAwsChunked(bytes, trailers) : bytes, trailers };
}

const isAwsChunked = (call: S3Call) =>
  headerOf(call, 'x-amz-content-sha256')?.startsWith('STREAMING-') === true ||
  headerOf(call, 'content-encoding')
    ?.split(',')
    .some(coding => coding.trim() === 'aws-chunked') === true;

function claimsOf(call: S3Call): Claims {
  const sha256 = headerOf(call, 'x-amz-content-sha256');
  return {
    md5: md5Claim(headerOf(call, 'content-md5')),
    sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
    checksums: checksumClaims(name => headerOf(call, name)),
    trailer: trailerClaim(call),
    size: sizeClaim(call),
  };
}

function md5Claim(md5: string | undefined): string | undefined {
  if (md5 === undefined || Buffer.from(md5, 'base64').length === 16) return md5;
  throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
}

/** @param read a header or form field by its lower-case name */
export function checksumClaims(read: (name: string) => string | undefined): Checksums {
  const claims: Checksums = {};
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = read(checksumHeader(algorithm));
    if (value === undefined) continue;
    requireChecksumForm(algorithm, value);
    claims[algorithm] = value;
  }
  return claims;
}

function trailerClaim(call: S3Call): ChecksumAlgorithm | undefined {
  const name = headerOf(call, 'x-amz-trailer');
  if (name === undefined) return undefined;
  const algorithm = algorithmOfHeader(name.trim());
  if (algorithm) return algorithm;
  throw new S3Error('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported');
}

function sizeClaim(call: S3Call): number | undefined {
  const chunked = isAwsChunked(call);
  const text = headerOf(call, chunked ? 'x-amz-decoded-content-length' : 'content-length');
  if (text === undefined) {
    const hasBody = chunked || headerOf(call, 'transfer-encoding') !== undefined;
    if (hasBody) throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.');
    return undefined;
  }
  const size = Number(text);
  if (!Number.isInteger(size) || size < 0) throw new S3Error('InvalidArgument', `${text} is not a length.`);
  if (size > MAX_BODY_BYTES) throw entityTooLarge(size, MAX_BODY_BYTES);
  return size;
}

export const entityTooLarge = (size: number, max: number) =>
  new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
    details: { ProposedSize: String(size), MaxSizeAllowed: String(max) },
  });

function createMeter(claims: Claims, wanted: readonly ChecksumAlgorithm[]) {
  const algorithms = new Set<ChecksumAlgorithm>(wanted);
  for (const algorithm of CHECKSUM_ALGORITHMS) if (claims.checksums[algorithm]) algorithms.add(algorithm);
  if (claims.trailer) algorithms.add(claims.trailer);
  const digests = [...algorithms].map(algorithm => ({ algorithm, digest: createDigest(algorithm) }));
  const md5 = createHash('md5');
  const sha256 = claims.sha256 === undefined ? undefined : createHash('sha256');
  const checksums: Checksums = {};
  let etag = '';
  let size = 0;

  return {
    size: () => size,
    update(chunk: Buffer) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw entityTooLarge(size, MAX_BODY_BYTES);
      md5.update(chunk);
      sha256?.update(chunk);
      for (const { digest } of digests) digest.update(chunk);
    },
    /** @throws S3Error when a claim does not hold */
    finish(trailers?: ReadonlyMap<string, string>) {
      etag = md5.digest('hex');
      for (const { algorithm, digest } of digests) checksums[algorithm] = digest.digest().toString('base64');
      requireSize(claims.size, size);
      requireMd5(claims.md5, etag);
      if (sha256) requireSha256(claims.sha256, sha256.digest('hex'));
      requireChecksums(claims.checksums, checksums);
      if (claims.trailer) requireChecksums(trailerChecksum(claims.trailer, trailers), checksums);
    },
    received: (): Received => ({ size, etag, checksums }),
  };
}

function requireSize(claimed: number | undefined, size: number): void {
  if (claimed === undefined || claimed === size) return;
  throw new S3Error(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
    {
      details: { NumberBytesExpected: String(claimed), NumberBytesProvided: String(size) },
    },
  );
}

function requireMd5(claimed: string | undefined, etag: string): void {
  if (claimed === undefined || Buffer.from(claimed, 'base64').toString('hex') === etag) return;
  throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
    details: { ExpectedDigest: claimed, CalculatedDigest: Buffer.from(etag, 'hex').toString('base64') },
  });
}

function requireSha256(claimed: string | undefined, computed: string): void {
  if (claimed === computed) return;
  throw new S3Error(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    {
      details: { ClientComputedContentSHA256: claimed ?? '', S3ComputedContentSHA256: computed },
    },
  );
}

/** @throws S3Error BadDigest when a claimed checksum is not the computed one */
export function requireChecksums(claimed: Checksums, computed: Checksums): void {
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const claim = claimed[algorithm];
    if (claim === undefined || claim === computed[algorithm]) continue;
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`, {
      details: { ExpectedDigest: claim, CalculatedDigest: computed[algorithm] ?? '' },
    });
  }
}

function trailerChecksum(algorithm: ChecksumAlgorithm, trailers: ReadonlyMap<string, string> | undefined): Checksums {
  const value = trailers?.get(checksumHeader(algorithm));
  if (value === undefined) {
    throw new S3Error(
      'MalformedTrailerError',
      `The trailer ${checksumHeader(algorithm)} that x-amz-trailer announces is missing.`,
    );
  }
  requireChecksumForm(algorithm, value);
  return { [algorithm]: value };
}

/** @throws S3Error InvalidRequest when a client names an algorithm but sends no value for it */
export function requireAnnouncedChecksum(call: S3Call): void {
  const algorithm = parseAlgorithm(headerOf(call, 'x-amz-sdk-checksum-algorithm'));
  if (!algorithm || trailerClaim(call) === algorithm) return;
  if (headerOf(call, checksumHeader(algorithm)) !== undefined) return;
  throw new S3Error(
    'InvalidRequest',
    'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
  );
}
