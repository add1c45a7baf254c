import { describe, expect, it } from 'vitest';
import type { Block } from '../../../lambdas/ingest/parse/block.ts';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { linesAt, type PdfText, pdfOf } from './build-files.ts';

const read = async (pages: readonly (readonly PdfText[])[], title?: string) => parse(pdfOf(pages, title), 'a.pdf');
const shown = (blocks: readonly Block[]) => blocks.map(({ kind, level, text }) => `${kind}${level ?? ''} ${text}`);

/** Lines that fill a column of about 220 points. */
const columnLines = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name} line ${index + 1} runs on to fill the whole width`);

describe('PDF', () => {
  it('joins lines to paragraphs, and finds headings by their size', async () => {
    const { blocks, title } = await read([
      [
        ...linesAt(50, 780, ['Leave policy'], 20),
        ...linesAt(50, 740, ['Every employee has twenty days of leave in a year, and', 'may carry five of them over.']),
        ...linesAt(50, 690, ['Requests'], 14),
        ...linesAt(50, 665, ['Ask two weeks ahead.']),
      ],
    ]);
    expect(title).toBe('Leave policy');
    expect(shown(blocks)).toEqual([
      'heading1 Leave policy',
      'paragraph Every employee has twenty days of leave in a year, and may carry five of them over.',
      'heading2 Requests',
      'paragraph Ask two weeks ahead.',
    ]);
    expect(blocks.every(block => block.place.page === 1)).toBe(true);
  });

  it('reads two columns one after the other, below a title that spans them', async () => {
    const left = columnLines('Left', 8);
    const right = columnLines('Right', 8);
    const interleaved = [...linesAt(50, 700, left), ...linesAt(310, 700, right)].sort((a, b) => b.y - a.y);
    const { blocks } = await read([
      [...linesAt(120, 760, ['A title that spans both of the columns'], 18), ...interleaved],
    ]);
    const text = blocks.map(block => block.text).join(' ');
    expect(text).toBe(['A title that spans both of the columns', ...left, ...right].join(' '));
  });

  it('reads a table row by row', async () => {
    const rows = ['Basic', 'Pro', 'Team', 'Gold', 'Max'].flatMap((plan, index): PdfText[] => [
      { text: plan, x: 50, y: 700 - index * 14 },
      { text: `${index + 1} GB`, x: 320, y: 700 - index * 14 },
    ]);
    const { blocks } = await read([rows]);
    expect(blocks.map(block => block.text).join('\n')).toBe('Basic 1 GB\nPro 2 GB\nTeam 3 GB\nGold 4 GB\nMax 5 GB');
  });

  it('joins words that a line end broke, and keeps hyphens that belong to them', async () => {
    const { blocks } = await read([
      linesAt(50, 700, ['The docu-', 'ment is a well-', 'known one, and this well-known docu-', 'mentation is new.']),
    ]);
    expect(blocks[0]?.text).toBe('The document is a well-known one, and this well-known documentation is new.');
  });

  it('takes out heads, feet and page numbers that repeat, and nothing that does not', async () => {
    const page = (number: number): PdfText[] => [
      { text: 'ACME Handbook', x: 50, y: 810 },
      { text: `Text of page ${number} alone.`, x: 50, y: 500 },
      { text: `Page ${number} of 4`, x: 270, y: 30 },
    ];
    const { blocks } = await read([1, 2, 3, 4].map(page));
    expect(blocks.map(block => [block.place.page, block.text])).toEqual(
      [1, 2, 3, 4].map(number => [number, `Text of page ${number} alone.`]),
    );
  });

  it('gives list items without their bullets, and with their numbers', async () => {
    const { blocks } = await read([
      [
        ...linesAt(50, 700, ['Bring:']),
        { text: '\x95', x: 60, y: 680 },
        { text: 'a laptop', x: 75, y: 680 },
        ...linesAt(60, 665, ['\x95 a badge', '1. first step', '2. second step']),
      ],
    ]);
    expect(shown(blocks)).toEqual([
      'paragraph Bring:',
      'list-item a laptop',
      'list-item a badge',
      'list-item 1. first step',
      'list-item 2. second step',
    ]);
  });

  it('reads right-to-left text in the order of reading, however the file drew it', async () => {
    const drawn = (text: string) => Array.from(text).reverse().join('');
    const { blocks } = await read([
      [
        { text: drawn('המשרד נפתח בתשע.'), x: 300, y: 700 },
        { text: drawn('שלום'), x: 370, y: 650 },
        { text: drawn('עולם'), x: 340, y: 650 },
      ],
    ]);
    expect(blocks.map(block => block.text)).toEqual(['המשרד נפתח בתשע.', 'שלום עולם']);
  });

  it('joins lines of Chinese and Japanese without spaces', async () => {
    const { blocks } = await read([linesAt(50, 700, ['会議室は午前', '九時に開きます。'])]);
    expect(blocks.map(block => block.text)).toEqual(['会議室は午前九時に開きます。']);
  });

  it('prefers a title among the properties, unless it is a file name', async () => {
    const page = [linesAt(50, 700, ['Text that is long enough.'])];
    expect((await read(page, 'Travel rules')).title).toBe('Travel rules');
    expect((await read(page, 'rules_v2.docx')).title).toBeUndefined();
  });
});
