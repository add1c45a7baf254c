import type { Block, BlockPlace } from './block.ts';
import { fold, headerLine, looksLikeHeader, type Row, rowLine } from './table.ts';

/** The row that names the columns, counted from 1 among those that are not empty. */
export type HeaderRow = number | 'none';

/**
 * Turns the rows of a sheet into blocks, one row at a time. A sheet is read as tables parted by empty rows: lines of
 * a single cell above a table are paragraphs, the first row with several names is its header. A table without a
 * header of its own goes on with the one above, as totals below a blank row do.
 */
export class SheetRows {
  readonly #place: BlockPlace;
  readonly #add: (block: Block) => void;
  #header: Row | undefined;
  /** May be a header: the next row tells. */
  #pending: Row | undefined;
  #atTableStart = true;
  /** Where the header is, if that is known beforehand. */
  readonly #headerRow: HeaderRow | undefined;
  #rowCount = 0;

  constructor(place: BlockPlace, add: (block: Block) => void, headerRow?: HeaderRow) {
    this.#place = place;
    this.#add = add;
    this.#headerRow = headerRow;
  }

  add(row: Row): void {
    if (this.#pending) this.#takeHeader(this.#pending);
    const filled = row.filter(cell => fold(cell) !== '').length;
    if (filled === 0) return;
    if (this.#headerRow !== undefined) {
      this.#addByNumber(row, this.#headerRow);
      return;
    }
    if (this.#atTableStart && filled === 1 && this.#header === undefined) {
      this.#addParagraph(row);
      return;
    }
    if (this.#atTableStart && looksLikeHeader(row)) this.#pending = row;
    else this.#addRow(row);
    this.#atTableStart = false;
  }

  #addByNumber(row: Row, headerRow: HeaderRow): void {
    this.#rowCount += 1;
    if (headerRow === 'none' || this.#rowCount > headerRow) this.#addRow(row);
    else if (this.#rowCount < headerRow) this.#addParagraph(row);
    else this.#takeHeader(row);
  }

  /** There are empty rows here: what follows may be another table. */
  gap(): void {
    this.#settlePending();
    this.#atTableStart = true;
  }

  end(): void {
    this.#settlePending();
  }

  #takeHeader(row: Row): void {
    this.#pending = undefined;
    this.#header = row;
    this.#add({ kind: 'table-row', text: headerLine(row), place: this.#place });
  }

  /** No row followed: it was no header. */
  #settlePending(): void {
    if (this.#pending) this.#addRow(this.#pending);
    this.#pending = undefined;
  }

  #addRow(row: Row): void {
    const header = this.#header ? { header: headerLine(this.#header) } : {};
    this.#add({ kind: 'table-row', text: rowLine(row, this.#header), place: this.#place, ...header });
  }

  #addParagraph(row: Row): void {
    this.#add({ kind: 'paragraph', text: rowLine(row), place: this.#place });
  }
}
