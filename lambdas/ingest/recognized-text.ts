import type { RecognizedLine } from '../ports.ts';
import type { Block } from './parse/block.ts';

/** Lines further apart than this many times their height are of two paragraphs. */
const paragraphGap = 0.8;

/** Lines of recognized pages as paragraphs, parted by the space between them and by pages. Columns are not told apart. */
export async function* pageBlocks(parts: AsyncIterable<readonly RecognizedLine[]>): AsyncGenerator<Block[]> {
  let paragraph: RecognizedLine[] = [];
  for await (const lines of parts) {
    const blocks: Block[] = [];
    for (const line of lines) {
      const last = paragraph.at(-1);
      if (last && isApart(last, line)) {
        blocks.push(blockOf(paragraph));
        paragraph = [];
      }
      paragraph.push(line);
    }
    yield blocks;
  }
  if (paragraph.length > 0) yield [blockOf(paragraph)];
}

function isApart(above: RecognizedLine, below: RecognizedLine): boolean {
  if (above.page !== below.page) return true;
  const gap = below.top - (above.top + above.height);
  return gap > paragraphGap * Math.max(above.height, below.height);
}

/** A word that is parted at the end of a line is put together again. */
function blockOf(lines: readonly RecognizedLine[]): Block {
  const text = lines
    .map(({ text: line }) => line)
    .join('\n')
    .replace(/(\p{L})-\n(\p{Ll})/gu, '$1$2');
  return { kind: 'paragraph', text, place: { page: lines[0]?.page ?? 1 } };
}
