import { BlockList, type ParsedDocument, type Source } from './block.ts';
import { type FormatOptions, takesSheet } from './format-options.ts';
import { limits } from './limits.ts';
import { readOdfTitle, scanContent } from './odf.ts';
import { SheetRows } from './sheet-rows.ts';
import { unreadable } from './unreadable.ts';
import { type Attributes, attributeOf, type XmlHandler } from './xml.ts';
import { ZipArchive } from './zip.ts';

/** OpenDocument spreadsheets: every sheet, row by row, each cell as it is shown. */
export function read({ bytes, options, signal }: Source): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const reader = new SheetReader(options, signal);
  scanContent(archive, reader);
  const title = readOdfTitle(archive);
  return title ? { title, blocks: reader.list.blocks } : { blocks: reader.list.blocks };
}

/** A cell or a row that repeats more often only fills the sheet. */
const maxRepeats = 1_000;
/** Columns of the widest sheet that there can be. */
const maxColumns = 16_384;

class SheetReader implements XmlHandler {
  readonly list = new BlockList();
  readonly #options: FormatOptions;
  readonly #signal: AbortSignal | undefined;
  /** Absent outside of a sheet, and in one that is left out. */
  #rows: SheetRows | undefined;
  /** Tables inside a cell, and what programs keep of linked sheets, are passed over. */
  #tableDepth = 0;
  #sheets = 0;
  #before = 0;
  #row: string[] = [];
  #column = 0;
  #rowRepeats = 1;
  #cell: string | undefined;
  #value = '';
  #cellRepeats = 1;
  #paragraphs = 0;
  #noteDepth = 0;
  #cells = 0;

  constructor(options: FormatOptions, signal: AbortSignal | undefined) {
    this.#options = options;
    this.#signal = signal;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#noteDepth > 0 || name === 'annotation') this.#noteDepth++;
    else if (name === 'table' && ++this.#tableDepth === 1) this.#openSheet(attributeOf(attributes, 'name'));
    else if (name === 'table-row') {
      this.#row = [];
      this.#column = 0;
      this.#rowRepeats = repeatsOf(attributes, 'number-rows-repeated');
    } else if (name === 'table-cell' || name === 'covered-table-cell') this.#openCell(attributes);
    else if (this.#cell !== undefined) this.#openCellPart(name);
  }

  close(name: string): void {
    if (this.#noteDepth > 0) this.#noteDepth--;
    else if (name === 'table' && --this.#tableDepth === 0) this.#closeSheet();
    else if (name === 'table-row') this.#closeRow();
    else if (name === 'table-cell' || name === 'covered-table-cell') this.#closeCell();
  }

  text(piece: string): void {
    if (this.#cell !== undefined && this.#paragraphs > 0 && this.#noteDepth === 0) this.#cell += piece;
  }

  #openSheet(name: string | undefined): void {
    this.#signal?.throwIfAborted();
    const place = { sheet: name ?? `Sheet ${this.#sheets + 1}` };
    this.#sheets++;
    this.#before = this.list.blocks.length;
    this.#rows = undefined;
    if (!takesSheet(this.#options, place.sheet)) return;
    this.list.add({ kind: 'heading', level: 1, text: place.sheet, place });
    this.#rows = new SheetRows(place, block => this.list.add(block));
  }

  #closeSheet(): void {
    this.#rows?.end();
    if (this.#rows && this.list.blocks.length === this.#before + 1) this.list.blocks.pop(); // an empty sheet is not worth its name
  }

  #openCell(attributes: Attributes): void {
    this.#cell = '';
    this.#paragraphs = 0;
    this.#cellRepeats = repeatsOf(attributes, 'number-columns-repeated');
    this.#value = attributeOf(attributes, 'date-value') ?? attributeOf(attributes, 'value') ?? '';
  }

  #openCellPart(name: string): void {
    if (name === 'p') {
      if (this.#paragraphs++ > 0) this.#cell += '\n';
    } else if (name === 's' || name === 'tab' || name === 'line-break') this.#cell += ' ';
  }

  /** Empty cells only move on: the last one of a row stands for all up to the sheet's edge. */
  #closeCell(): void {
    const text = this.#cell || this.#value;
    this.#cell = undefined;
    if (text === '') {
      this.#column = Math.min(this.#column + this.#cellRepeats, maxColumns);
      return;
    }
    for (let count = 0; count < Math.min(this.#cellRepeats, maxRepeats) && this.#column < maxColumns; count++) {
      this.#spend(1);
      this.#row[this.#column++] = text;
    }
  }

  #closeRow(): void {
    if (this.#row.length === 0) {
      this.#rows?.gap();
      return;
    }
    this.#spend(this.#row.length >> 4); // walking over wide gaps has its cost too
    this.#rows?.add(this.#row);
    for (let count = 1; count < Math.min(this.#rowRepeats, maxRepeats); count++) {
      this.#spend(this.#row.length);
      this.#rows?.add(this.#row);
    }
  }

  #spend(cells: number): void {
    this.#cells += cells;
    if (this.#cells > limits.cells) throw unreadable('too-large', 'cells');
  }
}

function repeatsOf(attributes: Attributes, name: string): number {
  const repeats = Number(attributeOf(attributes, name) ?? 1);
  return Number.isInteger(repeats) && repeats > 0 ? repeats : 1;
}
