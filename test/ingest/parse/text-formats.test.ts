import { describe, expect, it } from 'vitest';
import type { Block } from '../../../lambdas/ingest/parse/block.ts';
import { detectDelimiter } from '../../../lambdas/ingest/parse/csv.ts';
import { markdownPieces } from '../../../lambdas/ingest/parse/markdown.ts';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { bytesOf } from './build-files.ts';

/** Blocks as `kind text`, with the level of headings. */
const shown = (blocks: readonly Block[]) => blocks.map(({ kind, level, text }) => `${kind}${level ?? ''} ${text}`);
const blocksOf = async (text: string, key: string) => shown((await parse(bytesOf(text), key)).blocks);

describe('plain text', () => {
  it('is paragraphs parted by blank lines, whatever the line ends', async () => {
    expect(await blocksOf('One\r\ntwo\r\n \r\nThree', 'a.txt')).toEqual(['paragraph One\ntwo', 'paragraph Three']);
    expect(await blocksOf('One\rtwo\r\rThree', 'a.txt')).toEqual(['paragraph One\ntwo', 'paragraph Three']);
  });
});

describe('Markdown', () => {
  it('gives headings, lists with numbers, quotes, code and footnotes', async () => {
    const text = [
      '# Title',
      'A [link](https://example.org) with *stress*, `code`,',
      'and a hard  ',
      'break.',
      '',
      '2. two',
      '3. three',
      '   - [x] inner',
      '',
      '> quoted',
      '',
      '```js\nlet a;\n```',
      'Claim[^1].',
      '',
      '[^1]: Proof.',
    ].join('\n');
    expect(await blocksOf(text, 'a.md')).toEqual([
      'heading1 Title',
      'paragraph A link with stress, code, and a hard\nbreak.',
      'list-item 2. two',
      'list-item 3. three',
      'list-item inner',
      'quote quoted',
      'code let a;',
      'paragraph Claim.',
      'note Proof.',
    ]);
  });

  it('reads tables by their columns and repeats the header by reference', async () => {
    const { blocks } = await parse(bytesOf('| Plan | Price |\n| --- | --- |\n| Basic | 5 € |\n| Pro | |\n'), 'a.md');
    expect(shown(blocks)).toEqual([
      'table-row Plan; Price',
      'table-row Plan: Basic; Price: 5 €',
      'table-row Plan: Pro',
    ]);
    expect(blocks.map(block => block.header)).toEqual([undefined, 'Plan; Price', 'Plan; Price']);
  });

  it('resolves escapes and drops anchors, pictures and comments', async () => {
    const text =
      '# Limits<a name="limits"></a>\n\nUp to 100\\. See \\[1\\]\\.<br>More\\. ![alt](x.png)\n\n<!-- hidden -->\n';
    expect(await blocksOf(text, 'a.md')).toEqual(['heading1 Limits', 'paragraph Up to 100. See [1].\nMore. ']);
  });

  it('reads HTML blocks as HTML', async () => {
    const text =
      'Before\n\n<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>\n\n<script>x()</script>\n';
    expect(await blocksOf(text, 'a.md')).toEqual(['paragraph Before', 'table-row A; B', 'table-row A: 1; B: 2']);
  });

  it('reads text that is code only by its indentation as text when escapes give it away', async () => {
    expect(await blocksOf('+ item\n\n      By default\\. See [this](that.md)\\.\n', 'a.md')).toEqual([
      'list-item item',
      'list-item By default. See this.',
    ]);
    expect(await blocksOf('Run:\n\n    ls -la\n', 'a.md')).toEqual(['paragraph Run:', 'code ls -la']);
  });

  it('takes the title from front matter, else from the first heading', async () => {
    const front = await parse(bytesOf('---\ntitle: "Leave policy"\ntags: [hr]\n---\n# Other\n\nText\n'), 'a.md');
    expect(front.title).toBe('Leave policy');
    expect(shown(front.blocks)).toEqual(['heading1 Other', 'paragraph Text']);
    expect((await parse(bytesOf('Intro\n\n# Name\n'), 'a.md')).title).toBe('Name');
  });

  it('is cut before headings outside code when it is long', () => {
    const part = (name: string) => `# ${name}\n\n\`\`\`\n# no heading\n\`\`\`\n\ntext text text text text\n`;
    const text = part('One') + part('Two') + part('Three');
    const pieces = [...markdownPieces(text, 60)];
    expect(pieces.join('')).toBe(text);
    expect(pieces.map(piece => piece.split('\n')[0])).toEqual(['# One', '# Two', '# Three']);
  });
});

describe('HTML', () => {
  it('reads what a browser shows', async () => {
    const html = `<!doctype html><html><head><title> The  title </title><style>p{}</style></head><body>
      <nav><p>Menu</p></nav><h2>Head&amp;shoulders</h2><p>One <b>bold</b>
      word.<br>Next line</p><script>evil()</script><template><p>t</p></template>
      <p hidden>h1</p><div style="display: none"><p>h2</p></div><p aria-hidden="true">h3</p><!-- h4 -->
      <ul><li>Apple</li><li>Pear<ol start="4"><li>four</li></ol></li></ul><blockquote>Said</blockquote><pre>a
  b</pre></body></html>`;
    const document = await parse(bytesOf(html), 'a.html');
    expect(document.title).toBe('The title');
    expect(shown(document.blocks)).toEqual([
      'heading2 Head&shoulders',
      'paragraph One bold word.\nNext line',
      'list-item Apple',
      'list-item Pear',
      'list-item 4. four',
      'quote Said',
      'code a\n  b',
    ]);
  });

  it('reads the main element alone when there is one', async () => {
    const html = '<body><header>Shop</header><main><p>Content</p></main><footer>Imprint</footer></body>';
    expect(await blocksOf(html, 'a.html')).toEqual(['paragraph Content']);
  });

  it('lets cells that span rows and columns count where they reach', async () => {
    const html = `<table><thead><tr><th rowspan=2>Name</th><th colspan=2>Size</th></tr><tr><th>min</th><th>max</th></tr></thead>
      <tr><td rowspan=2>Box</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>`;
    expect(await blocksOf(html, 'a.html')).toEqual([
      'table-row Name; Size min; max',
      'table-row Name: Box; Size min: 1; max: 2',
      'table-row Name: Box; Size min: 3; max: 4',
    ]);
  });

  it('reads tables made for the layout as text', async () => {
    const html = '<table><tr><td><h1>Big</h1><p>Text</p><table><tr><td>A</td><td>B</td></tr></table></td></tr></table>';
    expect(await blocksOf(html, 'a.html')).toEqual(['heading1 Big', 'paragraph Text', 'table-row A; B']);
  });

  it('goes by the declared encoding when it is not UTF-8', async () => {
    const page = '<html><head><meta charset="iso-8859-2"></head><body><p>B\xb1k</p></body></html>';
    const bytes = Uint8Array.from(page, character => character.charCodeAt(0));
    expect(shown((await parse(bytes, 'a.html')).blocks)).toEqual(['paragraph Bąk']);
  });

  it('refuses elements nested without end', async () => {
    const html = `<html>${'<b>'.repeat(20_000)}deep`;
    await expect(parse(bytesOf(html), 'a.html')).rejects.toMatchObject({ code: 'too-deep' });
  });
});

describe('delimited text', () => {
  it.for([
    [',', 'name,team\nAnna,"Blue, dark"\n'],
    [';', 'name;note\nAnna;1,5\nBob;2,5\n'],
    ['\t', 'name\tteam\nAnna\tBlue\n'],
    ['|', 'name|team\nAnna|Blue\n'],
  ])('finds the delimiter "%s"', ([delimiter = '', text = '']) => {
    expect(detectDelimiter(text)).toBe(delimiter);
  });

  it('names each value by its column', async () => {
    const { blocks } = await parse(bytesOf('name,team\nAnna,"Blue, ""dark"""\nBob,\n'), 'a.csv');
    expect(shown(blocks)).toEqual([
      'table-row name; team',
      'table-row name: Anna; team: Blue, "dark"',
      'table-row name: Bob',
    ]);
    expect(blocks[1]?.header).toBe('name; team');
  });

  it('takes a line above the header as a title, and rows of numbers as rows', async () => {
    expect(await blocksOf('Sales 2024,,\nregion,units,price\nNorth,4,2.50\n', 'a.csv')).toEqual([
      'paragraph Sales 2024',
      'table-row region; units; price',
      'table-row region: North; units: 4; price: 2.50',
    ]);
    expect(await blocksOf('1,2\n3,4\n', 'a.csv')).toEqual(['table-row 1; 2', 'table-row 3; 4']);
  });

  it('keeps all rows when a quote never closes', async () => {
    const rows = await blocksOf('name,team\nAnna,"Blue\nBob,Red\n', 'a.csv');
    expect(rows).toEqual([
      'table-row name; team',
      'table-row name: Anna; team: "Blue',
      'table-row name: Bob; team: Red',
    ]);
  });

  it('reads UTF-16', async () => {
    const bytes = new Uint8Array(Buffer.from('\ufeffname\tteam\nJürgen\tBlau\n', 'utf16le'));
    expect(shown((await parse(bytes, 'a.csv')).blocks)).toEqual([
      'table-row name; team',
      'table-row name: Jürgen; team: Blau',
    ]);
  });
});

describe('JSON', () => {
  it('reads each object as a record, with the records in it', async () => {
    const text = JSON.stringify([
      { name: 'Pen', price: { net: 2, tax: 0.2 }, tags: ['a', 'b'], none: null },
      { name: 'Ink' },
    ]);
    expect(await blocksOf(text, 'a.json')).toEqual([
      'table-row name: Pen; price.net: 2; price.tax: 0.2; tags: a, b',
      'table-row name: Ink',
    ]);
  });

  it('reads a large object part by part', async () => {
    const part = (letter: string) =>
      Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${letter}${index}`, index]));
    const rows = await blocksOf(JSON.stringify({ one: part('a'), two: part('b') }), 'a.json');
    expect(rows.map(row => row.slice(0, 30))).toEqual([
      'table-row one.a0: 0; one.a1: 1',
      'table-row two.b0: 0; two.b1: 1',
    ]);
  });

  it('reads JSON Lines, and lines that are none as text', async () => {
    expect(await blocksOf('{"a":1}\nbroken {\n{"a":2}\n', 'a.jsonl')).toEqual([
      'table-row a: 1',
      'paragraph broken {',
      'table-row a: 2',
    ]);
  });

  it('refuses arrays nested without end', async () => {
    await expect(parse(bytesOf('['.repeat(50_000) + ']'.repeat(50_000)), 'a.json')).rejects.toMatchObject({
      code: 'too-deep',
    });
  });
});

describe('XML', () => {
  it('reads simple elements as records, and running text as paragraphs', async () => {
    const xml = `<?xml version="1.0"?><book year="1999"><!-- c --><country code="TT"><name>Trinidad &amp; Tobago</name>
      <leader>Keith Rowley</leader></country><note>Some <b>bold</b> text</note></book>`;
    expect(await blocksOf(xml, 'a.xml')).toEqual([
      'table-row year: 1999',
      'table-row code: TT; name: Trinidad & Tobago; leader: Keith Rowley',
      'paragraph Some bold text',
    ]);
  });

  it('refuses entities of its own and what is not well-formed', async () => {
    const entity = '<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>';
    await expect(parse(bytesOf(entity), 'a.xml')).rejects.toMatchObject({ code: 'unsafe-content' });
    await expect(parse(bytesOf('<a><b></a>'), 'a.xml')).rejects.toMatchObject({ code: 'corrupt-file' });
  });
});
