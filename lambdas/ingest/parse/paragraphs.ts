import type { BlockList } from './block.ts';

/** Adds running text: paragraphs are what blank lines and form feeds part; other line breaks stay. */
export function addParagraphs(list: BlockList, text: string): void {
  for (const paragraph of text.replace(/\r\n?/g, '\n').split(/\n[^\S\n]*\n|\f/)) {
    list.add({ kind: 'paragraph', text: paragraph, place: {} });
  }
}
