import { decodeText } from './decode-text.ts';
import { mainPart } from './ooxml.ts';
import { unreadable } from './unreadable.ts';
import { ZipArchive } from './zip.ts';

export type Format = 'txt' | 'md' | 'html' | 'csv' | 'json' | 'xml' | 'pdf' | 'docx' | 'pptx' | 'xlsx';

/** Extensions that choose among text formats. Any other text is plain text. */
const textFormats: Readonly<Record<string, Format>> = {
  txt: 'txt',
  text: 'txt',
  log: 'txt',
  md: 'md',
  markdown: 'md',
  mdx: 'md',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  xml: 'xml',
};

/** What the start of a file gives away, of formats that are not read. */
const foreign: readonly { readonly what: string; readonly starts: readonly (number | undefined)[] }[] = [
  { what: 'a program', starts: ascii('MZ') },
  { what: 'a program', starts: ascii('\x7fELF') },
  { what: 'a picture', starts: ascii('\x89PNG') },
  { what: 'a picture', starts: [0xff, 0xd8, 0xff] },
  { what: 'a picture', starts: ascii('GIF8') },
  { what: 'a picture', starts: [0x49, 0x49, 0x2a, 0x00] },
  { what: 'a picture', starts: [0x4d, 0x4d, 0x00, 0x2a] },
  { what: 'a picture, sound or film', starts: ascii('RIFF') },
  { what: 'a picture or film', starts: [undefined, undefined, undefined, undefined, ...ascii('ftyp')] },
  { what: 'a sound', starts: ascii('ID3') },
  { what: 'a sound', starts: ascii('OggS') },
  { what: 'a compressed archive', starts: [0x1f, 0x8b] },
  { what: 'a compressed archive', starts: ascii('7z\xbc\xaf') },
  { what: 'a compressed archive', starts: ascii('Rar!') },
  { what: 'a compressed archive', starts: ascii('BZh') },
  { what: 'a compressed archive', starts: ascii('\xfd7zXZ') },
  { what: 'a database', starts: ascii('SQLite format 3') },
];

const supported = 'PDF, Word (.docx), PowerPoint (.pptx), Excel (.xlsx), HTML, Markdown, CSV, JSON, XML or plain text';

/**
 * Decides the format by what the file holds: magic bytes, then the structure of an archive, then, for text, its first
 * element or the extension.
 * @throws UnreadableDocument empty-file, unsupported-format, encrypted, corrupt-file
 */
export function detectFormat(bytes: Uint8Array, key: string): Format {
  if (bytes.length === 0) throw unreadable('empty-file');
  if (indexOf(bytes.subarray(0, 1_024), ascii('%PDF-')) >= 0) return 'pdf';
  if (startsWith(bytes, ascii('PK\x03\x04')) || startsWith(bytes, ascii('PK\x05\x06'))) return officeFormat(bytes);
  if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0])) throw legacyOffice(bytes);
  const other = foreign.find(({ starts }) => startsWith(bytes, starts));
  if (other) throw notSupported(other.what);
  if (startsWith(bytes, ascii('{\\rtf'))) throw notSupported('a rich text file (RTF)');
  return textFormat(bytes, key);
}

function officeFormat(bytes: Uint8Array): Format {
  const archive = new ZipArchive(bytes);
  const part = archive.has('_rels/.rels') ? mainPart(archive) : undefined;
  const folder = part?.split('/')[0];
  if (folder === 'word' || archive.has('word/document.xml')) return 'docx';
  if (folder === 'ppt' || archive.has('ppt/presentation.xml')) return 'pptx';
  if (part?.endsWith('.xlsb')) throw notSupported('a binary Excel workbook (.xlsb)');
  if (folder === 'xl' || archive.has('xl/workbook.xml')) return 'xlsx';
  if (archive.has('[Content_Types].xml')) throw unreadable('corrupt-file', 'the document inside it');
  throw unreadable(
    'unsupported-format',
    'The file is an archive (ZIP), not a document. Unpack it and upload the files in it one by one.',
  );
}

/** The old Office container. Its directory names streams in UTF-16: they tell what is inside. */
function legacyOffice(bytes: Uint8Array): Error {
  const holds = (stream: string) => indexOf(bytes, utf16(stream)) >= 0;
  if (holds('EncryptedPackage')) return unreadable('encrypted');
  if (holds('WordDocument')) return saveAs('an old Word document (.doc)', '.docx');
  if (holds('PowerPoint Document')) return saveAs('an old PowerPoint presentation (.ppt)', '.pptx');
  if (holds('Workbook') || holds('Book')) return saveAs('an old Excel workbook (.xls)', '.xlsx');
  if (holds('__substg1.0_')) return saveAs('an Outlook message (.msg)', '.html or .txt');
  return notSupported('an old Office file of an unknown kind');
}

function textFormat(bytes: Uint8Array, key: string): Format {
  const { text } = decodeText(bytes.subarray(0, 64 * 1024));
  if (isBinary(text)) throw notSupported('a binary file of an unknown kind');
  const known = textFormats[extensionOf(key)];
  if (known) return known;
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]{0,2000}?-->\s*)?<(!doctype html|html)[\s>]/i.test(text)) return 'html';
  return /^\s*<\?xml\s/.test(text) ? 'xml' : 'txt';
}

/** Text has next to no control characters. NULs are counted apart: they come between words in exports of old programs. */
function isBinary(text: string): boolean {
  let controls = 0;
  let nuls = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0) nuls++;
    else if (
      (code < 0x20 && !(code >= 9 && code <= 13) && code !== 0x1b) ||
      (code >= 0x7f && code < 0xa0) ||
      code === 0xfffd
    )
      controls++;
  }
  return controls > text.length * 0.05 + 2 || nuls > text.length * 0.25;
}

/** Lower case, without the dot; empty when the name has none. */
function extensionOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
}

const notSupported = (what: string) =>
  unreadable('unsupported-format', `The file is ${what}, which cannot be read. Upload it as ${supported}.`);
const saveAs = (what: string, extension: string) =>
  unreadable(
    'unsupported-format',
    `The file is ${what}, which cannot be read. Save it as ${extension} and upload that.`,
  );

function ascii(text: string): number[] {
  return Array.from(text, character => character.charCodeAt(0));
}

const utf16 = (text: string) => ascii(text).flatMap(code => [code, 0]);

const startsWith = (bytes: Uint8Array, starts: readonly (number | undefined)[]) =>
  starts.every((byte, index) => byte === undefined || bytes[index] === byte);

const indexOf = (bytes: Uint8Array, wanted: readonly number[]) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(Buffer.from(wanted));
