import type { Block, BlockPlace } from './block.ts';
import { fold, type Row, rowLine, splitHeader, tableBlocks } from './table.ts';

/** As browsers do: a larger span is a mistake or an attack. */
const maxColumnSpan = 100;
const maxRowSpan = 1_000;

interface SpanningCell {
  readonly text: string;
  rowsLeft: number;
}

interface OpenCell {
  text: string;
  readonly columns: number;
  readonly rows: number;
}

/**
 * Collects the rows of one table element. A cell that spans rows counts in each of them.
 * A table that holds a table or a heading is there for the layout: its cells are then read as ordinary blocks.
 */
export class HtmlTable {
  readonly #onLayoutRow: (text: string) => void;
  readonly #rows: string[][] = [];
  readonly #spanning = new Map<number, SpanningCell>();
  #layout: boolean;
  #headRows = 0;
  #inHead = false;
  #onlyHeaderCells = true;
  #cell: OpenCell | undefined;

  constructor(onLayoutRow: (text: string) => void, layout: boolean) {
    this.#onLayoutRow = onLayoutRow;
    this.#layout = layout;
  }

  /** Gives back what was collected so far; from here on the table takes nothing. */
  takeForLayout(): void {
    if (this.#layout) return;
    this.#layout = true;
    for (const row of this.#rows.splice(0)) this.#onLayoutRow(rowLine(row));
    if (this.#cell && this.#cell.text !== '') this.#onLayoutRow(this.#cell.text);
    this.#cell = undefined;
  }

  openHead(): void {
    this.#inHead = true;
  }

  closeHead(): void {
    this.#finishRow();
    this.#inHead = false;
  }

  openRow(): void {
    this.#finishRow();
    this.#rows.push([]);
    this.#onlyHeaderCells = true;
  }

  openCell(name: 'td' | 'th', attributes: Record<string, string>): void {
    this.closeCell();
    if (this.#layout) return;
    if (this.#rows.length === 0) this.openRow();
    if (name === 'td') this.#onlyHeaderCells = false;
    this.#cell = {
      text: '',
      columns: spanOf(attributes.colspan, maxColumnSpan),
      rows: spanOf(attributes.rowspan, maxRowSpan),
    };
  }

  /** @returns false when the text is none of a cell's, and the caller is to keep it */
  takes(text: string): boolean {
    if (!this.#cell) return false;
    this.#cell.text += this.#cell.text === '' ? text : ` ${text}`;
    return true;
  }

  closeCell(): void {
    const cell = this.#cell;
    const row = this.#rows.at(-1);
    this.#cell = undefined;
    if (!cell || !row) return;
    this.#fillSpanned(row);
    const text = fold(cell.text);
    for (let index = 0; index < cell.columns; index++) {
      const content = index === 0 ? text : '';
      if (cell.rows > 1) this.#spanning.set(row.length, { text: content, rowsLeft: cell.rows - 1 });
      row.push(content);
    }
  }

  blocks(place: BlockPlace): Iterable<Block> {
    this.#finishRow();
    const rows = this.#rows.filter(row => row.some(cell => cell !== ''));
    if (this.#headRows === 0) {
      const { header, body } = splitHeader(rows);
      return tableBlocks(body, header, place);
    }
    return tableBlocks(rows.slice(this.#headRows), joinHeads(rows.slice(0, this.#headRows)), place);
  }

  /** Columns at the end of the row that a cell above reaches into; and whether the row was one of the header. */
  #finishRow(): void {
    this.closeCell();
    const row = this.#rows.at(-1);
    if (!row || row.length === 0) return;
    this.#fillSpanned(row);
    const isHead = this.#inHead || this.#onlyHeaderCells;
    if (isHead && this.#headRows === this.#rows.length - 1 && row.some(cell => cell !== '')) this.#headRows++;
    this.#onlyHeaderCells = false;
  }

  #fillSpanned(row: string[]): void {
    for (let span = this.#spanning.get(row.length); span; span = this.#spanning.get(row.length)) {
      if (--span.rowsLeft === 0) this.#spanning.delete(row.length);
      row.push(span.text);
    }
  }
}

/** Several header rows name a column together: `Size` above `min` is `Size min`. */
function joinHeads(heads: readonly Row[]): Row {
  const width = Math.max(...heads.map(head => head.length));
  return Array.from({ length: width }, (_, column) =>
    [...new Set(heads.map(head => fold(head[column])))].join(' ').trim(),
  );
}

function spanOf(attribute: string | undefined, most: number): number {
  const span = Number.parseInt(attribute ?? '1', 10);
  return Number.isFinite(span) ? Math.min(Math.max(span, 1), most) : 1;
}
