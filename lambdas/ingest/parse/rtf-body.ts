import type { BlockKind, BlockList } from './block.ts';
import { fold, splitHeader, tableBlocks } from './table.ts';

interface Style {
  name: string;
  /** From 0. */
  outlineLevel?: number | undefined;
}

/** The text of an RTF file: puts paragraphs, rows and notes together. */
export class RtfBody {
  readonly #list: BlockList;
  readonly #styles = new Map<number, Style>();
  #text = '';
  #style = 0;
  #outlineLevel: number | undefined;
  #marker: string | undefined;
  #numbered = false;
  #inTable = false;
  #cells: string[] = [];
  #rows: string[][] = [];
  /** The paragraph around a note while the note is read. */
  #around: string | undefined;
  #notes: string[] = [];
  /** Notes to the rows of the table. */
  #rowNotes: string[] = [];

  constructor(list: BlockList) {
    this.#list = list;
  }

  text(text: string): void {
    this.#text += text;
  }

  /** A list item's number or bullet. */
  marker(text: string): void {
    this.#marker = (this.#marker ?? '') + text;
  }

  nameStyle(id: number, name: string, outlineLevel?: number): void {
    const style = this.#styles.get(id) ?? { name: '' };
    style.name += name;
    style.outlineLevel ??= outlineLevel;
    this.#styles.set(id, style);
  }

  endStyle(id: number): void {
    const style = this.#styles.get(id);
    if (style) style.name = style.name.replace(/;$/, '').trim();
  }

  control(name: string, parameter: number | undefined): void {
    if (name === 'par' || name === 'sect' || name === 'page') this.#endParagraph();
    else if (name === 'pard') this.#resetParagraph();
    else if (name === 's') this.#style = parameter ?? 0;
    else if (name === 'outlinelevel') this.#outlineLevel = parameter;
    else if (name === 'ls' || name === 'pnlvlbody' || name === 'pnlvlblt') this.#numbered = parameter !== 0;
    else if (name === 'intbl') this.#inTable = true;
    else if (name === 'cell') this.#endCell();
    else if (name === 'nestcell' || name === 'nestrow') this.#text += ' ';
    else if (name === 'row') this.#endRow();
  }

  startNote(): void {
    if (this.#around !== undefined) return;
    this.#around = this.#text;
    this.#text = '';
  }

  endNote(): void {
    if (this.#around === undefined) return;
    this.#notes.push(this.#text);
    this.#text = this.#around;
    this.#around = undefined;
  }

  finish(): void {
    this.endNote();
    if (this.#inTable && this.#text.trim() !== '') this.#endCell();
    this.#endParagraph();
    if (this.#cells.length > 0) this.#endRow();
    this.#endTable();
  }

  #resetParagraph(): void {
    this.#inTable = false;
    this.#style = 0;
    this.#outlineLevel = undefined;
    this.#numbered = false;
  }

  #endParagraph(): void {
    if (this.#around !== undefined || this.#inTable || this.#cells.length > 0) {
      this.#text += '\n';
      return;
    }
    const text = this.#text;
    this.#text = '';
    if (text.trim() !== '') {
      this.#endTable();
      this.#addParagraph(text);
    }
    this.#marker = undefined;
    this.#addNotes(this.#notes);
  }

  #addParagraph(text: string): void {
    const level = this.#headingLevel();
    const number = /[\p{L}\p{N}]+[.)]?/u.exec(this.#marker ?? '')?.[0];
    if (level !== undefined) this.#list.add({ kind: 'heading', level, text, place: {} });
    else if (this.#marker !== undefined || this.#numbered) {
      this.#list.add({ kind: 'list-item', text: number ? `${number} ${text.trimStart()}` : text, place: {} });
    } else this.#list.add({ kind: this.#kind(), text, place: {} });
  }

  #headingLevel(): number | undefined {
    const style = this.#styles.get(this.#style);
    const named = /^heading (\d)/i.exec(style?.name ?? '')?.[1];
    if (named) return Math.min(Number(named), 6);
    if (/^title$/i.test(style?.name ?? '')) return 1;
    const outline = this.#outlineLevel ?? style?.outlineLevel;
    return outline !== undefined && outline < 9 ? Math.min(outline + 1, 6) : undefined;
  }

  #kind(): BlockKind {
    const name = this.#styles.get(this.#style)?.name ?? '';
    if (/quote|block text/i.test(name)) return 'quote';
    return /preformatted|^code|source code/i.test(name) ? 'code' : 'paragraph';
  }

  #endCell(): void {
    const marker = this.#marker?.trim() ?? '';
    this.#cells.push(fold(`${/[\p{L}\p{N}]/u.test(marker) ? marker : ''} ${this.#text}`));
    this.#text = '';
    this.#marker = undefined;
  }

  #endRow(): void {
    this.#rows.push(this.#cells);
    this.#cells = [];
    this.#rowNotes.push(...this.#notes.splice(0));
  }

  #endTable(): void {
    const { header, body } = splitHeader(this.#rows);
    for (const block of tableBlocks(body, header, {})) this.#list.add(block);
    this.#rows = [];
    this.#addNotes(this.#rowNotes);
  }

  #addNotes(notes: string[]): void {
    for (const text of notes.splice(0)) this.#list.add({ kind: 'note', text, place: {} });
  }
}
