import { type Block, BlockList, type ParsedDocument, type Source, type TextReader } from './block.ts';
import { decodeText } from './decode-text.ts';

/** Plain text: paragraphs are what blank lines and form feeds part; other line breaks stay. */
export function read({ bytes }: Source): ParsedDocument {
  const list = new BlockList();
  const reader = new ParagraphReader();
  const text = decodeText(bytes).text.replace(/\r\n?/g, '\n');
  for (const block of [...reader.write(text), ...reader.end()]) list.add(block);
  return { blocks: list.blocks };
}

export const streamReader = (): TextReader => new ParagraphReader();

/** A paragraph of more than twice this many characters, as logs are, is parted at line breaks. */
const longParagraph = 100_000;

class ParagraphReader implements TextReader {
  /** What may go on. */
  #rest = '';

  write(text: string): Block[] {
    const paragraphs = (this.#rest + text).split(/\n[^\S\n\f]*\n|\f/);
    this.#rest = paragraphs.pop() ?? '';
    const blocks = paragraphs.flatMap(paragraph => {
      const { parts, rest } = partsOf(paragraph);
      return [...parts, rest].map(toBlock);
    });
    const { parts, rest } = partsOf(this.#rest);
    this.#rest = rest;
    return [...blocks, ...parts.map(toBlock)];
  }

  end(): Block[] {
    return [toBlock(this.#rest)];
  }
}

const toBlock = (text: string): Block => ({ kind: 'paragraph', text, place: {} });

function partsOf(paragraph: string): { parts: string[]; rest: string } {
  const parts: string[] = [];
  let start = 0;
  while (paragraph.length - start > 2 * longParagraph) {
    const end = cutBefore(paragraph, start, start + longParagraph);
    parts.push(paragraph.slice(start, end));
    start = end;
  }
  return { parts, rest: paragraph.slice(start) };
}

/** After the last line break before `limit`, else after the last space, else between two characters. */
function cutBefore(text: string, start: number, limit: number): number {
  const line = text.lastIndexOf('\n', limit - 1);
  if (line > start) return line + 1;
  const space = text.lastIndexOf(' ', limit - 1);
  if (space > start) return space + 1;
  return /[\uDC00-\uDFFF]/.test(text.charAt(limit)) ? limit - 1 : limit;
}
