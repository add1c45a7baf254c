import { countsOf } from './sparse-vector.ts';
import { termsOf } from './terms.ts';

/** `GWT1`, so that a file of another kind or a later form is told apart. */
const MAGIC = 0x31545747;
const HEADER_BYTES = 24;

/** In how many of a tenant's chunks each term occurs: what tells rare words from common ones. */
export class TermStatistics {
  /** Chunks counted: all of the tenant's, or a sample. */
  readonly chunkCount: number;
  /** Milliseconds since the epoch at which counting began: later changes are not in it. */
  readonly countedAt: number;
  /** How long counting took, in milliseconds. */
  readonly durationMs: number;
  /** Ascending; `#counts` beside it. */
  readonly #indices: Uint32Array;
  readonly #counts: Uint32Array;

  constructor(
    counted: { readonly chunkCount: number; readonly countedAt: number; readonly durationMs: number },
    indices: Uint32Array,
    counts: Uint32Array,
  ) {
    this.chunkCount = counted.chunkCount;
    this.countedAt = counted.countedAt;
    this.durationMs = counted.durationMs;
    this.#indices = indices;
    this.#counts = counts;
  }

  /** BM25's inverse document frequency; above 0 for every term. */
  rarityOf(index: number): number {
    const count = this.#countOf(index);
    return Math.log(1 + (this.chunkCount - count + 0.5) / (count + 0.5));
  }

  #countOf(index: number): number {
    let from = 0;
    let to = this.#indices.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#indices[middle] ?? 0) < index) from = middle + 1;
      else to = middle;
    }
    return this.#indices[from] === index ? (this.#counts[from] ?? 0) : 0;
  }

  /** Little-endian: magic, chunks, duration and number of terms as 32 bits, the time as 64, then indices, then counts. */
  encode(): Uint8Array {
    const bytes = new Uint8Array(HEADER_BYTES + 8 * this.#indices.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, this.chunkCount, true);
    view.setUint32(8, this.durationMs, true);
    view.setUint32(12, this.#indices.length, true);
    view.setFloat64(16, this.countedAt, true);
    bytes.set(bytesOf(this.#indices), HEADER_BYTES);
    bytes.set(bytesOf(this.#counts), HEADER_BYTES + 4 * this.#indices.length);
    return bytes;
  }

  /** @throws Error for bytes that `encode` did not make */
  static decode(bytes: Uint8Array): TermStatistics {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = bytes.length >= HEADER_BYTES ? view.getUint32(12, true) : -1;
    if (length < 0 || view.getUint32(0, true) !== MAGIC || bytes.length !== HEADER_BYTES + 8 * length) {
      throw new Error('These are not term statistics of this form.');
    }
    const numbers = (from: number) => new Uint32Array(bytes.slice(from, from + 4 * length).buffer);
    const counted = {
      chunkCount: view.getUint32(4, true),
      durationMs: view.getUint32(8, true),
      countedAt: view.getFloat64(16, true),
    };
    return new TermStatistics(counted, numbers(HEADER_BYTES), numbers(HEADER_BYTES + 4 * length));
  }
}

/** Counts texts into statistics. */
export class TermCounter {
  readonly #countedAt: number;
  readonly #counts = new Map<number, number>();
  #chunkCount = 0;

  constructor(now: number) {
    this.#countedAt = now;
  }

  get chunkCount(): number {
    return this.#chunkCount;
  }

  add(text: string): void {
    this.#chunkCount += 1;
    for (const index of countsOf(termsOf(text)).keys()) this.#counts.set(index, (this.#counts.get(index) ?? 0) + 1);
  }

  /** @param mostTerms those that occur most often are kept: one that is missing counts as one that never occurs */
  finish(now: number, mostTerms: number): TermStatistics {
    const kept = [...this.#counts].sort(([, a], [, b]) => b - a).slice(0, mostTerms);
    kept.sort(([a], [b]) => a - b);
    const counted = {
      chunkCount: this.#chunkCount,
      countedAt: this.#countedAt,
      durationMs: Math.max(0, Math.round(now - this.#countedAt)),
    };
    return new TermStatistics(
      counted,
      Uint32Array.from(kept, ([index]) => index),
      Uint32Array.from(kept, ([, count]) => count),
    );
  }
}

/** Lambda's and every supported machine's numbers are little-endian already. */
const bytesOf = (numbers: Uint32Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
