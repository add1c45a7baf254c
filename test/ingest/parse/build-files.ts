import { strToU8, zipSync } from 'fflate';

/** Small documents, written part by part, for the tests of their readers. */

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const zipOf = (parts: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)])));

const namespace = 'http://schemas.openxmlformats.org';

/** @param targets part names by id and type, e.g. `{ rId1: ['slide', 'slides/slide1.xml'] }` */
function relationships(targets: Readonly<Record<string, readonly [type: string, target: string]>>): string {
  const items = Object.entries(targets).map(
    ([id, [type, target]]) =>
      `<Relationship Id="${id}" Type="${namespace}/officeDocument/2006/relationships/${type}" Target="${target}"/>`,
  );
  return `<?xml version="1.0"?><Relationships xmlns="${namespace}/package/2006/relationships">${items.join('')}</Relationships>`;
}

const core = (title: string) =>
  `<cp:coreProperties xmlns:cp="x" xmlns:dc="y"><dc:title>${title}</dc:title></cp:coreProperties>`;

const packageParts = (main: string, title?: string) => ({
  '[Content_Types].xml': `<Types xmlns="${namespace}/package/2006/content-types"/>`,
  '_rels/.rels': relationships({
    rId1: ['officeDocument', main],
    ...(title === undefined ? {} : { rId2: ['core-properties', 'docProps/core.xml'] as const }),
  }),
  ...(title === undefined ? {} : { 'docProps/core.xml': core(title) }),
});

export interface DocxParts {
  /** The content of `w:body`. */
  readonly body: string;
  readonly styles?: string;
  readonly footnotes?: string;
  readonly title?: string;
}

export function docxOf({ body, styles = '', footnotes, title }: DocxParts): Uint8Array {
  const word = (element: string, content: string) =>
    `<w:${element} xmlns:w="w" xmlns:mc="mc">${content}</w:${element}>`;
  return zipOf({
    ...packageParts('word/document.xml', title),
    'word/document.xml': word('document', `<w:body>${body}</w:body>`),
    'word/styles.xml': word('styles', styles),
    'word/_rels/document.xml.rels': relationships({
      rId1: ['styles', 'styles.xml'],
      ...(footnotes === undefined ? {} : { rId2: ['footnotes', 'footnotes.xml'] as const }),
    }),
    ...(footnotes === undefined ? {} : { 'word/footnotes.xml': word('footnotes', footnotes) }),
  });
}

export interface XlsxParts {
  /** `sheetData` of each sheet, by name. */
  readonly sheets: Readonly<Record<string, string>>;
  readonly strings?: readonly string[];
  readonly styles?: string;
  readonly since1904?: boolean;
}

export function xlsxOf({ sheets, strings = [], styles, since1904 = false }: XlsxParts): Uint8Array {
  const names = Object.keys(sheets);
  const list = names.map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`);
  return zipOf({
    ...packageParts('xl/workbook.xml'),
    'xl/workbook.xml': `<workbook xmlns:r="r"><workbookPr date1904="${since1904 ? 1 : 0}"/><sheets>${list.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationships({
      ...Object.fromEntries(
        names.map((_, index) => [`rId${index + 1}`, ['worksheet', `worksheets/sheet${index + 1}.xml`] as const]),
      ),
      rId90: ['sharedStrings', 'sharedStrings.xml'],
      rId91: ['styles', '/xl/styles.xml'],
    }),
    'xl/sharedStrings.xml': `<sst>${strings.map(text => `<si><t>${text}</t></si>`).join('')}</sst>`,
    'xl/styles.xml': styles ?? '<styleSheet/>',
    ...Object.fromEntries(
      names.map((name, index) => [
        `xl/worksheets/sheet${index + 1}.xml`,
        `<worksheet><sheetData>${sheets[name]}</sheetData></worksheet>`,
      ]),
    ),
  });
}

export interface Slide {
  /** The content of the shape tree. */
  readonly shapes: string;
  readonly notes?: string;
}

/** @param order positions of the slides in the show, as indexes into `slides` */
export function pptxOf(slides: readonly Slide[], order = slides.map((_, index) => index)): Uint8Array {
  const tree = (element: string, content: string) =>
    `<p:${element} xmlns:p="p" xmlns:a="a"><p:cSld><p:spTree>${content}</p:spTree></p:cSld></p:${element}>`;
  const parts: Record<string, string> = {
    ...packageParts('ppt/presentation.xml'),
    'ppt/presentation.xml': `<p:presentation xmlns:p="p" xmlns:r="r"><p:sldIdLst>${order
      .map((slide, index) => `<p:sldId id="${256 + index}" r:id="rId${slide + 1}"/>`)
      .join('')}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relationships(
      Object.fromEntries(
        slides.map((_, index) => [`rId${index + 1}`, ['slide', `slides/slide${index + 1}.xml`] as const]),
      ),
    ),
  };
  for (const [index, { shapes, notes }] of slides.entries()) {
    parts[`ppt/slides/slide${index + 1}.xml`] = tree('sld', shapes);
    if (notes === undefined) continue;
    parts[`ppt/slides/_rels/slide${index + 1}.xml.rels`] = relationships({
      rId1: ['notesSlide', `../notesSlides/notesSlide${index + 1}.xml`],
    });
    parts[`ppt/notesSlides/notesSlide${index + 1}.xml`] = tree('notes', notes);
  }
  return zipOf(parts);
}

/** A shape with paragraphs; `type` is its placeholder. */
export function shapeOf(paragraphs: readonly string[], type?: string): string {
  const placeholder = type === undefined ? '' : `<p:nvSpPr><p:nvPr><p:ph type="${type}"/></p:nvPr></p:nvSpPr>`;
  const text = paragraphs.map(paragraph => `<a:p><a:r><a:t>${paragraph}</a:t></a:r></a:p>`).join('');
  return `<p:sp>${placeholder}<p:txBody>${text}</p:txBody></p:sp>`;
}

/** Text at a place on an A4 page: `x` and `y` in points from the bottom left corner. */
export interface PdfText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** @default 10 */
  readonly size?: number;
}

/** A PDF with a page for each list of texts, in Helvetica; what is not Latin-1 is given by a map to Unicode. */
export function pdfOf(pages: readonly (readonly PdfText[])[], title?: string): Uint8Array {
  const objects: string[] = [];
  const add = (content: string) => objects.push(content);
  const characters = [...new Set(pages.flat().flatMap(({ text }) => Array.from(text)))].filter(isBeyondLatin1);
  add('<< /Type /Catalog /Pages 2 0 R >>');
  const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(' ');
  add(`<< /Type /Pages /Count ${pages.length} /Kids [${kids}] >>`);
  const toUnicode = characters.length > 0 ? ` /ToUnicode ${4 + pages.length * 2} 0 R` : '';
  add(`<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding${toUnicode} >>`);
  for (const [index, texts] of pages.entries()) {
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${5 + index * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
    );
    const content = texts.map(
      ({ text, x, y, size = 10 }) =>
        `BT /F1 ${size} Tf 1 0 0 1 ${x} ${y} Tm (${escapePdf(inBytes(text, characters))}) Tj ET`,
    );
    const stream = content.join('\n');
    add(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
  }
  if (characters.length > 0) add(unicodeMap(characters));
  const info = title === undefined ? '' : ` /Info ${add(`<< /Title (${escapePdf(title)}) >>`)} 0 R`;
  let file = '%PDF-1.4\n';
  const offsets = objects.map((content, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${content}\nendobj\n`;
    return offset;
  });
  const start = file.length;
  const table = offsets.map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R${info} >>\nstartxref\n${start}\n%%EOF\n`;
  return Uint8Array.from(file, character => character.charCodeAt(0));
}

const isBeyondLatin1 = (character: string) => character.charCodeAt(0) > 0xff;
/** Bytes from here on stand for the characters beyond Latin-1. */
const firstCode = 0xb0;

const inBytes = (text: string, characters: readonly string[]) =>
  Array.from(text, character =>
    isBeyondLatin1(character) ? String.fromCharCode(firstCode + characters.indexOf(character)) : character,
  ).join('');

function unicodeMap(characters: readonly string[]): string {
  const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');
  const lines = characters.map(
    (character, index) => `<${hex(firstCode + index, 2)}> <${hex(character.charCodeAt(0), 4)}>`,
  );
  const map = [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Test def /CMapType 2 def',
    '1 begincodespacerange <00> <ff> endcodespacerange',
    `${lines.length} beginbfchar ${lines.join(' ')} endbfchar`,
    'endcmap end end',
  ].join('\n');
  return `<< /Length ${map.length} >>\nstream\n${map}\nendstream`;
}

const escapePdf = (text: string) => text.replace(/[\\()]/g, '\\$&');

/** Lines of one paragraph below one another. */
export const linesAt = (x: number, top: number, lines: readonly string[], size = 10): PdfText[] =>
  lines.map((text, index) => ({ text, x, y: top - index * size * 1.2, size }));
