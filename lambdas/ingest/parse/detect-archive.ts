import type { Format } from './detect.ts';
import { mainPart } from './ooxml.ts';
import { notSupported, unreadable } from './unreadable.ts';
import { ZipArchive } from './zip.ts';

/** By the `mimetype` entry that OpenDocument and EPUB begin with; templates are read like documents. */
const openDocuments: readonly (readonly [type: string, format: Format])[] = [
  ['application/epub+zip', 'epub'],
  ['application/vnd.oasis.opendocument.text', 'odt'],
  ['application/vnd.oasis.opendocument.spreadsheet', 'ods'],
  ['application/vnd.oasis.opendocument.presentation', 'odp'],
];

/**
 * Tells the formats apart that are ZIP archives, by what is in them.
 * @throws UnreadableDocument corrupt-file, unsupported-format
 */
export function detectArchiveFormat(bytes: Uint8Array): Format {
  const archive = new ZipArchive(bytes);
  return openFormat(archive) ?? officeFormat(archive);
}

function openFormat(archive: ZipArchive): Format | undefined {
  const type = new TextDecoder().decode(archive.bytesOf('mimetype', 200)).trim();
  const known = openDocuments.find(([name]) => type === name || type.startsWith(`${name}-`))?.[1];
  if (known) return known;
  if (type.startsWith('application/vnd.oasis.opendocument.')) throw notSupported('an OpenDocument drawing or database');
  return archive.has('META-INF/container.xml') ? 'epub' : undefined;
}

function officeFormat(archive: ZipArchive): Format {
  const part = archive.has('_rels/.rels') ? mainPart(archive) : undefined;
  const folder = part?.split('/')[0];
  if (folder === 'word' || archive.has('word/document.xml')) return 'docx';
  if (folder === 'ppt' || archive.has('ppt/presentation.xml')) return 'pptx';
  if (part?.endsWith('.xlsb')) throw notSupported('a binary Excel workbook (.xlsb)');
  if (folder === 'xl' || archive.has('xl/workbook.xml')) return 'xlsx';
  if (archive.has('[Content_Types].xml')) throw unreadable('corrupt-file', 'the document inside it');
  if (archive.has('Index/Document.iwa') || archive.has('Index.zip')) {
    throw notSupported('an Apple Pages, Numbers or Keynote document');
  }
  throw unreadable(
    'unsupported-format',
    'The file is an archive (ZIP), not a document. Unpack it and upload the files in it one by one.',
  );
}
