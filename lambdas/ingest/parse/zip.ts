import { Inflate } from 'fflate';
import { limits } from './limits.ts';
import { unreadable } from './unreadable.ts';

interface ZipEntry {
  readonly name: string;
  readonly encrypted: boolean;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly compressedBytes: number;
  /** Offset of the local header. */
  readonly offset: number;
}

const endSignature = 0x06054b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;
const sliceBytes = 64 * 1024;

/**
 * A ZIP archive in memory, read by its directory. Nothing is written anywhere and names are only keys, so that
 * `../` in one does no harm. What all reads together inflate is bounded while inflating.
 */
export class ZipArchive {
  readonly #bytes: Uint8Array;
  readonly #entries = new Map<string, ZipEntry>();
  #inflatedBytes = 0;

  /** @throws UnreadableDocument corrupt-file when the directory is damaged or missing; too-large for too many files */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (const entry of readDirectory(bytes)) this.#entries.set(entry.name, entry);
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /**
   * Inflates one file, piece by piece.
   * @returns false when there is no such file
   * @throws UnreadableDocument corrupt-file, encrypted, or too-large when a bound is passed
   */
  read(name: string, onPiece: (piece: Uint8Array) => void): boolean {
    const entry = this.#entries.get(name);
    if (!entry) return false;
    if (entry.encrypted) throw unreadable('encrypted');
    const data = this.#dataOf(entry);
    const take = (piece: Uint8Array) => {
      this.#inflatedBytes += piece.length;
      this.#checkBounds();
      onPiece(piece);
    };
    if (entry.method === 0) take(data);
    else if (entry.method === 8) inflate(data, take);
    else throw unreadable('corrupt-file', `"${shortName(name)}" inside it`);
    return true;
  }

  /**
   * @param most bytes that are kept of it
   * @returns undefined when there is no such file
   */
  bytesOf(name: string, most = Number.POSITIVE_INFINITY): Uint8Array | undefined {
    const pieces: Uint8Array[] = [];
    return this.read(name, piece => pieces.push(piece)) ? Buffer.concat(pieces).subarray(0, most) : undefined;
  }

  #dataOf(entry: ZipEntry): Uint8Array {
    const view = viewOf(this.#bytes);
    if (entry.offset + 30 > view.byteLength || view.getUint32(entry.offset, true) !== localSignature) {
      throw unreadable('corrupt-file', `"${shortName(entry.name)}" inside it`);
    }
    const start = entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true);
    const end = start + entry.compressedBytes;
    if (end > view.byteLength) throw unreadable('corrupt-file', `"${shortName(entry.name)}" inside it`);
    return this.#bytes.subarray(start, end);
  }

  #checkBounds(): void {
    const ratio = this.#inflatedBytes / this.#bytes.length;
    const bomb = this.#inflatedBytes > limits.expansionFloorBytes && ratio > limits.expansionRatio;
    if (bomb || this.#inflatedBytes > limits.inflatedBytes) throw unreadable('too-large', 'bytes');
  }
}

/** Pushed in slices, so that a bound stops a bomb before it has grown. */
function inflate(data: Uint8Array, onPiece: (piece: Uint8Array) => void): void {
  let passed: unknown;
  const stream = new Inflate(piece => {
    try {
      onPiece(piece);
    } catch (error) {
      passed = error;
      throw error;
    }
  });
  try {
    for (let start = 0; start < data.length || start === 0; start += sliceBytes) {
      const end = Math.min(start + sliceBytes, data.length);
      stream.push(data.subarray(start, end), end === data.length);
    }
  } catch (error) {
    if (passed !== undefined) throw passed; // the receiver's own failure, not the archive's
    throw unreadable('corrupt-file', 'the compressed content', { cause: error });
  }
}

function* readDirectory(bytes: Uint8Array): Generator<ZipEntry> {
  const view = viewOf(bytes);
  const end = findEnd(view);
  if (end === undefined) throw unreadable('corrupt-file', 'its table of contents');
  const count = view.getUint16(end + 10, true);
  if (count > limits.archiveEntries) throw unreadable('too-large', 'entries');
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== directorySignature) {
      throw unreadable('corrupt-file', 'its table of contents');
    }
    const nameLength = view.getUint16(at + 28, true);
    yield {
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)).replaceAll('\\', '/'),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      compressedBytes: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    };
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

/** The end record is at most a 65,535-byte comment away from the end of the file. */
function findEnd(view: DataView): number | undefined {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  return undefined;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const shortName = (name: string) => (name.length > 80 ? `${name.slice(0, 80)}…` : name);
