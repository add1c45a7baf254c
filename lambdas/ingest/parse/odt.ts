import { BlockList, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { readOdfTitle, scanContent } from './odf.ts';
import { OdfText } from './odf-text.ts';
import { ZipArchive } from './zip.ts';

/** OpenDocument text: body in order, with text boxes, tables, and the notes below the paragraph that refers to them. */
export function read({ bytes }: Source): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const reader = new OdfText(new BlockList());
  scanContent(archive, reader);
  const { blocks } = reader.list;
  const heading = blocks.find(block => block.kind === 'heading' && block.level === 1);
  const title = readOdfTitle(archive) ?? sensibleTitle(reader.title) ?? sensibleTitle(heading?.text);
  return title ? { title, blocks } : { blocks };
}
