/** Little-endian numbers of a binary format. Behind its end everything is 0, so that a damaged file ends, not throws. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    return this.#holds(at, 1) ? this.#view.getUint8(at) : 0;
  }

  u16(at: number): number {
    return this.#holds(at, 2) ? this.#view.getUint16(at, true) : 0;
  }

  u32(at: number): number {
    return this.#holds(at, 4) ? this.#view.getUint32(at, true) : 0;
  }

  f64(at: number): number {
    return this.#holds(at, 8) ? this.#view.getFloat64(at, true) : 0;
  }

  /** @param length in bytes */
  utf16(at: number, length: number): string {
    return new TextDecoder('utf-16le').decode(this.slice(at, length));
  }

  /** Bytes that are the low halves of UTF-16, as old Office compresses Latin text. */
  latin1(at: number, length: number): string {
    return Buffer.from(this.slice(at, length)).toString('latin1');
  }

  slice(at: number, length: number): Uint8Array {
    return this.bytes.subarray(Math.max(at, 0), Math.max(at, 0) + Math.max(length, 0));
  }

  #holds(at: number, size: number): boolean {
    return at >= 0 && at + size <= this.bytes.length;
  }
}
