import type { BlockKind } from './block.ts';
import type { ByteReader } from './byte-reader.ts';
import { unreadable } from './unreadable.ts';

/** A paragraph and what its formatting says of it. */
export interface DocParagraph {
  readonly text: string;
  readonly role: BlockKind;
  /** Of a heading: 1 to 6. */
  readonly level?: number;
  readonly inTable: boolean;
  readonly endsCell: boolean;
  readonly endsRow: boolean;
}

/** The text of all parts one after the other, and where each character stands in the file. */
export interface DocText {
  readonly text: string;
  readonly pieces: readonly Piece[];
}

interface Piece {
  /** Character positions; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  /** Offset in the stream. */
  readonly offset: number;
  readonly bytesPerCharacter: 1 | 2;
}

/** Offsets in the file information block (MS-DOC 2.5). */
const fib = { characterCounts: 0x4c, papxTable: 0x102, pieceTable: 0x1a2 } as const;

const windows1252 = new TextDecoder('windows-1252');

/** Joins the pieces that Word wrote the text in. @throws UnreadableDocument corrupt-file */
export function readDocText(header: ByteReader, table: ByteReader): DocText {
  let at = header.u32(fib.pieceTable);
  const end = at + header.u32(fib.pieceTable + 4);
  while (at < end && table.u8(at) === 1) at += 3 + table.u16(at + 1);
  if (table.u8(at) !== 2) throw unreadable('corrupt-file', 'the text of the document');
  const count = Math.floor((Math.min(table.u32(at + 1), table.length) - 4) / 12);
  const positions = at + 5;
  const pieces: Piece[] = [];
  const texts: string[] = [];
  let length = 0;
  for (let index = 0; index < count; index++) {
    const characters = table.u32(positions + index * 4 + 4) - table.u32(positions + index * 4);
    const place = table.u32(positions + (count + 1) * 4 + index * 8 + 2);
    const isCompressed = (place & 0x40000000) !== 0;
    const offset = isCompressed ? (place & 0x3fffffff) >> 1 : place & 0x3fffffff;
    const bytesPerCharacter = isCompressed ? 1 : 2;
    if (characters < 0 || offset + characters * bytesPerCharacter > header.length) break;
    pieces.push({ from: length, to: length + characters, offset, bytesPerCharacter });
    texts.push(
      isCompressed ? windows1252.decode(header.slice(offset, characters)) : header.utf16(offset, characters * 2),
    );
    length += characters;
    if (length > header.length) break; // pieces that overlap: the text cannot be longer than the file
  }
  return { text: texts.join(''), pieces };
}

type Part = 'main' | 'footnotes' | 'headers' | 'macros' | 'remarks' | 'endnotes' | 'textboxes';
const parts: readonly Part[] = ['main', 'footnotes', 'headers', 'macros', 'remarks', 'endnotes', 'textboxes'];

/** Paragraphs of one part of the text; its length stands in the header. */
export function readDocParagraphs(header: ByteReader, table: ByteReader, text: DocText) {
  const formats = readFormats(header, table);
  return function* paragraphsOf(part: Part): Generator<DocParagraph> {
    const index = parts.indexOf(part);
    const lengthOf = (other: number) => header.u32(fib.characterCounts + other * 4);
    let from = 0;
    for (let other = 0; other < index; other++) from += lengthOf(other);
    const end = Math.min(from + lengthOf(index), text.text.length);
    while (from < end) {
      const to = endOfParagraph(text.text, from, end);
      yield toParagraph(text.text.slice(from, to), formatAt(formats, fileOffset(text.pieces, to - 1)));
      from = to;
    }
  };
}

const paragraphMark = '\r';
const cellMark = '\x07';
const pageMark = '\x0c';

/** Behind the mark that ends it. */
function endOfParagraph(text: string, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const character = text[at];
    if (character === paragraphMark || character === cellMark || character === pageMark) return at + 1;
  }
  return end;
}

function toParagraph(raw: string, { style, outlineLevel, inTable, endsRow, isListed }: Format): DocParagraph {
  const level = style >= 1 && style <= 9 ? style : outlineLevel < 9 ? outlineLevel + 1 : undefined;
  return {
    text: visible(raw),
    role: level !== undefined ? 'heading' : isListed ? 'list-item' : 'paragraph',
    ...(level === undefined ? {} : { level: Math.min(level, 6) }),
    inTable,
    endsCell: raw.endsWith(cellMark),
    endsRow,
  };
}

/** Control characters that show something. */
const shown: Readonly<Record<string, string>> = { '\t': '\t', '\v': '\n', '\x1e': '-' };
const field = { begin: '\x13', result: '\x14', end: '\x15' } as const;

/** Without the codes of fields (only their results show), pictures and reference marks. */
function visible(raw: string): string {
  let text = '';
  const isCode: boolean[] = [];
  let codes = 0;
  for (const character of raw) {
    if (character === field.begin) {
      isCode.push(true);
      codes++;
    } else if (character === field.result || character === field.end) {
      if (isCode.pop()) codes--;
      if (character === field.result) isCode.push(false);
    } else if (codes === 0) text += character >= ' ' ? character : (shown[character] ?? '');
  }
  return text;
}

/** What a run of paragraphs looks like. Styles 1 to 9 are the headings in whatever language. */
interface Format {
  /** Offsets in the stream; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly style: number;
  /** From 0; 9 is body text. */
  readonly outlineLevel: number;
  readonly inTable: boolean;
  readonly endsRow: boolean;
  readonly isListed: boolean;
}

const plain: Format = { from: 0, to: 0, style: 0, outlineLevel: 9, inTable: false, endsRow: false, isListed: false };
const pageSize = 512;

/** Formats stand in pages of 512 bytes, which a table lists in the order of the text. */
function readFormats(header: ByteReader, table: ByteReader): Format[] {
  const at = header.u32(fib.papxTable);
  const count = Math.floor((Math.min(header.u32(fib.papxTable + 4), table.length) - 4) / 8);
  const formats: Format[] = [];
  for (let index = 0; index < count; index++) {
    const page = table.u32(at + (count + 1) * 4 + index * 4) * pageSize;
    const runs = header.u8(page + pageSize - 1);
    for (let run = 0; run < runs; run++) {
      const place = header.u8(page + (runs + 1) * 4 + run * 13) * 2;
      const bounds = { from: header.u32(page + run * 4), to: header.u32(page + run * 4 + 4) };
      formats.push({ ...plain, ...(place === 0 ? {} : readFormat(header, page + place)), ...bounds });
    }
  }
  return formats.sort((a, b) => a.from - b.from);
}

function readFormat(header: ByteReader, at: number): Partial<Format> {
  const size = header.u8(at);
  const from = size === 0 ? at + 2 : at + 1;
  const length = size === 0 ? header.u8(at + 1) * 2 : size * 2 - 1;
  const changes = readProperties(header, from + 2, from + length);
  return { style: header.u16(from), ...changes };
}

/** How many bytes the operand of a property takes, by the top three bits of its code; 6 says so itself. */
const operandSizes = [1, 1, 2, 4, 2, 2, 0, 3] as const;

function readProperties(header: ByteReader, from: number, end: number): Partial<Format> {
  const format: { -readonly [key in keyof Format]?: Format[key] } = {};
  for (let at = from; at + 2 < end; ) {
    const code = header.u16(at);
    const value = header.u8(at + 2);
    if (code === 0x2416) format.inTable = value !== 0;
    else if (code === 0x2417) format.endsRow = value !== 0;
    else if (code === 0x2640) format.outlineLevel = value;
    else if (code === 0x460b) format.isListed = header.u16(at + 2) !== 0;
    const size = operandSizes[code >> 13] ?? 1;
    if (size > 0) at += 2 + size;
    else at += code === 0xd608 ? 3 + header.u16(at + 2) : 3 + value;
  }
  return format;
}

function fileOffset(pieces: readonly Piece[], position: number): number {
  const piece = pieces[upperBound(pieces, position)];
  return piece ? piece.offset + (position - piece.from) * piece.bytesPerCharacter : -1;
}

function formatAt(formats: readonly Format[], offset: number): Format {
  const format = formats[upperBound(formats, offset)];
  return format && offset < format.to ? format : plain;
}

/** Index of the last span that begins at or before a place; -1 when none does. */
function upperBound(spans: readonly { readonly from: number }[], place: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.from ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
