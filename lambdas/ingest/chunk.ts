import { createHash } from 'node:crypto';
import type { Chunk, Place, SectionStart } from '../document.ts';
import { type ChunkOptions, Packer, type PlacedUnit, type UnitRange } from './chunk-packer.ts';
import { type UnitSizes, unitsOf } from './chunk-units.ts';
import type { Block, ParsedDocument } from './parse/block.ts';
import { type Suspicion, suspicionsIn, suspicionsInUnseen } from './suspicious.ts';
import { type TextBlock, TextJoiner } from './text-joiner.ts';
import { estimateTokens } from './tokens.ts';

/**
 * Cleans a document's text and cuts it into chunks, block by block: what it holds does not grow with the document.
 *
 * Each chunk is an exact slice of the text; together they cover all of it that is not white space; their starts
 * strictly increase. No chunk reaches across a page, slide or sheet, so that its place holds for every quote in it. A
 * heading stays with what follows it. A chunk that goes on in the middle of a section begins with whole sentences or
 * blocks that end the chunk before; one that opens a section or a page has no such overlap.
 */
export class DocumentChunker {
  readonly #joiner = new TextJoiner();
  readonly #packer: Packer;
  readonly #sizes: UnitSizes;
  /** The text from `#textStart` on, as far as it is not in chunks that are done. */
  #text = '';
  #textStart = 0;
  #count = 0;

  /** Signs that concern every chunk. */
  readonly #suspicions: readonly Suspicion[];

  /**
   * @param unseen what is in the file but in no block
   * @throws RangeError when the overlap is not less than half of the target
   */
  constructor(options: ChunkOptions, unseen = '') {
    if (options.overlapTokens * 2 >= options.targetTokens) {
      throw new RangeError('The overlap must be less than half of the target.');
    }
    this.#packer = new Packer(options);
    this.#sizes = unitSizes(options);
    this.#suspicions = suspicionsInUnseen(unseen);
  }

  /** @returns the chunks that are complete now */
  add(source: Block): Chunk[] {
    const block = this.#joiner.add(source);
    if (!block) return [];
    this.#text += block.separator + block.text;
    const chunks: Chunk[] = [];
    for (const unit of unitsOf(block.text, block.tokens, this.#sizes)) {
      const { start, end } = unit;
      const placed = { ...unit, start: block.start + start, end: block.start + end, block };
      for (const range of this.#packer.add(placed)) chunks.push(this.#toChunk(range));
    }
    this.#forgetText(chunks.at(-1));
    return chunks;
  }

  /** @returns the chunks that remain */
  end(): Chunk[] {
    return this.#packer.end().map(range => this.#toChunk(range));
  }

  /** Later chunks start behind this one's start. */
  #forgetText(chunk: Chunk | undefined): void {
    if (!chunk) return;
    this.#text = this.#text.slice(chunk.start - this.#textStart);
    this.#textStart = chunk.start;
  }

  #toChunk({ units, overlap }: UnitRange): Chunk {
    const start = units[0]?.start ?? 0;
    const text = this.#text.slice(start - this.#textStart, (units.at(-1)?.end ?? start) - this.#textStart).trimEnd();
    const context = units[0]?.block.header;
    const suspicious = this.#suspicionsOf(units, text);
    const place = placeOf(lastOfLeadingHeadings(units, overlap)?.block);
    const sections = sectionsOf(units, start, place);
    const index = this.#count;
    this.#count += 1;
    return {
      index,
      text,
      ...(context === undefined ? {} : { context }),
      start,
      end: start + text.length,
      tokenCount: estimateTokens(text),
      textHash: createHash('sha256').update(text).digest('hex'),
      place,
      ...(sections.length === 0 ? {} : { sections }),
      ...(suspicious.length === 0 ? {} : { suspicious }),
    };
  }

  #suspicionsOf(units: readonly PlacedUnit[], text: string): string[] {
    const ofBlocks = units.flatMap(({ block }) => block.suspicions);
    return [...new Set([...suspicionsIn(text), ...ofBlocks, ...this.#suspicions])].sort();
  }
}

/** A whole document's text and chunks at once. @throws RangeError as `DocumentChunker` */
export function chunkDocument(document: ParsedDocument, options: ChunkOptions): { text: string; chunks: Chunk[] } {
  const joiner = new TextJoiner();
  const chunker = new DocumentChunker(options, document.unseen);
  let text = '';
  const chunks: Chunk[] = [];
  for (const source of document.blocks) {
    const block = joiner.add(source);
    if (block) text += block.separator + block.text;
    chunks.push(...chunker.add(source));
  }
  return { text, chunks: [...chunks, ...chunker.end()] };
}

/** Small enough for several to make an overlap, so that it ends near where it should. */
const unitSizes = ({ targetTokens, overlapTokens }: ChunkOptions): UnitSizes => ({
  wholeTokens: Math.max(8, overlapTokens > 0 ? overlapTokens / 2 : targetTokens / 4),
  maxTokens: Math.max(8, targetTokens / 2),
});

/** A chunk that opens with a chapter's heading and a section's below it stands in that section. */
function lastOfLeadingHeadings(units: readonly PlacedUnit[], overlap: number): PlacedUnit | undefined {
  let unit = overlap;
  while (units[unit]?.block.kind === 'heading' && units[unit + 1]?.block.kind === 'heading') unit++;
  return units[unit];
}

function placeOf(block: TextBlock | undefined): Place {
  return { ...block?.place, ...(block?.section ? { section: block.section } : {}) };
}

/** Where the text goes over into another section than the one before, the first of which is the place's. */
function sectionsOf(units: readonly PlacedUnit[], start: number, place: Place): SectionStart[] {
  let section = place.section ?? '';
  return units.flatMap(unit => {
    const next = unit.block.section ?? '';
    if (next === section) return [];
    section = next;
    return [{ start: unit.start - start, section }];
  });
}
