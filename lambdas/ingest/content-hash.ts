import { createHash } from 'node:crypto';

/** Hashes a file's bytes while they pass: SHA-256, hex, once the last one has. */
export function hashing(pieces: AsyncIterable<Uint8Array>): {
  readonly pieces: AsyncIterable<Uint8Array>;
  readonly contentHash: () => string;
} {
  const hash = createHash('sha256');
  const passing = async function* () {
    for await (const piece of pieces) {
      hash.update(piece);
      yield piece;
    }
  };
  return { pieces: passing(), contentHash: () => hash.digest('hex') };
}
