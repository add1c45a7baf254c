import { BlockList, type ParsedDocument, type Source } from './block.ts';
import { takesSheet } from './format-options.ts';
import { limits } from './limits.ts';
import { isOn, mainPart, readRelationships, readTitle, targetOf } from './ooxml.ts';
import { SheetRows } from './sheet-rows.ts';
import { unreadable } from './unreadable.ts';
import { formatNumber, type NumberKind, readNumberKinds } from './xlsx-format.ts';
import { type Attributes, attributeOf, scanPart, type XmlHandler } from './xml.ts';
import { ZipArchive } from './zip.ts';

/** What the cells of all sheets share. */
interface Workbook {
  readonly strings: readonly string[];
  readonly kinds: readonly NumberKind[];
  readonly since1904: boolean;
}

/** Excel: every sheet, row by row, formulas by their stored results. Only cells that exist are walked. */
export function read({ bytes, options, signal }: Source): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const part = mainPart(archive) ?? 'xl/workbook.xml';
  const { sheets, since1904 } = readSheetNames(archive, part);
  const relationships = readRelationships(archive, part);
  const workbook = {
    strings: readStrings(archive, targetOf(relationships, 'sharedStrings')),
    kinds: readNumberKinds(archive, targetOf(relationships, 'styles')),
    since1904,
  };
  const list = new BlockList();
  const budget = { cells: limits.cells };
  for (const { name, id } of sheets) {
    if (!takesSheet(options, name)) continue;
    signal?.throwIfAborted();
    const target = relationships.get(id);
    if (target?.type === 'worksheet') readSheet(archive, target.target, name, workbook, list, budget);
  }
  const title = readTitle(archive);
  return title ? { title, blocks: list.blocks } : { blocks: list.blocks };
}

function readSheetNames(archive: ZipArchive, part: string) {
  const sheets: { name: string; id: string }[] = [];
  let since1904 = false;
  const found = scanPart(archive, part, {
    open(element, attributes) {
      if (element === 'workbookPr') since1904 = isOn({ val: attributes.date1904 ?? '0' });
      if (element !== 'sheet') return;
      sheets.push({ name: attributes.name ?? `Sheet ${sheets.length + 1}`, id: attributeOf(attributes, 'id') ?? '' });
    },
  });
  if (!found) throw unreadable('corrupt-file', 'the workbook inside it');
  return { sheets, since1904 };
}

/** Texts that cells name by number. Readings above characters (`rPh`) are no part of them. */
function readStrings(archive: ZipArchive, part: string | undefined): string[] {
  const strings: string[] = [];
  if (!part) return strings;
  let text = '';
  let inText = false;
  let inReading = false;
  scanPart(archive, part, {
    open(name) {
      if (name === 'si') text = '';
      else if (name === 'rPh') inReading = true;
      else if (name === 't') inText = !inReading;
    },
    close(name) {
      if (name === 'si') {
        strings.push(text);
        if (strings.length > limits.cells) throw unreadable('too-large', 'cells');
      } else if (name === 'rPh') inReading = false;
      else if (name === 't') inText = false;
    },
    text(piece) {
      if (inText) text += piece;
    },
  });
  return strings;
}

function readSheet(
  archive: ZipArchive,
  part: string,
  name: string,
  workbook: Workbook,
  list: BlockList,
  budget: { cells: number },
): void {
  const place = { sheet: name };
  const before = list.blocks.length;
  list.add({ kind: 'heading', level: 1, text: name, place });
  const rows = new SheetRows(place, block => list.add(block));
  scanPart(archive, part, new SheetReader(workbook, rows, budget));
  rows.end();
  if (list.blocks.length === before + 1) list.blocks.pop(); // an empty sheet is not worth its name
}

class SheetReader implements XmlHandler {
  readonly #workbook: Workbook;
  readonly #rows: SheetRows;
  readonly #budget: { cells: number };
  #row: string[] = [];
  #rowNumber = 0;
  /** Number of the last row that had text. */
  #lastFilled = 0;
  #column = -1;
  #type = 'n';
  #style = 0;
  #value = '';
  #inValue = false;

  constructor(workbook: Workbook, rows: SheetRows, budget: { cells: number }) {
    this.#workbook = workbook;
    this.#rows = rows;
    this.#budget = budget;
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'row') {
      this.#rowNumber = Number(attributes.r) || this.#rowNumber + 1;
      this.#row = [];
      this.#column = -1;
    } else if (name === 'c') {
      this.#column = columnOf(attributes.r) ?? this.#column + 1;
      this.#type = attributes.t ?? 'n';
      this.#style = Number(attributes.s ?? 0);
      this.#value = '';
    } else if (name === 'v' || name === 't') this.#inValue = true;
    else if (name === 'rPh') this.#inValue = false;
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.#inValue = false;
    else if (name === 'c') this.#closeCell();
    else if (name === 'row') this.#closeRow();
  }

  text(piece: string): void {
    if (this.#inValue) this.#value += piece;
  }

  #closeCell(): void {
    const text = this.#cellText();
    if (text === '') return;
    if (--this.#budget.cells < 0) throw unreadable('too-large', 'cells');
    this.#row[this.#column] = text; // sparse: columns between stay holes, which cost nothing
  }

  #cellText(): string {
    const value = this.#value;
    if (this.#type === 's') return this.#workbook.strings[Number(value)] ?? '';
    if (this.#type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
    if (this.#type !== 'n') return value; // inlineStr, str, e, d
    return formatNumber(value, this.#workbook.kinds[this.#style] ?? 'number', this.#workbook.since1904);
  }

  #closeRow(): void {
    if (this.#row.length === 0) return;
    this.#budget.cells -= this.#row.length >> 4; // walking over wide gaps has its cost too
    if (this.#rowNumber > this.#lastFilled + 1) this.#rows.gap();
    this.#lastFilled = this.#rowNumber;
    this.#rows.add(this.#row);
  }
}

/** `BC12` is column 54, from 0. Excel ends at XFD, 16,383. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^[A-Z]{1,3}/.exec(reference ?? '')?.[0];
  if (!letters) return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}
