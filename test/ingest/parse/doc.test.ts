import { describe, expect, it } from 'vitest';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { compoundOf, longs, shorts, wide } from './build-compound.ts';

const textStart = 0x800;

/** A paragraph's text with its mark, its style and its properties as (code, operand bytes). */
interface Paragraph {
  readonly text: string;
  readonly style?: number;
  readonly properties?: readonly (readonly [code: number, ...operand: number[]])[];
}

interface DocOptions {
  /** Characters at the end that are footnotes. */
  readonly notes?: number;
  readonly flags?: number;
}

/** The least that a Word file needs: header, text in one piece, and a page of paragraph formats. */
function docOf(paragraphs: readonly Paragraph[], { notes = 0, flags = 0 }: DocOptions = {}): Uint8Array {
  const text = paragraphs.map(paragraph => paragraph.text).join('');
  const main = Buffer.alloc(textStart + 4_096);
  main.set(shorts(0xa5ec, 0xc1), 0);
  main.set(shorts(flags), 10);
  main.set(longs(text.length - notes, notes), 0x4c);
  main.set(wide(text), textStart);

  const pieces = Buffer.concat([longs(0, text.length), shorts(0), longs(textStart), shorts(0)]);
  const pieceTable = Buffer.concat([Uint8Array.of(2), longs(pieces.length), pieces]);
  const page = textStart / 512 + 4;
  const formatTable = longs(textStart, textStart + text.length * 2, page);
  main.set(formatPage(paragraphs), page * 512);
  main.set(longs(0, formatTable.length), 0x102);
  main.set(longs(formatTable.length, pieceTable.length), 0x1a2);
  return compoundOf({ WordDocument: main, '0Table': Buffer.concat([formatTable, pieceTable]) });
}

function formatPage(paragraphs: readonly Paragraph[]): Uint8Array {
  const page = Buffer.alloc(512);
  page[511] = paragraphs.length;
  let at = textStart;
  let free = 510;
  page.set(longs(at), 0);
  paragraphs.forEach(({ text, style = 0, properties = [] }, index) => {
    at += text.length * 2;
    page.set(longs(at), (index + 1) * 4);
    const changes = Buffer.concat(
      properties.map(([code, ...operand]) => Buffer.from([code & 255, code >> 8, ...operand])),
    );
    const size = Math.ceil((changes.length + 3) / 2);
    free = (free - size * 2) & ~1;
    page.set(Buffer.concat([Uint8Array.of(size), shorts(style), changes]), free);
    page[(paragraphs.length + 1) * 4 + index * 13] = free / 2;
  });
  return page;
}

const inTable = [0x2416, 1] as const;
const endsRow = [0x2417, 1] as const;
const row = (...cells: readonly string[]): Paragraph[] => [
  ...cells.map(text => ({ text: `${text}\x07`, properties: [inTable] })),
  { text: '\x07', properties: [inTable, endsRow] },
];

const blocksOf = async (bytes: Uint8Array) =>
  (await parse(bytes, 'old.doc')).blocks.map(({ kind, text }) => `${kind}: ${text}`);

describe('old Word documents', () => {
  it('read headings by their style, list items, and tables row by row, also with empty cells', async () => {
    const paragraphs = [
      { text: 'Öffnungszeiten\r', style: 1 },
      { text: 'We open at nine.\vEvery day.\r' },
      { text: 'Bring a badge\r', properties: [[0x460b, 1, 0] as const] },
      ...row('City', 'Rate', 'Note'),
      ...row('Oslo', '', 'late'),
      { text: 'After\r' },
    ];
    expect(await blocksOf(docOf(paragraphs))).toEqual([
      'heading: Öffnungszeiten',
      'paragraph: We open at nine.\nEvery day.',
      'list-item: Bring a badge',
      'table-row: City; Rate; Note',
      'table-row: City: Oslo; Note: late',
      'paragraph: After',
    ]);
  });

  it('show the results of fields, not their codes, and read footnotes as notes', async () => {
    const note = '\x02 See the annex.\r';
    const text = 'Go to \x13 HYPERLINK "http://x" \x13 DATE \x14now\x15\x14the page\x15 here\x02.\r';
    expect(await blocksOf(docOf([{ text }, { text: note }], { notes: note.length }))).toEqual([
      'paragraph: Go to the page here.',
      'note:  See the annex.',
    ]);
  });

  it('are refused with a password, or without their text', async () => {
    const rejection = (bytes: Uint8Array) => expect(parse(bytes, 'a.doc')).rejects;
    await rejection(docOf([], { flags: 0x0100 })).toMatchObject({ code: 'encrypted' });
    await rejection(docOf([], { flags: 0x0200 })).toMatchObject({ code: 'corrupt-file' });
    await rejection(compoundOf({ WordDocument: shorts(0xa5dc, 0x68) })).toMatchObject({ code: 'unsupported-format' });
  });
});
