import { CompoundFile } from './compound-file.ts';
import { detectArchiveFormat } from './detect-archive.ts';
import { detectTextFormat } from './detect-text.ts';
import { notSupported, unreadable } from './unreadable.ts';

export type Format =
  | 'txt'
  | 'md'
  | 'html'
  | 'csv'
  | 'json'
  | 'xml'
  | 'yaml'
  | 'subtitles'
  | 'ipynb'
  | 'code'
  | 'eml'
  | 'rtf'
  | 'pdf'
  | 'docx'
  | 'pptx'
  | 'xlsx'
  | 'odt'
  | 'ods'
  | 'odp'
  | 'epub'
  | 'doc'
  | 'xls'
  | 'ppt'
  | 'msg';

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

/**
 * Decides the format by what the file holds: magic bytes, then the structure of an archive, then, for text, its
 * structure and the extension.
 * @throws UnreadableDocument empty-file, unsupported-format, encrypted, corrupt-file
 */
export function detectFormat(bytes: Uint8Array, key: string): Format {
  if (bytes.length === 0) throw unreadable('empty-file');
  if (isPdf(bytes)) return 'pdf';
  if (startsWith(bytes, ascii('PK\x03\x04')) || startsWith(bytes, ascii('PK\x05\x06')))
    return detectArchiveFormat(bytes);
  if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0])) return legacyFormat(bytes);
  const other = hasControls(bytes) ? foreign.find(({ starts }) => startsWith(bytes, starts)) : undefined;
  if (other) throw notSupported(other.what);
  if (startsWith(bytes, ascii('{\\rtf'))) return 'rtf';
  const text = detectTextFormat(bytes, key);
  if (!text) throw notSupported('a binary file of an unknown kind');
  return text;
}

/** The header stands within the first 1,024 bytes. Behind other text it counts only when the file ends like a PDF. */
function isPdf(bytes: Uint8Array): boolean {
  const at = indexOf(bytes.subarray(0, 1_024), ascii('%PDF-'));
  if (at < 0) return false;
  const isBlank = bytes.subarray(0, at).every(byte => byte <= 0x20);
  return isBlank || indexOf(bytes.subarray(-2_048), ascii('%%EOF')) >= 0;
}

/** Every binary format has some near its start; a text that happens to begin like one has none. */
const hasControls = (bytes: Uint8Array) => bytes.subarray(0, 512).some(byte => byte < 9 || (byte > 13 && byte < 0x20));

/** The old Office container: its streams tell what is inside. */
function legacyFormat(bytes: Uint8Array): Format {
  const file = new CompoundFile(bytes);
  if (file.has('EncryptedPackage')) throw unreadable('encrypted');
  const known = streams.find(([name]) => file.has(name))?.[1];
  if (known) return known;
  throw notSupported('an old Office file of an unknown kind');
}

const streams: readonly (readonly [name: string, format: Format])[] = [
  ['WordDocument', 'doc'],
  ['PowerPoint Document', 'ppt'],
  ['Workbook', 'xls'],
  ['Book', 'xls'],
  ['__properties_version1.0', 'msg'],
];

function ascii(text: string): number[] {
  return Array.from(text, character => character.charCodeAt(0));
}

const startsWith = (bytes: Uint8Array, starts: readonly (number | undefined)[]) =>
  starts.every((byte, index) => byte === undefined || bytes[index] === byte);

const indexOf = (bytes: Uint8Array, wanted: readonly number[]) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(Buffer.from(wanted));
