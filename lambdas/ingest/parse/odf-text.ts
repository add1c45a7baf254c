import type { Block, BlockKind, BlockList, BlockPlace } from './block.ts';
import { hasText } from './block.ts';
import { StyleNames } from './odf.ts';
import { fold, splitHeader, tableBlocks } from './table.ts';
import { type Attributes, attributeOf, type XmlHandler } from './xml.ts';

interface Paragraph {
  text: string;
  /** Of a heading: from 1. */
  readonly level: number | undefined;
  readonly style: string;
  readonly notes: string[];
}

interface Table {
  readonly rows: string[][];
  headRows: number;
  inHead: boolean;
  cell: string | undefined;
  columns: number;
}

/** Text that is not the document's: deleted pieces, remarks, readings above characters, forms and scripts. */
const skipped = new Set([
  'tracked-changes',
  'annotation',
  'ruby-text',
  'forms',
  'scripts',
  'sequence-decls',
  'title',
  'desc',
  'note-citation',
  'settings',
]);
/** A wider repetition only fills the sheet. */
const maxRepeats = 100;
const maxSpaces = 80;

/** Reads paragraphs, headings, lists, tables, text boxes and notes of an OpenDocument text or slide. */
export class OdfText implements XmlHandler {
  readonly list: BlockList;
  title: string | undefined;
  /** Where blocks stand from here on. */
  place: BlockPlace = {};
  /** What paragraphs outside of lists are from here on. */
  kind: BlockKind | 'title' = 'paragraph';
  readonly #styles = new StyleNames();
  readonly #paragraphs: Paragraph[] = [];
  readonly #lists: { count: number }[] = [];
  readonly #tables: Table[] = [];
  #note: string | undefined;
  #skipDepth = 0;

  constructor(list: BlockList) {
    this.list = list;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#skipDepth > 0 || (skipped.has(name) && !(name === 'title' && this.#paragraphs.length > 0))) {
      this.#skipDepth++;
      return;
    }
    if (name === 'style') this.#styles.add(attributes);
    else if (name === 'p' || name === 'h') this.#openParagraph(name, attributes);
    else if (name === 'note-body') this.#note = '';
    else if (name === 'list') this.#lists.push({ count: 0 });
    else if (name === 'tab') this.#put('\t');
    else if (name === 'line-break') this.#put('\n');
    else if (name === 's') this.#put(' '.repeat(Math.min(Number(attributeOf(attributes, 'c') ?? 1) || 1, maxSpaces)));
    else this.#openTablePart(name, attributes);
  }

  close(name: string): void {
    if (this.#skipDepth > 0) {
      this.#skipDepth--;
      return;
    }
    if (name === 'p' || name === 'h') this.#closeParagraph(this.#paragraphs.pop());
    else if (name === 'note-body') this.#closeNote();
    else if (name === 'list') this.#lists.pop();
    else this.#closeTablePart(name);
  }

  text(piece: string): void {
    if (this.#skipDepth === 0) this.#put(piece.replace(/\s+/g, ' ')); // white space of the file means one space
  }

  #put(text: string): void {
    const paragraph = this.#paragraphs.at(-1);
    if (paragraph) paragraph.text += text;
  }

  #openParagraph(name: 'p' | 'h', attributes: Attributes): void {
    const level = Number(attributeOf(attributes, 'outline-level') ?? 1) || 1;
    this.#paragraphs.push({
      text: '',
      level: name === 'h' ? Math.min(Math.max(level, 1), 6) : undefined,
      style: this.#styles.nameOf(attributeOf(attributes, 'style-name')),
      notes: [],
    });
  }

  #closeParagraph(paragraph: Paragraph | undefined): void {
    if (!paragraph) return;
    const table = this.#tables.at(-1);
    if (this.#note !== undefined) this.#note += (this.#note === '' ? '' : '\n') + paragraph.text;
    else if (table?.cell !== undefined) {
      const notes = paragraph.notes.filter(hasText).map(note => ` (${note.trim()})`);
      table.cell += `${table.cell === '' ? '' : ' '}${paragraph.text}${notes.join('')}`;
    } else {
      this.list.add(this.#toBlock(paragraph));
      for (const text of paragraph.notes) this.list.add({ kind: 'note', text, place: this.place });
    }
  }

  #closeNote(): void {
    this.#paragraphs.at(-1)?.notes.push(this.#note ?? '');
    this.#note = undefined;
  }

  #toBlock({ text, level, style }: Paragraph): Block {
    const place = this.place;
    if (level !== undefined) return { kind: 'heading', level, text, place };
    if (this.kind === 'title' || /^(title|heading)$/i.test(style)) {
      this.title ??= text;
      return { kind: 'heading', level: 1, text, place };
    }
    const named = /^heading (\d+)$/i.exec(style)?.[1];
    if (named) return { kind: 'heading', level: Math.min(Number(named), 6), text, place };
    if (this.kind === 'note') return { kind: 'note', text, place };
    if (this.#lists.length > 0) return { kind: 'list-item', text, place };
    if (/quot/i.test(style)) return { kind: 'quote', text, place };
    return { kind: /preformatted|source code/i.test(style) ? 'code' : 'paragraph', text, place };
  }

  #openTablePart(name: string, attributes: Attributes): void {
    const table = this.#tables.at(-1);
    if (name === 'table') this.#tables.push({ rows: [], headRows: 0, inHead: false, cell: undefined, columns: 1 });
    else if (name === 'table-header-rows' && table) table.inHead = true;
    else if (name === 'table-row') table?.rows.push([]);
    else if (name === 'table-cell' && table) {
      table.cell = '';
      table.columns = Math.min(Number(attributeOf(attributes, 'number-columns-repeated') ?? 1) || 1, maxRepeats);
    } else if (name === 'covered-table-cell') table?.rows.at(-1)?.push('');
  }

  #closeTablePart(name: string): void {
    const table = this.#tables.at(-1);
    if (!table) return;
    if (name === 'table-cell') {
      for (let count = 0; count < table.columns; count++) table.rows.at(-1)?.push(fold(table.cell));
      table.cell = undefined;
    } else if (name === 'table-header-rows') table.inHead = false;
    else if (name === 'table-row' && table.inHead) table.headRows++;
    else if (name === 'table') this.#closeTable(table);
  }

  /** A table in a cell of another is text of it; a single column is a frame around text. */
  #closeTable({ rows, headRows }: Table): void {
    this.#tables.pop();
    const filled = rows.filter(row => row.some(cell => cell !== ''));
    const marked = headRows > 0 && headRows < filled.length;
    const split = marked ? { header: filled[headRows - 1], body: filled.slice(headRows) } : splitHeader(filled);
    const isFrame = filled.every(row => row.length <= 1);
    const blocks: Block[] = isFrame
      ? filled.map(([text = '']) => ({ kind: 'paragraph', text, place: this.place }))
      : [...tableBlocks(split.body, split.header, this.place)];
    const outer = this.#tables.at(-1);
    if (outer?.cell !== undefined) outer.cell += ` ${blocks.map(block => block.text).join(' ')}`;
    else for (const block of blocks) this.list.add(block);
  }
}
