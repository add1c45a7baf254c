import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { EmbeddingPart } from '../ports.ts';

/**
 * A part of the embedding archive as bytes: `GWE1`, the length of the header (32 bits), the header as JSON, zeros up to
 * a multiple of four, then the values of all embeddings one after the other. Numbers are little-endian, values IEEE 754
 * with 32 bits: the precision in which vector stores keep them, so that nothing is lost on the way.
 */
const MAGIC = Buffer.from('GWE1');
const PREFIX_BYTES = 8;
const VALUE_BYTES = 4;

const header = z.strictObject({
  modelId: z.string(),
  dimension: z.int().min(1),
  count: z.int().min(0),
  hashes: z.array(z.string()),
  /** Positions of those that were taken over. */
  reused: z.array(z.int().min(0)),
  /** SHA-256 of the values, hex. */
  checksum: z.string(),
});

export function encodePart({ modelId, dimension, entries }: EmbeddingPart): Buffer {
  const values = Buffer.alloc(entries.length * dimension * VALUE_BYTES);
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  entries.forEach(({ hash, embedding }, position) => {
    if (embedding.length !== dimension) {
      throw new RangeError(`Embedding ${hash} has ${embedding.length} values, not ${dimension}`);
    }
    const start = position * dimension;
    for (let index = 0; index < dimension; index += 1) {
      view.setFloat32((start + index) * VALUE_BYTES, embedding[index] ?? 0, true);
    }
  });
  const description: z.infer<typeof header> = {
    modelId,
    dimension,
    count: entries.length,
    hashes: entries.map(({ hash }) => hash),
    reused: entries.flatMap(({ reused }, position) => (reused ? [position] : [])),
    checksum: checksumOf(values),
  };
  const json = Buffer.from(JSON.stringify(description));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32LE(json.length, MAGIC.length);
  return Buffer.concat([prefix, json, Buffer.alloc(valuesStart(json.length) - PREFIX_BYTES - json.length), values]);
}

/** @returns undefined when the bytes are not a whole part, as it was written */
export function decodePart(bytes: Uint8Array): EmbeddingPart | undefined {
  const head = readHeader(bytes);
  if (!head) return undefined;
  const { modelId, dimension, hashes, reused, checksum, headerBytes } = head;
  const values = bytes.subarray(valuesStart(headerBytes));
  if (values.length !== hashes.length * dimension * VALUE_BYTES || checksumOf(values) !== checksum) return undefined;
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const taken = new Set(reused);
  const embeddingAt = (position: number) =>
    Array.from({ length: dimension }, (_, index) =>
      view.getFloat32((position * dimension + index) * VALUE_BYTES, true),
    );
  const entries = hashes.map((hash, position) => ({
    hash,
    embedding: embeddingAt(position),
    reused: taken.has(position),
  }));
  return { modelId, dimension, entries };
}

/** @param bytes the beginning of a part at least @returns undefined when the header is not in them whole */
export const decodeHashes = (bytes: Uint8Array): string[] | undefined => readHeader(bytes)?.hashes;

function readHeader(bytes: Uint8Array) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < PREFIX_BYTES || !buffer.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const headerBytes = buffer.readUInt32LE(MAGIC.length);
  if (buffer.length < PREFIX_BYTES + headerBytes) return undefined;
  const parsed = header.safeParse(parseJson(buffer.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes).toString()));
  if (!parsed.success || parsed.data.hashes.length !== parsed.data.count) return undefined;
  return { ...parsed.data, headerBytes };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // refused by the schema
  }
}

const valuesStart = (headerBytes: number): number =>
  Math.ceil((PREFIX_BYTES + headerBytes) / VALUE_BYTES) * VALUE_BYTES;

const checksumOf = (values: Uint8Array): string => createHash('sha256').update(values).digest('hex');
