import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAwsChunked } from '../../local/s3/aws-chunked.ts';
import { type ChecksumAlgorithm, createDigest } from '../../local/s3/checksums.ts';

function digestOf(algorithm: ChecksumAlgorithm, ...chunks: Uint8Array[]): string {
  const digest = createDigest(algorithm);
  for (const chunk of chunks) digest.update(chunk);
  return digest.digest().toString('hex');
}

describe('checksums', () => {
  // The check values that catalogues of CRCs give for these nine bytes.
  it.each<[ChecksumAlgorithm, string]>([
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
    ['SHA1', createHash('sha1').update('123456789').digest('hex')],
    ['SHA256', createHash('sha256').update('123456789').digest('hex')],
  ])('%s has its published check value', (algorithm, expected) => {
    expect(digestOf(algorithm, Buffer.from('123456789'))).toBe(expected);
  });

  it.each<[ChecksumAlgorithm, string]>([
    ['CRC32', '00000000'],
    ['CRC32C', '00000000'],
    ['CRC64NVME', '0000000000000000'],
  ])('%s of nothing is zero', (algorithm, expected) => {
    expect(digestOf(algorithm)).toBe(expected);
  });

  it('are the same however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), (bytes, one, two) => {
        const [start, end] = [Math.min(one, two), Math.max(one, two)];
        const pieces = [bytes.subarray(0, start), bytes.subarray(start, end), bytes.subarray(end)];
        for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
          expect(digestOf(algorithm, ...pieces)).toBe(digestOf(algorithm, bytes));
        }
        expect(digestOf('CRC32', bytes)).toBe(crc32(bytes).toString(16).padStart(8, '0'));
      }),
    );
  });
});

describe('aws-chunked bodies', () => {
  async function decode(encoded: string, cut = encoded.length) {
    const trailers = new Map<string, string>();
    async function* source() {
      for (let at = 0; at < encoded.length; at += cut) yield Buffer.from(encoded.slice(at, at + cut), 'latin1');
    }
    const pieces: Buffer[] = [];
    for await (const piece of decodeAwsChunked(source(), trailers)) pieces.push(piece);
    return { payload: Buffer.concat(pieces).toString('latin1'), trailers: Object.fromEntries(trailers) };
  }
  const signed = `5;chunk-signature=abc\r\nhello\r\n6;chunk-signature=def\r\n\r\n\r\n0;\r\n0;chunk-signature=0\r\nX-Amz-Checksum-Crc32:abcd==\r\n\r\n`;

  it.each([1, 2, 3, 7, 1000])('are decoded with their trailers from pieces of %i bytes', async cut => {
    expect(await decode(signed, cut)).toEqual({
      payload: 'hello\r\n\r\n0;',
      trailers: { 'x-amz-checksum-crc32': 'abcd==' },
    });
  });

  it('may be empty, without trailers', async () => {
    expect(await decode('0\r\n\r\n')).toEqual({ payload: '', trailers: {} });
  });

  it.each([
    ['end inside a chunk', '5\r\nhel', 'IncompleteBody'],
    ['end before the last chunk', '5\r\nhello\r\n', 'IncompleteBody'],
    ['end inside the trailers', '0\r\nx-amz-checksum-crc32:a\r\n', 'IncompleteBody'],
    ['have a length that is none', 'zz\r\nhello\r\n0\r\n\r\n', 'InvalidRequest'],
    ['have a chunk longer than its length', '2\r\nhello\r\n0\r\n\r\n', 'InvalidRequest'],
    ['have a trailer without a name', '0\r\n:a\r\n\r\n', 'MalformedTrailerError'],
    ['have an endless line', 'a'.repeat(20_000), 'InvalidRequest'],
  ])('are refused when they %s', async (_, encoded, code) => {
    const failure = decode(encoded, 4096).catch((error: Error & { code?: string }) => error.code);
    expect(await failure).toBe(code);
  });
});
