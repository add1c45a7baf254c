import { describe, expect, it } from 'vitest';
import type { Block } from '../../../lambdas/ingest/parse/block.ts';
import { streamReader } from '../../../lambdas/ingest/parse/csv.ts';
import { type FormatOptions, formatOptions } from '../../../lambdas/ingest/parse/format-options.ts';
import { streamReader as jsonLinesReader } from '../../../lambdas/ingest/parse/json.ts';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { bytesOf, linesAt, pdfOf, xlsxOf, zipOf } from './build-files.ts';

const textsOf = async (content: string | Uint8Array, key: string, options: FormatOptions) => {
  const { blocks } = await parse(Buffer.from(content), key, undefined, formatOptions.parse(options));
  return blocks.map(({ text: shown }) => shown);
};

describe('options of a CSV file', () => {
  it('name its delimiter', async () => {
    const rows = 'name^price\npen, blue^1,20\nink, black^3,40\n';
    expect(await textsOf(rows, 'a.csv', { csv: { delimiter: '^' } })).toEqual([
      'name; price',
      'name: pen, blue; price: 1,20',
      'name: ink, black; price: 3,40',
    ]);
  });

  it('name the row of its header, with text above it', async () => {
    const rows = 'Prices,of,May\n\nitem,price,note\npen,1,new\n';
    expect(await textsOf(rows, 'a.csv', { csv: { headerRow: 2 } })).toEqual([
      'Prices; of; May',
      'item; price; note',
      'item: pen; price: 1; note: new',
    ]);
  });

  it('say that there is no header, also when it is read piece by piece', async () => {
    const rows = 'item,price\npen,1\n';
    expect(await textsOf(rows, 'a.csv', { csv: { headerRow: 'none' } })).toEqual(['item; price', 'pen; 1']);
    const reader = streamReader(rows, { csv: { headerRow: 'none', delimiter: ';' } });
    const blocks = [...reader.write(rows), ...reader.end()];
    expect(blocks.map(({ text }) => text)).toEqual(['item,price', 'pen,1']);
  });
});

describe('options of JSON', () => {
  const articles = [
    { number: 7, headline: 'Winter  market', body: 'It opens in December.\n\nEntry is free.', tags: ['market'] },
    { number: 8, headline: 'Lantern', summary: 'Kept at the station.', notes: [{ text: 'One.' }, { text: 'Two.' }] },
    { number: 9, city: 'Fernhill' },
  ];
  const json = { id: 'number', title: 'headline', text: ['summary', 'body', 'notes.text'] };
  const shown = [
    ['heading', '7 – Winter market'],
    ['paragraph', 'It opens in December.'],
    ['paragraph', 'Entry is free.'],
    ['heading', '8 – Lantern'],
    ['paragraph', 'Kept at the station.'],
    ['paragraph', 'One.'],
    ['paragraph', 'Two.'],
    ['heading', '9'],
    ['table-row', 'number: 9; city: Fernhill'],
  ];
  const kindsOf = (blocks: readonly Block[]) => blocks.map(({ kind, text }) => [kind, text]);
  const read = async (content: unknown, options: FormatOptions['json']) =>
    kindsOf(
      (await parse(Buffer.from(JSON.stringify(content)), 'a.json', undefined, formatOptions.parse({ json: options })))
        .blocks,
    );

  it('name the fields that are the text, the title and the id of each record', async () => {
    expect(await read(articles, json)).toEqual(shown);
    expect(await read(articles[0], json)).toEqual(shown.slice(0, 3));
  });

  it('name where the records are', async () => {
    const file = {
      made: 'today',
      data: { pages: [{ articles: articles.slice(0, 1) }, { articles: articles.slice(1) }] },
    };
    expect(await read(file, { ...json, records: 'data.pages.articles' })).toEqual(shown);
    expect(await read({ made: 'today', data: [{ city: 'Fernhill' }] }, { records: 'data' })).toEqual([
      ['table-row', 'city: Fernhill'],
    ]);
  });

  it('leave a file as it is in which there is nothing of what they name', async () => {
    const other = { city: 'Fernhill', people: 9 };
    const whole = [['table-row', 'city: Fernhill; people: 9']];
    expect(await read(other, { ...json, records: 'data.articles' })).toEqual(whole);
    expect(await read(other, { text: ['constructor', '__proto__.x'] })).toEqual(whole);
  });

  it('hold for each line of JSON Lines, also when it is read piece by piece', async () => {
    const lines = `${articles.map(article => JSON.stringify(article)).join('\n')}\n`;
    const { blocks } = await parse(Buffer.from(lines), 'a.jsonl', undefined, { json });
    expect(kindsOf(blocks)).toEqual(shown);
    const reader = jsonLinesReader({ json });
    expect(kindsOf([...reader.write(lines.slice(0, 99)), ...reader.write(lines.slice(99)), ...reader.end()])).toEqual(
      shown,
    );
  });

  it('are refused when they name no field', () => {
    for (const wrong of [{ text: [] }, { title: '' }, { id: 'a..b' }, { name: 'x' }]) {
      expect(formatOptions.safeParse({ json: wrong }).success).toBe(false);
    }
  });
});

describe('options of an HTML page', () => {
  const page = `<body><p>Before<div class="note old">left <b>out</b></div>after</p>
    <footer>Imprint</footer><p id="ad">Buy</p><p class="note">Kept</p><br class="x"><p>End</p></body>`;

  it('leave elements out by tag, class and id', async () => {
    const leaveOut = ['FOOTER', 'div.note.old', '#ad', '.x'];
    expect(await textsOf(page, 'a.html', { html: { leaveOut } })).toEqual(['Before', 'after', 'Kept', 'End']);
    expect(await textsOf(page, 'a.html', { html: { leaveOut: ['p.old'] } })).toContain('Imprint');
  });
});

describe('the pages of a PDF', () => {
  const file = pdfOf(['One', 'Two', 'Three', 'Four'].map(word => linesAt(50, 700, [`${word} is the number here.`])));
  const read = (...pages: string[]) => textsOf(file, 'a.pdf', { pdf: { pages } });

  it('are those of the ranges, each with its own number', async () => {
    expect(await read('1', '3-')).toEqual([
      'One is the number here.',
      'Three is the number here.',
      'Four is the number here.',
    ]);
    const { blocks } = await parse(file, 'a.pdf', undefined, { pdf: { pages: ['2-3'] } });
    expect(blocks.map(({ place }) => place.page)).toEqual([2, 3]);
  });

  it('that the file does not have leave no text, which is not taken for a scan', async () => {
    await expect(read('9-12')).rejects.toMatchObject({ code: 'no-text' });
  });
});

describe('the sheets of a workbook', () => {
  const row = (text: string) => `<row r="1"><c r="A1" t="inlineStr"><is><t>${text}</t></is></c></row>`;
  const file = xlsxOf({ sheets: { 'Plan 2025': row('old'), 'Plan 2026': row('new'), Notes: row('note') } });

  it('are those with one of the names', async () => {
    expect(await textsOf(file, 'a.xlsx', { spreadsheet: { sheets: ['Plan *'] } })).toEqual([
      'Plan 2025',
      'old',
      'Plan 2026',
      'new',
    ]);
    expect(await textsOf(file, 'a.xlsx', { spreadsheet: { sheets: ['Notes', 'None'] } })).toEqual(['Notes', 'note']);
  });

  it('are chosen so in OpenDocument too', async () => {
    const table = (name: string) =>
      `<table:table table:name="${name}"><table:table-row><table:table-cell><text:p>in ${name}</text:p></table:table-cell></table:table-row></table:table>`;
    const content = `<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>${['A', 'B', 'C'].map(table).join('')}</office:spreadsheet></office:body></office:document-content>`;
    const ods = zipOf({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet', 'content.xml': content });
    expect(await textsOf(ods, 'a.ods', { spreadsheet: { sheets: ['B'] } })).toEqual(['B', 'in B']);
    expect(await textsOf(ods, 'a.ods', {})).toHaveLength(6);
  });
});

it('options hold for the file itself, not for what is attached to it', async () => {
  const mail = [
    'Subject: Prices',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/csv',
    'Content-Disposition: attachment; filename="a.csv"',
    '',
    'item,price\npen,1',
    '--b--',
  ].join('\r\n');
  expect(await textsOf(bytesOf(mail), 'a.eml', { csv: { headerRow: 'none' } })).toContain('item: pen; price: 1');
});
