import type { Unit } from './chunk-units.ts';
import type { TextBlock } from './text-joiner.ts';

export interface ChunkOptions {
  /** A chunk holds at most about this many tokens, by `estimateTokens`. */
  readonly targetTokens: number;
  /** About this many tokens of a chunk are those that end the chunk before it; less than half of the target. */
  readonly overlapTokens: number;
}

/** An overlap of half a chunk or more would never come to an end: it is cut. */
export const withinBounds = ({ targetTokens, overlapTokens }: ChunkOptions): ChunkOptions => ({
  targetTokens,
  overlapTokens: Math.min(overlapTokens, Math.ceil(targetTokens / 2) - 1),
});

/** A unit and the block that it is of. Its offsets are those of the document's text. */
export interface PlacedUnit extends Unit {
  readonly block: TextBlock;
}

/** The units of one chunk. */
export interface UnitRange {
  readonly units: readonly PlacedUnit[];
  /** How many at the start are overlap. */
  readonly overlap: number;
}

/** A chunk in the making, by positions among the units at hand; `to` is exclusive. */
interface Range {
  /** The first unit, of the overlap or the chunk's own. */
  from: number;
  /** The first one that is no overlap. */
  readonly own: number;
  to: number;
  tokens: number;
}

/** A share of the target from which on a chunk may end early, for a heading or to keep a block whole. */
const fullEnough = 0.5;
/** A last chunk with less than this share of the target is joined to the one before it. */
const tooSmall = 0.15;
/** So many chunks' worth of units are waited for before chunks are made of them, so that few are looked at twice. */
const lookaheadChunks = 4;

/**
 * Puts units into chunks, one after the other. Holds no more units than some chunks need, and decides as it would with
 * all of them at hand.
 */
export class Packer {
  #units: PlacedUnit[] = [];
  readonly #target: number;
  readonly #overlap: number;
  /** The newest chunk: what comes next may still be joined to it. */
  #last: Range | undefined;
  /** The first unit that is in no chunk yet. */
  #own = 0;
  #pendingTokens = 0;

  constructor(options: ChunkOptions) {
    this.#target = options.targetTokens;
    this.#overlap = options.overlapTokens;
  }

  /** @returns the chunks that are settled now */
  add(unit: PlacedUnit): UnitRange[] {
    this.#units.push(unit);
    this.#pendingTokens += unit.tokens;
    return this.#pendingTokens > this.#target * lookaheadChunks ? this.#pack(false) : [];
  }

  /** @returns the chunks that remain */
  end(): UnitRange[] {
    const settled = this.#pack(true);
    return this.#last ? [...settled, this.#unitsOf(this.#last)] : settled;
  }

  #pack(isEnd: boolean): UnitRange[] {
    const settled: UnitRange[] = [];
    while (this.#own < this.#units.length) {
      const range = this.#open(this.#own);
      this.#fill(range);
      if (!isEnd && range.to >= this.#units.length) break; // more may belong to it
      this.#own = range.to;
      if (this.#mergeIfSmall(range)) continue;
      if (this.#last) settled.push(this.#unitsOf(this.#last));
      this.#last = range;
    }
    this.#forget();
    return settled;
  }

  #unitsOf({ from, own, to }: Range): UnitRange {
    return { units: this.#units.slice(from, to), overlap: own - from };
  }

  /** Lets go of the units before the newest chunk. */
  #forget(): void {
    const from = this.#last?.from ?? 0;
    this.#units = this.#units.slice(from);
    this.#own -= from;
    if (this.#last) this.#last = { ...this.#last, from: 0, own: this.#last.own - from, to: this.#last.to - from };
    this.#pendingTokens = 0;
    for (let unit = this.#own; unit < this.#units.length; unit++) this.#pendingTokens += this.#tokensOf(unit);
  }

  /** Begins with as much of the chunk before as the overlap allows. */
  #open(own: number): Range {
    const range: Range = { from: own, own, to: own, tokens: 0 };
    if (!this.#last || this.#isHeading(own) || !this.#samePlace(own - 1, own)) return range;
    const room = Math.min(this.#overlap, this.#target - this.#tokensOf(own));
    for (let index = own - 1; index > this.#last.from && !this.#isHeading(index); index--) {
      const tokens = this.#tokensOf(index);
      if (range.tokens + tokens > room) break;
      range.tokens += tokens;
      range.from = index;
    }
    return range;
  }

  #fill(range: Range): void {
    while (range.to < this.#units.length && !this.#endsBefore(range)) {
      range.tokens += this.#tokensOf(range.to);
      range.to++;
    }
    if (range.to >= this.#units.length || !this.#samePlace(range.to - 1, range.to)) return;
    // A heading goes with what follows it.
    while (range.to - 1 > range.own && this.#isHeading(range.to - 1)) {
      range.to--;
      range.tokens -= this.#tokensOf(range.to);
    }
  }

  #endsBefore(range: Range): boolean {
    const next = range.to;
    if (next === range.own) return false;
    if (!this.#samePlace(next - 1, next)) return true;
    if (range.tokens + this.#tokensOf(next) > this.#target) return true;
    const full = range.tokens >= this.#target * fullEnough;
    if (!full || !this.#units[next]?.opensBlock) return false;
    if (this.#isHeading(next) && !this.#isHeading(next - 1)) return true;
    const blockTokens = this.#blockOf(next)?.tokens ?? 0;
    return blockTokens <= this.#target && range.tokens + blockTokens > this.#target;
  }

  #mergeIfSmall(range: Range): boolean {
    if (!this.#last || range.to - range.own === 0 || !this.#samePlace(range.own - 1, range.own)) return false;
    const endsPlace = range.to === this.#units.length || !this.#samePlace(range.to - 1, range.to);
    let own = 0;
    for (let index = range.own; index < range.to; index++) own += this.#tokensOf(index);
    if (!endsPlace || own >= this.#target * tooSmall) return false;
    this.#last.to = range.to;
    this.#last.tokens += own;
    return true;
  }

  #tokensOf(unit: number): number {
    return this.#units[unit]?.tokens ?? 0;
  }

  #blockOf(unit: number): TextBlock | undefined {
    return this.#units[unit]?.block;
  }

  #isHeading(unit: number): boolean {
    return this.#blockOf(unit)?.kind === 'heading';
  }

  #samePlace(one: number, other: number): boolean {
    return this.#blockOf(one)?.placeKey === this.#blockOf(other)?.placeKey;
  }
}
