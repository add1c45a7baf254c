import { BlockList, type ParsedDocument, type Source } from './block.ts';
import { CompoundFile } from './compound-file.ts';
import { takesSheet } from './format-options.ts';
import { limits } from './limits.ts';
import { SheetRows } from './sheet-rows.ts';
import { readSummaryTitle } from './summary.ts';
import { unreadable } from './unreadable.ts';
import { type BiffRecord, biffRecords, errorText, packedNumber, type RecordReader } from './xls-records.ts';
import { readXlsWorkbook, type XlsWorkbook } from './xls-workbook.ts';
import { formatNumber } from './xlsx-format.ts';

/** Old Excel workbooks (MS-XLS, Excel 5 to 2003): every sheet, row by row, formulas by their stored results. */
export function read({ bytes, options, signal }: Source): ParsedDocument {
  const file = new CompoundFile(bytes);
  const stream = file.read('Workbook') ?? file.read('Book');
  if (!stream) throw unreadable('corrupt-file', 'the workbook inside it');
  const workbook = readXlsWorkbook(stream);
  const list = new BlockList();
  const budget = { cells: limits.cells };
  for (const { name, offset } of workbook.sheets) {
    if (!takesSheet(options, name)) continue;
    signal?.throwIfAborted();
    const place = { sheet: name };
    const before = list.blocks.length;
    list.add({ kind: 'heading', level: 1, text: name, place });
    const rows = new SheetRows(place, block => list.add(block));
    new XlsSheet(workbook, rows, budget).read(biffRecords(stream, offset));
    if (list.blocks.length === before + 1) list.blocks.pop(); // an empty sheet is not worth its name
  }
  const title = readSummaryTitle(file);
  return title ? { title, blocks: list.blocks } : { blocks: list.blocks };
}

/** Records of a sheet's cells. */
const record = {
  formula: 0x06,
  endOfSheet: 0x0a,
  multipleNumbers: 0xbd,
  richString: 0xd6,
  sharedString: 0xfd,
  number: 0x203,
  label: 0x204,
  booleanOrError: 0x205,
  formulaString: 0x207,
  packedNumber: 0x27e,
  begin: 0x809,
} as const;

class XlsSheet {
  readonly #workbook: XlsWorkbook;
  readonly #rows: SheetRows;
  readonly #budget: { cells: number };
  #row: string[] = [];
  #rowNumber = -1;
  /** Where the text of the formula above belongs, which follows in a record of its own. */
  #awaited: { row: number; column: number } | undefined;

  constructor(workbook: XlsWorkbook, rows: SheetRows, budget: { cells: number }) {
    this.#workbook = workbook;
    this.#rows = rows;
    this.#budget = budget;
  }

  read(records: Iterable<BiffRecord>): void {
    let depth = 0; // a chart on the sheet has a beginning and an end of its own
    for (const { type, data } of records) {
      if (type === record.begin) depth++;
      else if (type === record.endOfSheet && --depth <= 0) break;
      else if (depth <= 1) this.#take(type, data);
    }
    this.#closeRow();
    this.#rows.end();
  }

  #take(type: number, data: RecordReader): void {
    const { strings } = this.#workbook;
    if (type === record.sharedString) this.#put(data, strings[data.u32(6)] ?? '');
    else if (type === record.number) this.#put(data, this.#shown(data.f64(6), data.u16(4)));
    else if (type === record.packedNumber) this.#put(data, this.#shown(packedNumber(data.u32(6)), data.u16(4)));
    else if (type === record.multipleNumbers) this.#putNumbers(data);
    else if (type === record.label || type === record.richString) this.#put(data, this.#workbook.stringIn(data, 6));
    else if (type === record.booleanOrError) {
      this.#put(data, data.u8(7) === 0 ? booleanText(data.u8(6)) : errorText(data.u8(6)));
    } else if (type === record.formula) this.#putResult(data);
    else if (type === record.formulaString && this.#awaited) {
      this.#set(this.#awaited.row, this.#awaited.column, this.#workbook.stringIn(data, 0));
      this.#awaited = undefined;
    }
  }

  #putNumbers(data: RecordReader): void {
    for (let at = 4; at + 6 <= data.length - 2; at += 6) {
      const column = data.u16(2) + (at - 4) / 6;
      this.#set(data.u16(0), column, this.#shown(packedNumber(data.u32(at + 2)), data.u16(at)));
    }
  }

  /** A number, unless its top half says what it is instead. */
  #putResult(data: RecordReader): void {
    if (data.u16(12) !== 0xffff) this.#put(data, this.#shown(data.f64(6), data.u16(4)));
    else if (data.u8(6) === 0) this.#awaited = { row: data.u16(0), column: data.u16(2) };
    else if (data.u8(6) === 1) this.#put(data, booleanText(data.u8(8)));
    else if (data.u8(6) === 2) this.#put(data, errorText(data.u8(8)));
  }

  #shown(value: number, style: number): string {
    return formatNumber(String(value), this.#workbook.kinds[style] ?? 'number', this.#workbook.since1904);
  }

  #put(data: RecordReader, text: string): void {
    this.#set(data.u16(0), data.u16(2), text);
  }

  #set(row: number, column: number, text: string): void {
    if (text === '') return;
    if (--this.#budget.cells < 0) throw unreadable('too-large', 'cells');
    if (row !== this.#rowNumber) {
      this.#closeRow();
      if (row > this.#rowNumber + 1) this.#rows.gap();
      this.#rowNumber = row;
    }
    this.#row[column] = text; // sparse: columns between stay holes, which cost nothing
  }

  #closeRow(): void {
    if (this.#row.length === 0) return;
    this.#budget.cells -= this.#row.length >> 4; // walking over wide gaps has its cost too
    this.#rows.add(this.#row);
    this.#row = [];
  }
}

const booleanText = (value: number) => (value === 0 ? 'FALSE' : 'TRUE');
