import { BlockList, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { decodeText } from './decode-text.ts';
import { declaredCharset, readHtml } from './html.ts';
import { resolvePart } from './ooxml.ts';
import { unreadable } from './unreadable.ts';
import { scanPart } from './xml.ts';
import { ZipArchive } from './zip.ts';

/** E-books: the chapters of the spine in reading order. @throws UnreadableDocument encrypted for a book under DRM */
export function read({ bytes, signal }: Source): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const { title, chapters } = readPackage(archive, packagePart(archive));
  const locked = lockedParts(archive);
  if (chapters.some(part => locked.has(part))) throw unreadable('encrypted');
  const list = new BlockList();
  for (const part of chapters) {
    signal?.throwIfAborted();
    const chapter = archive.bytesOf(part);
    if (!chapter) continue;
    for (const block of readHtml(decodeText(chapter, declaredCharset(chapter)).text).blocks) list.add(block);
  }
  const named = sensibleTitle(title) ?? sensibleTitle(list.blocks.find(block => block.level === 1)?.text);
  return named ? { title: named, blocks: list.blocks } : { blocks: list.blocks };
}

function packagePart(archive: ZipArchive): string {
  let part: string | undefined;
  scanPart(archive, 'META-INF/container.xml', {
    open(name, attributes) {
      if (name === 'rootfile') part ??= attributes['full-path'];
    },
  });
  if (part === undefined) throw unreadable('corrupt-file', 'the table of contents inside it');
  return part;
}

/** The title, and the parts of the spine. Places in the manifest are relative to the package's folder, and URL-encoded. */
function readPackage(archive: ZipArchive, part: string): { title: string; chapters: string[] } {
  const folder = part.slice(0, part.lastIndexOf('/') + 1);
  const items = new Map<string, string>();
  const spine: string[] = [];
  let title = '';
  let inTitle = false;
  const found = scanPart(archive, part, {
    open(name, { id = '', href = '', idref = '', properties = '' }) {
      inTitle = name === 'title' && title === '';
      if (name === 'item' && !/\bnav\b/.test(properties)) items.set(id, resolvePart(folder, decodePath(href)));
      else if (name === 'itemref') spine.push(idref);
    },
    close() {
      inTitle = false;
    },
    text(piece) {
      if (inTitle) title += piece;
    },
  });
  if (!found) throw unreadable('corrupt-file', 'the list of chapters inside it');
  const chapters = spine.map(id => items.get(id)).filter(chapter => chapter !== undefined);
  return { title, chapters: [...new Set(chapters)] };
}

/** A stray percent sign stays what it is. */
function decodePath(href: string): string {
  const path = href.split('#')[0] ?? '';
  return path.replace(/(%[0-9a-f]{2})+/gi, bytes => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** Parts that the reader's key unlocks; fonts are only obfuscated, which hinders nobody here. */
function lockedParts(archive: ZipArchive): Set<string> {
  const parts = new Set<string>();
  scanPart(archive, 'META-INF/encryption.xml', {
    open(name, { URI: part }) {
      if (name === 'CipherReference' && part) parts.add(decodePath(part));
    },
  });
  return parts;
}
