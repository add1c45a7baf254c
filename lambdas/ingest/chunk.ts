import { createHash } from 'node:crypto';
import type { Chunk, Place } from '../document.ts';
import { type Unit, unitsOf } from './chunk-units.ts';
import { cleanText } from './clean.ts';
import type { Block, BlockPlace, ParsedDocument } from './parse/block.ts';
import { estimateTokens } from './tokens.ts';

export interface ChunkOptions {
  /** A chunk holds at most about this many tokens, by `estimateTokens`. */
  readonly targetTokens: number;
  /** About this many tokens of a chunk are those that end the chunk before it; less than half of the target. */
  readonly overlapTokens: number;
}

/** A share of the target from which on a chunk may end early, for a heading or to keep a block whole. */
const fullEnough = 0.5;
/** A last chunk with less than this share of the target is joined to the one before it. */
const tooSmall = 0.15;
const maxSectionLength = 300;

/**
 * Cleans a document's text and cuts it into chunks.
 *
 * Each chunk is an exact slice of the text; together they cover all of it that is not white space; their starts
 * strictly increase. No chunk reaches across a page, slide or sheet, so that its place holds for every quote in it. A
 * heading stays with what follows it. A chunk that goes on in the middle of a section begins with whole sentences or
 * blocks that end the chunk before; one that opens a section or a page has no such overlap.
 * @throws RangeError when the overlap is not less than half of the target
 */
export function chunkDocument(document: ParsedDocument, options: ChunkOptions): { text: string; chunks: Chunk[] } {
  if (options.overlapTokens * 2 >= options.targetTokens) {
    throw new RangeError('The overlap must be less than half of the target.');
  }
  const { text, blocks } = joinBlocks(document.blocks);
  const units: Unit[] = [];
  const sizes = unitSizes(options);
  blocks.forEach((block, index) => {
    for (const unit of unitsOf(text, block, index, sizes)) units.push(unit);
  });
  const ranges = new Packer(units, blocks, options).pack();
  const chunks = ranges.map((range, index) => toChunk(text, units, blocks, range, index));
  return { text, chunks };
}

/** Small enough for several to make an overlap, so that it ends near where it should. */
const unitSizes = ({ targetTokens, overlapTokens }: ChunkOptions) => ({
  wholeTokens: Math.max(8, overlapTokens > 0 ? overlapTokens / 2 : targetTokens / 4),
  maxTokens: Math.max(8, targetTokens / 2),
});

/** A block in the document's text. */
interface TextBlock {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  readonly kind: Block['kind'];
  readonly header: string | undefined;
  readonly place: BlockPlace;
  /** Tells places apart. */
  readonly placeKey: string;
  readonly section: string;
}

/** Blocks joined by blank lines; rows of a table and items of a list by line breaks. */
function joinBlocks(source: readonly Block[]): { text: string; blocks: TextBlock[] } {
  const pieces: string[] = [];
  const blocks: TextBlock[] = [];
  const headings: string[] = [];
  let length = 0;
  for (const block of source) {
    const text = cleanText(block.text, block.kind === 'code' ? 'keep' : 'fold');
    if (text === '') continue;
    const before = blocks.at(-1);
    if (before) {
      const separator = before.kind === block.kind && isTight(block) ? '\n' : '\n\n';
      pieces.push(separator);
      length += separator.length;
    }
    if (block.kind === 'heading') openSection(headings, block.level ?? 1, text);
    const { sheet, page, slide } = block.place;
    blocks.push({
      start: length,
      end: length + text.length,
      tokens: estimateTokens(text),
      kind: block.kind,
      header: block.header === undefined ? undefined : cleanText(block.header),
      place: block.place,
      placeKey: `${page ?? ''}|${slide ?? ''}|${sheet ?? ''}`,
      section: sectionOf(headings),
    });
    pieces.push(text);
    length += text.length;
  }
  return { text: pieces.join(''), blocks };
}

const isTight = (block: Block) => block.kind === 'table-row' || block.kind === 'list-item';

function openSection(headings: string[], level: number, text: string): void {
  headings.length = Math.min(headings.length, level - 1);
  headings[level - 1] = text.replaceAll('\n', ' '); // a level that was left out stays a hole
}

function sectionOf(headings: readonly string[]): string {
  const section = headings.filter(heading => heading !== undefined).join(' › ');
  return section.length > maxSectionLength ? `${section.slice(0, maxSectionLength - 1).trimEnd()}…` : section;
}

/** Units of one chunk by their index; `to` is exclusive. */
interface UnitRange {
  /** The first unit, of the overlap or the chunk's own. */
  from: number;
  /** The first one that is no overlap. */
  readonly own: number;
  to: number;
  tokens: number;
}

/** Puts units into chunks, one after the other. */
class Packer {
  readonly #units: readonly Unit[];
  readonly #blocks: readonly TextBlock[];
  readonly #target: number;
  readonly #overlap: number;
  readonly #ranges: UnitRange[] = [];

  constructor(units: readonly Unit[], blocks: readonly TextBlock[], options: ChunkOptions) {
    this.#units = units;
    this.#blocks = blocks;
    this.#target = options.targetTokens;
    this.#overlap = options.overlapTokens;
  }

  pack(): readonly UnitRange[] {
    for (let own = 0; own < this.#units.length; ) {
      const range = this.#open(own);
      this.#fill(range);
      own = range.to;
      if (!this.#mergeIfSmall(range)) this.#ranges.push(range);
    }
    return this.#ranges;
  }

  /** Begins with as much of the chunk before as the overlap allows. */
  #open(own: number): UnitRange {
    const before = this.#ranges.at(-1);
    const range: UnitRange = { from: own, own, to: own, tokens: 0 };
    if (!before || this.#isHeading(own) || !this.#samePlace(own - 1, own)) return range;
    const room = Math.min(this.#overlap, this.#target - this.#tokensOf(own));
    for (let index = own - 1; index > before.from && !this.#isHeading(index); index--) {
      const tokens = this.#tokensOf(index);
      if (range.tokens + tokens > room) break;
      range.tokens += tokens;
      range.from = index;
    }
    return range;
  }

  #fill(range: UnitRange): void {
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

  #endsBefore(range: UnitRange): boolean {
    const next = range.to;
    if (next === range.own) return false;
    if (!this.#samePlace(next - 1, next)) return true;
    if (range.tokens + this.#tokensOf(next) > this.#target) return true;
    const full = range.tokens >= this.#target * fullEnough;
    if (!full || !this.#units[next]?.opensBlock) return false;
    const block = this.#blockOf(next);
    if (this.#isHeading(next) && !this.#isHeading(next - 1)) return true;
    const blockTokens = block?.tokens ?? 0;
    return blockTokens <= this.#target && range.tokens + blockTokens > this.#target;
  }

  #mergeIfSmall(range: UnitRange): boolean {
    const before = this.#ranges.at(-1);
    if (!before || range.to - range.own === 0 || !this.#samePlace(range.own - 1, range.own)) return false;
    const endsPlace = range.to === this.#units.length || !this.#samePlace(range.to - 1, range.to);
    let own = 0;
    for (let index = range.own; index < range.to; index++) own += this.#tokensOf(index);
    if (!endsPlace || own >= this.#target * tooSmall) return false;
    before.to = range.to;
    before.tokens += own;
    return true;
  }

  #blockOf(unit: number): TextBlock | undefined {
    return this.#blocks[this.#units[unit]?.block ?? -1];
  }

  #tokensOf(unit: number): number {
    return this.#units[unit]?.tokens ?? 0;
  }

  #isHeading(unit: number): boolean {
    return this.#blockOf(unit)?.kind === 'heading';
  }

  #samePlace(one: number, other: number): boolean {
    return this.#blockOf(one)?.placeKey === this.#blockOf(other)?.placeKey;
  }
}

function toChunk(
  text: string,
  units: readonly Unit[],
  blocks: readonly TextBlock[],
  range: UnitRange,
  index: number,
): Chunk {
  const start = units[range.from]?.start ?? 0;
  const end = trimmedEnd(text, start, units[range.to - 1]?.end ?? start);
  const slice = text.slice(start, end);
  const firstBlock = blocks[units[range.from]?.block ?? -1];
  const ownBlock = blocks[units[lastOfLeadingHeadings(units, blocks, range)]?.block ?? -1];
  return {
    index,
    text: slice,
    ...(firstBlock?.header === undefined ? {} : { context: firstBlock.header }),
    start,
    end,
    tokenCount: estimateTokens(slice),
    textHash: createHash('sha256').update(slice).digest('hex'),
    place: placeOf(ownBlock),
  };
}

/** A chunk that opens with a chapter's heading and a section's below it stands in that section. */
function lastOfLeadingHeadings(units: readonly Unit[], blocks: readonly TextBlock[], { own, to }: UnitRange): number {
  const isHeading = (unit: number) => unit < to && blocks[units[unit]?.block ?? -1]?.kind === 'heading';
  let unit = own;
  while (isHeading(unit) && isHeading(unit + 1)) unit++;
  return unit;
}

function placeOf(block: TextBlock | undefined): Place {
  return { ...block?.place, ...(block?.section ? { section: block.section } : {}) };
}

/** A sentence brings the white space behind it along; a chunk does not end in it. */
function trimmedEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && /\s/.test(text.charAt(at - 1))) at--;
  return at;
}
