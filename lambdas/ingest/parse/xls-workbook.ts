import { limits } from './limits.ts';
import { codePageOf } from './rtf-text.ts';
import { unreadable } from './unreadable.ts';
import { biffRecords, type RecordReader } from './xls-records.ts';
import { kindOfFormat, kindOfFormatId, type NumberKind } from './xlsx-format.ts';

/** What the sheets of a workbook share. */
export interface XlsWorkbook {
  /** Sheets of cells by their place in the stream; charts and macro sheets are left out. */
  readonly sheets: readonly { readonly name: string; readonly offset: number }[];
  readonly strings: readonly string[];
  /** By the index of a cell's style. */
  readonly kinds: readonly NumberKind[];
  readonly since1904: boolean;
  /** A string within a record, its length before it. */
  stringIn(data: RecordReader, at: number): string;
}

const record = {
  end: 0x0a,
  since1904: 0x22,
  password: 0x2f,
  codePage: 0x42,
  sheet: 0x85,
  style: 0xe0,
  strings: 0xfc,
  format: 0x41e,
  begin: 0x809,
} as const;

const unicodeVersion = 0x0600;

/** @throws UnreadableDocument encrypted, corrupt-file when there is no sheet */
export function readXlsWorkbook(stream: Uint8Array): XlsWorkbook {
  const workbook = new WorkbookReader();
  for (const { type, data } of biffRecords(stream)) {
    if (type === record.end) break;
    workbook.take(type, data);
  }
  if (workbook.sheets.length === 0) throw unreadable('corrupt-file', 'the workbook inside it');
  return workbook;
}

class WorkbookReader implements XlsWorkbook {
  readonly sheets: { name: string; offset: number }[] = [];
  readonly kinds: NumberKind[] = [];
  strings: string[] = [];
  since1904 = false;
  readonly #formats = new Map<number, NumberKind>();
  /** Until Excel 95 strings are bytes of a code page. */
  #isUnicode = true;
  #decoder = new TextDecoder('windows-1252');

  take(type: number, data: RecordReader): void {
    if (type === record.password) throw unreadable('encrypted');
    if (type === record.begin) this.#isUnicode = data.u16(0) >= unicodeVersion;
    else if (type === record.since1904) this.since1904 = data.u16(0) === 1;
    else if (type === record.codePage) this.#decoder = new TextDecoder(codePageOf.ansi(data.u16(0)));
    else if (type === record.format) this.#formats.set(data.u16(0), kindOfFormat(this.#formatCode(data)));
    else if (type === record.style) this.kinds.push(this.#formats.get(data.u16(2)) ?? kindOfFormatId(data.u16(2)));
    else if (type === record.sheet && data.u8(5) === 0) {
      this.sheets.push({ name: this.#shortString(data, 6), offset: data.u32(0) });
    } else if (type === record.strings) this.strings = new SharedStrings(data).read();
  }

  stringIn(data: RecordReader, at: number): string {
    return this.#string(data, at + 2, data.u16(at));
  }

  #shortString(data: RecordReader, at: number): string {
    return this.#string(data, at + 1, data.u8(at));
  }

  #formatCode(data: RecordReader): string {
    return this.#isUnicode ? this.stringIn(data, 2) : this.#shortString(data, 2);
  }

  /** @param length in characters; the flags before them say how many bytes each takes */
  #string(data: RecordReader, at: number, length: number): string {
    if (!this.#isUnicode) return this.#decoder.decode(data.slice(at, length));
    return (data.u8(at) & 1) !== 0 ? data.utf16(at + 1, length * 2) : data.latin1(at + 1, length);
  }
}

/** The strings that cells name by number. One may go on in the next record, where its flags stand anew. */
class SharedStrings {
  readonly #data: RecordReader;
  #at = 8;
  /** Index of the next seam. */
  #seam = 0;

  constructor(data: RecordReader) {
    this.#data = data;
  }

  read(): string[] {
    const count = Math.min(this.#data.u32(4), limits.cells);
    const strings: string[] = [];
    while (strings.length < count && this.#at < this.#data.length) strings.push(this.#next());
    return strings;
  }

  #next(): string {
    const data = this.#data;
    const length = data.u16(this.#at);
    const flags = data.u8(this.#at + 2);
    this.#at += 3;
    const hasRuns = (flags & 8) !== 0;
    const runs = hasRuns ? data.u16(this.#at) : 0;
    if (hasRuns) this.#at += 2;
    const hasExtension = (flags & 4) !== 0;
    const extension = hasExtension ? data.u32(this.#at) : 0;
    if (hasExtension) this.#at += 4;
    const text = this.#characters(length, flags);
    this.#at += runs * 4 + extension;
    return text;
  }

  #characters(length: number, flags: number): string {
    let isWide = (flags & 1) !== 0;
    let text = '';
    while (text.length < length && this.#at < this.#data.length) {
      if (this.#nextSeam() === this.#at) {
        isWide = (this.#data.u8(this.#at++) & 1) !== 0;
        this.#seam++;
      }
      const width = isWide ? 2 : 1;
      const room = Math.max(Math.floor((this.#nextSeam() - this.#at) / width), 1);
      const taken = Math.min(length - text.length, room);
      text += isWide ? this.#data.utf16(this.#at, taken * 2) : this.#data.latin1(this.#at, taken);
      this.#at += taken * width;
    }
    return text;
  }

  #nextSeam(): number {
    while ((this.#data.seams[this.#seam] ?? Number.POSITIVE_INFINITY) < this.#at) this.#seam++;
    return this.#data.seams[this.#seam] ?? this.#data.length;
  }
}
