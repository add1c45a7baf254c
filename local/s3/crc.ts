/**
 * CRC-32C and CRC-64/NVME, eight bytes a step by tables (node:zlib has CRC-32 only).
 * Both are reflected, start from all ones and are inverted at the end.
 * @see Kounavis, Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC Generation", 2008
 */
const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;
const SLICES = 8;

/** `tables[slice * 256 + byte]`, the low and the high 32 bits of each entry apart. */
interface CrcTables {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

function makeTables(polynomial: bigint): CrcTables {
  const low = new Uint32Array(256 * SLICES);
  const high = new Uint32Array(256 * SLICES);
  const entries: bigint[] = [];
  for (let byte = 0; byte < 256; byte++) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
    entries.push(crc);
  }
  let row = entries;
  for (let slice = 0; slice < SLICES; slice++) {
    row.forEach((crc, byte) => {
      low[slice * 256 + byte] = Number(crc & 0xffffffffn);
      high[slice * 256 + byte] = Number(crc >> 32n);
    });
    row = row.map(crc => (crc >> 8n) ^ (entries[Number(crc & 0xffn)] ?? 0n));
  }
  return { low, high };
}

const lazily = <T>(make: () => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
const crc32cTables = lazily(() => makeTables(BigInt(CRC32C_POLYNOMIAL)));
const crc64Tables = lazily(() => makeTables(CRC64NVME_POLYNOMIAL));

export interface Crc {
  update(chunk: Uint8Array): void;
  /** Big-endian, 4 or 8 bytes. */
  digest(): Buffer;
}

export const createCrc32c = (): Crc => createCrc(crc32cTables(), 4);
export const createCrc64Nvme = (): Crc => createCrc(crc64Tables(), 8);

/**
 * The state is kept as two 32-bit halves. A 32-bit CRC is the same computation with an empty high half, since its
 * register is shorter than a step.
 */
function createCrc({ low, high }: CrcTables, width: 4 | 8): Crc {
  let stateLow = 0xffffffff;
  let stateHigh = width === 8 ? 0xffffffff : 0;

  const updateByte = (byte: number) => {
    const index = (stateLow ^ byte) & 0xff;
    stateLow = ((stateLow >>> 8) | (stateHigh << 24)) ^ (low[index] ?? 0);
    stateHigh = (stateHigh >>> 8) ^ (high[index] ?? 0);
  };

  const updateWords = (chunk: Uint8Array, end: number) => {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < end; at += SLICES) {
      const first = stateLow ^ view.getUint32(at, true);
      const second = stateHigh ^ view.getUint32(at + 4, true);
      let nextLow = 0;
      let nextHigh = 0;
      for (let byte = 0; byte < 4; byte++) {
        const early = (7 - byte) * 256 + ((first >>> (byte * 8)) & 0xff);
        const late = (3 - byte) * 256 + ((second >>> (byte * 8)) & 0xff);
        nextLow ^= (low[early] ?? 0) ^ (low[late] ?? 0);
        nextHigh ^= (high[early] ?? 0) ^ (high[late] ?? 0);
      }
      stateLow = nextLow;
      stateHigh = nextHigh;
    }
  };

  return {
    update(chunk) {
      const wordsEnd = chunk.byteLength - (chunk.byteLength % SLICES);
      updateWords(chunk, wordsEnd);
      for (let at = wordsEnd; at < chunk.byteLength; at++) updateByte(chunk[at] ?? 0);
    },
    digest() {
      const bytes = Buffer.alloc(width);
      bytes.writeUInt32BE(~stateLow >>> 0, width - 4);
      if (width === 8) bytes.writeUInt32BE(~stateHigh >>> 0, 0);
      return bytes;
    },
  };
}
