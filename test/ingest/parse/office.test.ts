import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../../lambdas/ingest/parse/block.ts';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { formatNumber, kindOfFormat } from '../../../lambdas/ingest/parse/xlsx-format.ts';
import { ZipArchive } from '../../../lambdas/ingest/parse/zip.ts';
import { docxOf, pptxOf, shapeOf, xlsxOf, zipOf } from './build-files.ts';

const shown = (blocks: readonly Block[]) => blocks.map(({ kind, level, text }) => `${kind}${level ?? ''} ${text}`);

const run = (text: string, properties = '') => `<w:r>${properties}<w:t xml:space="preserve">${text}</w:t></w:r>`;
const paragraph = (content: string, properties = '') => `<w:p><w:pPr>${properties}</w:pPr>${content}</w:p>`;
const cell = (text: string, properties = '') => `<w:tc><w:tcPr>${properties}</w:tcPr>${paragraph(run(text))}</w:tc>`;
const row = (...cells: string[]) => `<w:tr>${cells.join('')}</w:tr>`;

describe('Word', () => {
  const styles = `
    <w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>
    <w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>
    <w:style w:styleId="Mine"><w:basedOn w:val="berschrift2"/></w:style>
    <w:style w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>`;

  it('gives headings by style, lists, and the title', async () => {
    const body = [
      paragraph(run('Handbook'), '<w:pStyle w:val="Titel"/>'),
      paragraph(run('Leave'), '<w:pStyle w:val="berschrift2"/>'),
      paragraph(run('Own style'), '<w:pStyle w:val="Mine"/>'),
      paragraph(run('Twenty ') + run('days'), '<w:pStyle w:val="Loop"/>'),
      paragraph(run('first'), '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>'),
    ].join('');
    const document = await parse(docxOf({ body, styles }), 'a.docx');
    expect(document.title).toBe('Handbook');
    expect(shown(document.blocks)).toEqual([
      'heading1 Handbook',
      'heading2 Leave',
      'heading2 Own style',
      'paragraph Twenty days',
      'list-item first',
    ]);
  });

  it('prefers the title among the properties, unless it says nothing', async () => {
    const body = paragraph(run('Handbook'), '<w:pStyle w:val="Titel"/>');
    expect((await parse(docxOf({ body, styles, title: 'Staff rules' }), 'a.docx')).title).toBe('Staff rules');
    expect((await parse(docxOf({ body, styles, title: 'Document1' }), 'a.docx')).title).toBe('Handbook');
  });

  it('leaves out what was deleted or hidden, and reads text boxes once', async () => {
    const box = (text: string) => `<w:txbxContent>${paragraph(run(text))}</w:txbxContent>`;
    const body = paragraph(
      run('kept') +
        `<w:del>${run('deleted')}</w:del>` +
        run(' secret', '<w:rPr><w:vanish/></w:rPr>') +
        `<w:r><mc:AlternateContent><mc:Choice>${box('In a box')}</mc:Choice><mc:Fallback>${box('In a box')}</mc:Fallback></mc:AlternateContent></w:r>` +
        '<w:r><w:tab/><w:t>tabbed</w:t><w:br/><w:t>next</w:t></w:r>',
    );
    const { blocks } = await parse(docxOf({ body }), 'a.docx');
    expect(shown(blocks)).toEqual(['paragraph In a box', 'paragraph kept\ttabbed\nnext']);
  });

  it('puts footnotes below the paragraph that refers to them', async () => {
    const footnotes = `<w:footnote w:type="separator" w:id="0">${paragraph(run('---'))}</w:footnote><w:footnote w:id="2">${paragraph(run('Proof.'))}</w:footnote>`;
    const body = paragraph(`${run('Claim')}<w:r><w:footnoteReference w:id="2"/></w:r>`) + paragraph(run('After'));
    const { blocks } = await parse(docxOf({ body, footnotes }), 'a.docx');
    expect(blocks.map(({ kind, text }) => `${kind} ${text.trim()}`)).toEqual([
      'paragraph Claim',
      'note Proof.',
      'paragraph After',
    ]);
  });

  it('reads tables by their columns, with merged cells', async () => {
    const body = `<w:tbl>${row(cell('Plan'), cell('Size', '<w:gridSpan w:val="2"/>'))}${row(
      cell('Basic', '<w:vMerge w:val="restart"/>'),
      cell('small'),
      cell('1 GB'),
    )}${row(cell('', '<w:vMerge/>'), cell('large'), cell('5 GB'))}</w:tbl>`;
    const { blocks } = await parse(docxOf({ body }), 'a.docx');
    expect(shown(blocks)).toEqual([
      'table-row Plan; Size',
      'table-row Plan: Basic; Size: small; 1 GB',
      'table-row Plan: Basic; Size: large; 5 GB',
    ]);
    expect(blocks[2]?.header).toBe('Plan; Size');
  });

  it('reads a table of one column as paragraphs, and one inside another as text of its cell', async () => {
    const inner = `<w:tbl>${row(cell('a'), cell('1'))}</w:tbl>`;
    const body = `<w:tbl>${row(cell('Framed'))}</w:tbl><w:tbl>${row(cell('x'), `<w:tc>${inner}${paragraph('')}</w:tc>`)}</w:tbl>`;
    expect(shown((await parse(docxOf({ body }), 'a.docx')).blocks)).toEqual(['paragraph Framed', 'table-row x; a; 1']);
  });

  it('refuses entities, depth without end, and broken XML', async () => {
    const document = (xml: string) => zipOf({ 'word/document.xml': xml });
    const entity = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d><p><t>&x;</t></p></d>';
    await expect(parse(document(entity), 'a.docx')).rejects.toMatchObject({ code: 'unsafe-content' });
    await expect(parse(document(`<d>${'<tbl>'.repeat(2_000)}`), 'a.docx')).rejects.toMatchObject({ code: 'too-deep' });
    await expect(parse(document('<d><p><t>cut'), 'a.docx')).rejects.toMatchObject({ code: 'corrupt-file' });
  });
});

describe('PowerPoint', () => {
  it('reads slides in the order of the show, the title first', async () => {
    const slides = [
      { shapes: shapeOf(['Second slide text']) },
      { shapes: shapeOf(['point', 'other'], 'body') + shapeOf(['Welcome'], 'ctrTitle') + shapeOf(['7'], 'sldNum') },
    ];
    const { title, blocks } = await parse(pptxOf(slides, [1, 0]), 'a.pptx');
    expect(title).toBe('Welcome');
    expect(blocks.map(block => [block.kind, block.text, block.place.slide])).toEqual([
      ['heading', 'Welcome', 1],
      ['list-item', 'point', 1],
      ['list-item', 'other', 1],
      ['paragraph', 'Second slide text', 2],
    ]);
  });

  it('reads tables and the speaker’s notes', async () => {
    const td = (text: string) => `<a:tc><a:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></a:txBody></a:tc>`;
    const table = `<p:graphicFrame><a:tbl><a:tr>${td('City')}${td('Staff')}</a:tr><a:tr>${td('Hà Nội')}${td('12')}</a:tr></a:tbl></p:graphicFrame>`;
    const slides = [{ shapes: table, notes: shapeOf(['Say hello'], 'body') + shapeOf(['1'], 'sldNum') }];
    expect(shown((await parse(pptxOf(slides), 'a.pptx')).blocks)).toEqual([
      'table-row City; Staff',
      'table-row City: Hà Nội; Staff: 12',
      'note Say hello',
    ]);
  });
});

describe('Excel', () => {
  const text = (reference: string, value: string) => `<c r="${reference}" t="inlineStr"><is><t>${value}</t></is></c>`;

  it('reads every sheet, rows named by the header', async () => {
    const sheets = {
      Prices: `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
        <row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>4.10</v></c></row>
        <row r="3"><c r="B3"><f>B2*2</f><v>8.2</v></c></row>`,
      Empty: '<row r="1"><c r="A1"/></row>',
      Flags: `<row r="4"><c r="C4" t="b"><v>1</v></c><c r="D4" t="e"><v>#DIV/0!</v></c></row>`,
    };
    const { blocks } = await parse(xlsxOf({ sheets, strings: ['Item', 'Price', 'Pen'] }), 'a.xlsx');
    expect(blocks.map(block => [block.place.sheet, block.kind, block.text])).toEqual([
      ['Prices', 'heading', 'Prices'],
      ['Prices', 'table-row', 'Item; Price'],
      ['Prices', 'table-row', 'Item: Pen; Price: 4.1'],
      ['Prices', 'table-row', 'Price: 8.2'],
      ['Flags', 'heading', 'Flags'],
      ['Flags', 'table-row', 'TRUE; #DIV/0!'],
    ]);
  });

  it('parts tables at empty rows: a title above, a second header below, totals with the header above them', async () => {
    const data = `<row r="1">${text('A1', 'Report')}</row>
      <row r="3">${text('A3', 'Month')}${text('B3', 'Sales')}</row><row r="4">${text('A4', 'Jan')}<c r="B4"><v>1</v></c></row>
      <row r="6">${text('A6', 'Total')}<c r="B6"><v>1</v></c></row>
      <row r="9">${text('A9', 'Team')}${text('B9', 'Head')}</row><row r="10">${text('A10', 'Red')}${text('B10', 'Ann')}</row>`;
    const { blocks } = await parse(xlsxOf({ sheets: { S: data } }), 'a.xlsx');
    expect(blocks.slice(1).map(block => `${block.text} [${block.header ?? ''}]`)).toEqual([
      'Report []',
      'Month; Sales []',
      'Month: Jan; Sales: 1 [Month; Sales]',
      'Month: Total; Sales: 1 [Month; Sales]',
      'Team; Head []',
      'Team: Red; Head: Ann [Team; Head]',
    ]);
  });

  it('writes dates, times and percentages as they are meant', async () => {
    const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>
      <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="10"/></cellXfs></styleSheet>`;
    const data =
      '<row r="1"><c r="A1"><v>44035</v></c><c r="B1" s="1"><v>44035</v></c><c r="C1" s="2"><v>44035.375</v></c><c r="D1" s="3"><v>0.07</v></c></row>';
    const { blocks } = await parse(xlsxOf({ sheets: { S: data }, styles }), 'a.xlsx');
    expect(blocks[1]?.text).toBe('44035; 2020-07-23; 2020-07-23 09:00; 7%');
    const old = await parse(xlsxOf({ sheets: { S: data }, styles, since1904: true }), 'a.xlsx');
    expect(old.blocks[1]?.text).toBe('44035; 2024-07-24; 2024-07-24 09:00; 7%');
  });

  it('walks the cells that exist, not the sheet', async () => {
    const data = `<row r="1">${text('A1', 'First')}</row><row r="1048576">${text('XFD1048576', 'Last')}</row>`;
    const { blocks } = await parse(xlsxOf({ sheets: { S: data } }), 'a.xlsx');
    expect(blocks.map(block => block.text)).toEqual(['S', 'First', 'Last']);
  });

  it.for([
    ['General', 'number'],
    ['#,##0.00', 'number'],
    ['"days" 0', 'number'],
    ['[Red]0.0%', 'percent'],
    ['m/d/yyyy', 'date'],
    ['[$-409]mmmm d, yyyy', 'date'],
    ['h:mm AM/PM', 'time'],
    ['[h]:mm:ss', 'time'],
    ['yyyy-mm-dd hh:mm', 'date-time'],
  ])('knows the format %s as a %s', ([code = '', kind]) => {
    expect(kindOfFormat(code)).toBe(kind);
  });

  it.for([
    ['0.1', 'number', '0.1'],
    ['0.30000000000000004', 'number', '0.3'],
    ['0.5', 'time', '12:00'],
    ['1.5', 'time', '36:00'],
    ['0.75002314814814815', 'time', '18:00:02'],
    ['1e300', 'date', '1e+300'],
  ] as const)('writes %s of kind %s as %s', ([stored, kind, written]) => {
    expect(formatNumber(stored, kind, false)).toBe(written);
  });
});

describe('archives', () => {
  it('stop a bomb while it inflates', async () => {
    const bomb = zipSync({ 'word/document.xml': new Uint8Array(30 * 1024 * 1024).fill(32) });
    await expect(parse(bomb, 'a.docx')).rejects.toMatchObject({ code: 'too-large' });
    let seen = 0;
    const archive = new ZipArchive(bomb);
    const count = (piece: Uint8Array) => {
      seen += piece.length;
    };
    expect(() => archive.read('word/document.xml', count)).toThrow('too large');
    expect(seen).toBeLessThan(10 * 1024 * 1024);
  });

  it('read stored and deflated files alike, and say what is not there', () => {
    const content = new Uint8Array(1_000).fill(65);
    const archive = new ZipArchive(zipSync({ deflated: content, stored: [content, { level: 0 }] }));
    for (const name of ['deflated', 'stored']) expect(archive.bytesOf(name)).toEqual(Buffer.from(content));
    expect(archive.bytesOf('other')).toBeUndefined();
    expect([...archive.names]).toEqual(['deflated', 'stored']);
  });
});
