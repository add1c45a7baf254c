import { describe, expect, it } from 'vitest';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';

const rtf = (body: string, head = '\\ansi\\ansicpg1252') => Buffer.from(`{\\rtf1${head}${body}}`, 'latin1');
const blocksOf = async (bytes: Uint8Array) => (await parse(bytes, 'upload.rtf')).blocks;
const textsOf = async (body: string, head?: string) =>
  (await blocksOf(rtf(body, head))).map(block => block.text.trim());

describe('rich text', () => {
  it('reads paragraphs, characters by name, and hidden text not at all', async () => {
    expect(await textsOf('\\pard One\\line two\\par {\\b Three} \\emdash  four {\\v secret}\\par')).toEqual([
      'One\ntwo',
      'Three — four',
    ]);
  });

  it('reads headings by their style, and takes the title from the properties', async () => {
    const styles = '{\\stylesheet{\\s0 Normal;}{\\s1\\outlinelevel0 heading 1;}{\\*\\cs10 Default;}{\\s2 Quote;}}';
    const document = await parse(
      rtf(`${styles}{\\info{\\title Leave rules}{\\author Ann}}\\pard\\s1 Leave\\par\\pard\\s2 Wise words\\par`),
      'a',
    );
    expect(document.title).toBe('Leave rules');
    expect(document.blocks).toMatchObject([
      { kind: 'heading', level: 1, text: 'Leave' },
      { kind: 'quote', text: 'Wise words' },
    ]);
  });

  it.for([
    ['Windows-1252', "caf\\'e9 \\'93x\\'94", '\\ansicpg1252', 'café “x”'],
    ['Windows-1251', "\\'cf\\'f0\\'e8\\'e2\\'e5\\'f2", '\\ansicpg1251', 'Привет'],
    [
      'Shift-JIS by its font',
      "\\f1 \\'93\\'fa\\'96\\'7b",
      '{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset128 MS Gothic;}}',
      '日本',
    ],
    ['code units with a fallback', "\\u26085?\\u26412\\'3f !", '', '日本 !'],
    ['code units above the first plane', '\\uc0\\u-10179\\u-8704 ', '', '😀'],
  ])('decodes %s', async ([, body = '', head, text]) => {
    expect(await textsOf(`\\pard ${body}\\par`, `\\ansi${head}`)).toEqual([text]);
  });

  it('reads tables by their columns, list items with their numbers, and footnotes', async () => {
    const row = (...cells: string[]) => `\\trowd\\pard\\intbl ${cells.map(cell => `${cell}\\cell `).join('')}\\row`;
    const blocks = await blocksOf(
      rtf(
        `${row('City', 'Rate')}${row('Oslo', '180')}\\pard After{\\footnote See {\\i annex}.} it\\par` +
          "{\\listtext 1.\\tab}\\ls1 First\\par\\pard{\\pntext\\'b7\\tab}Dot\\par",
      ),
    );
    expect(blocks.map(({ kind, text }) => [kind, text.trim()])).toEqual([
      ['table-row', 'City; Rate'],
      ['table-row', 'City: Oslo; Rate: 180'],
      ['paragraph', 'After it'],
      ['note', 'See annex.'],
      ['list-item', '1. First'],
      ['list-item', 'Dot'],
    ]);
  });

  it('leaves out pictures, headers, fields and what programs keep for themselves', async () => {
    const noise = '{\\*\\generator Riched}{\\pict\\pngblip 89504e47}{\\header Confidential}{\\*\\unknown x}\\bin3 }}}';
    expect(await textsOf(`${noise}{\\field{\\*\\fldinst HYPERLINK "x"}{\\fldrslt a link}}\\par`)).toEqual(['a link']);
  });

  it('reads a file that is cut short to its end, and refuses one of endless groups', async () => {
    expect((await blocksOf(rtf('\\pard Kept{\\b so').subarray(0, -1))).map(block => block.text)).toEqual(['Keptso']);
    await expect(blocksOf(rtf('{'.repeat(100_000)))).rejects.toMatchObject({ code: 'too-deep' });
  });
});
