import { describe, expect, it } from 'vitest';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { zipOf } from './build-files.ts';

const names = 'xmlns:office="o" xmlns:text="t" xmlns:table="tb" xmlns:draw="d" xmlns:style="s" xmlns:presentation="p"';
const odf = (kind: string, body: string, { styles = '', parts = {} } = {}) =>
  zipOf({
    mimetype: `application/vnd.oasis.opendocument.${kind}`,
    'content.xml': `<office:document-content ${names}>${styles}<office:body>${body}</office:body></office:document-content>`,
    ...parts,
  });

const blocksOf = async (bytes: Uint8Array) => (await parse(bytes, 'upload.bin')).blocks;
const kindsOf = async (bytes: Uint8Array) => (await blocksOf(bytes)).map(({ kind, text }) => `${kind}: ${text}`);
const cell = (text: string, attributes = '') =>
  `<table:table-cell ${attributes}><text:p>${text}</text:p></table:table-cell>`;
const row = (...cells: readonly string[]) => `<table:table-row>${cells.join('')}</table:table-row>`;

describe('OpenDocument text', () => {
  it('has headings, lists, notes, text boxes and white space as written', async () => {
    const body =
      '<text:h text:outline-level="2">Leave</text:h>' +
      '<text:p>Ask<text:s text:c="2"/>first<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>In writing.</text:p></text:note-body></text:note>.</text:p>' +
      '<text:list><text:list-item><text:p>One</text:p></text:list-item></text:list>' +
      '<text:p><draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box></draw:frame>Beside it</text:p>' +
      '<text:p><office:annotation><text:p>A remark</text:p></office:annotation>Plain\n  text</text:p>';
    expect(await kindsOf(odf('text', body))).toEqual([
      'heading: Leave',
      'paragraph: Ask  first.',
      'note: In writing.',
      'list-item: One',
      'paragraph: In a box',
      'paragraph: Beside it',
      'paragraph: Plain text',
    ]);
  });

  it('knows a paragraph by the style behind its own, and leaves deleted text out', async () => {
    const styles =
      '<style:style style:name="P1" style:parent-style-name="Title"/><style:style style:name="P2" style:parent-style-name="Quotations"/>';
    const body =
      '<text:tracked-changes><text:p>Deleted</text:p></text:tracked-changes><text:p text:style-name="P1">Rules</text:p><text:p text:style-name="P2">Wise</text:p>';
    expect(await kindsOf(odf('text', body, { styles }))).toEqual(['heading: Rules', 'quote: Wise']);
    expect((await parse(odf('text', body, { styles }), 'a.odt')).title).toBe('Rules');
  });

  it('reads tables by their marked header', async () => {
    const table = `<table:table><table:table-header-rows>${row(cell('1'), cell('2'))}</table:table-header-rows>${row(cell('a'), cell('b'))}</table:table>`;
    expect(await kindsOf(odf('text', table))).toEqual(['table-row: 1; 2', 'table-row: 1: a; 2: b']);
  });

  it('is refused with a password', async () => {
    const manifest = '<manifest xmlns:m="m"><file-entry><m:encryption-data/></file-entry></manifest>';
    const bytes = odf('text', '', { parts: { 'META-INF/manifest.xml': manifest } });
    await expect(parse(bytes, 'a.odt')).rejects.toMatchObject({ code: 'encrypted' });
  });
});

describe('OpenDocument spreadsheets', () => {
  it('read cells as shown, repeated ones too, and walk no empty ones', async () => {
    const empty = '<table:table-cell table:number-columns-repeated="16383"/>';
    const rows =
      row(cell('City'), cell('Rate'), empty) +
      row(cell('Oslo'), cell('180 €', 'office:value="180"')) +
      row(cell('same', 'table:number-columns-repeated="2"')) +
      `<table:table-row table:number-rows-repeated="1048570">${empty}</table:table-row>`;
    const blocks = await blocksOf(odf('spreadsheet', `<table:table table:name="Rates">${rows}</table:table>`));
    expect(blocks.map(({ text, place }) => `${place.sheet}| ${text}`)).toEqual([
      'Rates| Rates',
      'Rates| City; Rate',
      'Rates| City: Oslo; Rate: 180 €',
      'Rates| City: same; Rate: same',
    ]);
  });

  it('stop at more cells than a document may have', async () => {
    const rows = `<table:table-row table:number-rows-repeated="1000">${cell('x', 'table:number-columns-repeated="1000"')}</table:table-row>`;
    const bytes = odf('spreadsheet', `<table:table table:name="A">${rows.repeat(10)}</table:table>`);
    await expect(parse(bytes, 'a.ods')).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('OpenDocument presentations', () => {
  it('read slide by slide, titles as headings, with the notes', async () => {
    const box = (text: string, attributes = '') =>
      `<draw:frame ${attributes}><draw:text-box><text:p>${text}</text:p></draw:text-box></draw:frame>`;
    const body =
      `<draw:page>${box('Hours', 'presentation:class="title"')}${box('Nine to five')}` +
      `<presentation:notes>${box('Speak slowly')}</presentation:notes></draw:page><draw:page>${box('The end')}</draw:page>`;
    const blocks = await blocksOf(odf('presentation', body));
    expect(blocks.map(({ kind, text, place }) => `${place.slide} ${kind}: ${text}`)).toEqual([
      '1 heading: Hours',
      '1 paragraph: Nine to five',
      '1 note: Speak slowly',
      '2 paragraph: The end',
    ]);
  });
});

describe('e-books', () => {
  const book = (spine: string, parts: Readonly<Record<string, string>> = {}) =>
    zipOf({
      mimetype: 'application/epub+zip',
      'META-INF/container.xml': '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
      'OEBPS/book.opf': `<package xmlns:dc="dc"><metadata><dc:title>The Canteen</dc:title></metadata><manifest><item id="one" href="one.xhtml"/><item id="two" href="../text/chapter%20two.xhtml"/><item id="nav" href="nav.xhtml" properties="nav"/></manifest><spine>${spine}</spine></package>`,
      'OEBPS/one.xhtml': '<html><body><h1>One</h1><p>First.</p></body></html>',
      'OEBPS/nav.xhtml': '<html><body><p>Contents</p></body></html>',
      'text/chapter two.xhtml':
        '<html><body><h1>Two</h1><p>Second.</p><img src="http://127.0.0.1:9/x.png"/></body></html>',
      ...parts,
    });
  const spine = '<itemref idref="nav"/><itemref idref="two"/><itemref idref="one"/><itemref idref="lost"/>';

  it('are read in the order of their spine, without the table of contents', async () => {
    const { title, blocks, format } = await parse(book(spine), 'book.zip');
    expect({ title, format }).toEqual({ title: 'The Canteen', format: 'epub' });
    expect(blocks.map(block => block.text)).toEqual(['Two', 'Second.', 'One', 'First.']);
  });

  it('are refused under rights management, not for obfuscated fonts', async () => {
    const locked = (part: string) => ({
      'META-INF/encryption.xml': `<encryption><EncryptedData><CipherReference URI="${part}"/></EncryptedData></encryption>`,
    });
    await expect(parse(book(spine, locked('OEBPS/one.xhtml')), 'a.epub')).rejects.toMatchObject({ code: 'encrypted' });
    expect((await blocksOf(book(spine, locked('OEBPS/font.otf')))).length).toBe(4);
  });
});
