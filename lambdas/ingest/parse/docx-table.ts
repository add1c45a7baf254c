import type { Block } from './block.ts';
import { isOn } from './ooxml.ts';
import { fold, splitHeader, tableBlocks } from './table.ts';
import { type Attributes, attributeOf } from './xml.ts';

/** Word allows 63 columns; more is a damaged file. */
const maxSpan = 63;

/** Collects the rows of one Word table. A cell that goes on from the one above repeats its text. */
export class DocxTable {
  readonly #rows: string[][] = [];
  #headRows = 0;
  #rowIsHead = false;
  #cell: string | undefined;
  #span = 1;
  #continues = false;

  open(name: string, attributes: Attributes): void {
    if (name === 'tr') {
      this.#rows.push([]);
      this.#rowIsHead = false;
    } else if (name === 'tblHeader') this.#rowIsHead = isOn(attributes);
    else if (name === 'tc') {
      this.#cell = '';
      this.#span = 1;
      this.#continues = false;
    } else if (name === 'gridSpan') {
      this.#span = Math.min(Math.max(Number(attributeOf(attributes, 'val')) || 1, 1), maxSpan);
    } else if (name === 'vMerge') this.#continues = (attributeOf(attributes, 'val') ?? 'continue') === 'continue';
  }

  close(name: string): void {
    if (name === 'tc') this.#closeCell();
    else if (name === 'tr' && this.#rowIsHead && this.#headRows === this.#rows.length - 1) this.#headRows++;
  }

  takes(text: string): void {
    this.#cell = this.#cell ? `${this.#cell} ${text}` : text;
  }

  /** Rows; or paragraphs when there is but one column, which is a frame around text. */
  *blocks(): Generator<Block> {
    const rows = this.#rows.filter(row => row.some(cell => cell !== ''));
    if (rows.every(row => row.length <= 1)) {
      for (const [text = ''] of rows) yield { kind: 'paragraph', text, place: {} };
      return;
    }
    const marked = this.#headRows > 0 && rows.length > this.#headRows;
    const { header, body } = marked
      ? {
          header: rows[this.#headRows - 1],
          body: [...rows.slice(0, this.#headRows - 1), ...rows.slice(this.#headRows)],
        }
      : splitHeader(rows);
    yield* tableBlocks(body, header, {});
  }

  #closeCell(): void {
    const row = this.#rows.at(-1);
    if (!row) return;
    const above = this.#rows.at(-2)?.[row.length] ?? '';
    row.push(this.#continues && !this.#cell ? above : fold(this.#cell));
    for (let index = 1; index < this.#span; index++) row.push('');
    this.#cell = undefined;
  }
}
