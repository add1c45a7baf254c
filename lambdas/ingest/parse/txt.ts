import { BlockList, type ParsedDocument, type Source } from './block.ts';
import { decodeText } from './decode-text.ts';

/** Plain text: paragraphs are what blank lines and form feeds part; other line breaks stay. */
export function read({ bytes }: Source): ParsedDocument {
  const list = new BlockList();
  const text = decodeText(bytes).text.replace(/\r\n?/g, '\n');
  for (const paragraph of text.split(/\n[^\S\n]*\n|\f/)) list.add({ kind: 'paragraph', text: paragraph, place: {} });
  return { blocks: list.blocks };
}
